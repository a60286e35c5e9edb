#!/usr/bin/env python
"""The door for commands: `python manage.py COMMAND`, or `./portal COMMAND`."""

import os
import sys
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from accuconf.sandbox import servers


def main(arguments):
    """Run one command; in the sandbox its own servers run meanwhile, where none are given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accuconf.settings")
    try:
        own_servers = servers.running(settings.DATA_DIR) if settings.SANDBOX else nullcontext()
        with own_servers:
            execute_from_command_line(arguments)
    except (ImproperlyConfigured, servers.ServerUnavailable) as error:
        sys.exit(f"AccuConf cannot start: {error}")


if __name__ == "__main__":
    main(sys.argv)
