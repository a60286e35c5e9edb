"""Real parts for the tests: servers and a mail inbox, loaded by conftest.py."""
