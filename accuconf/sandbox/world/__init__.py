"""A believable operator's world: twelve customers and fourteen months of their calls.

The same `until` always gives the same world. Calls come as the bridges' own files, customers as
the document of `manage.py import_customers`, so that both enter through the doors that a real
operator's data uses.
"""

import datetime as dt
from pathlib import Path

from accuconf.sandbox.world import files, recordings
from accuconf.sandbox.world.customers import document
from accuconf.sandbox.world.people import PASSWORD

__all__ = ["PASSWORD", "customers", "write_calls", "write_recordings"]


def customers(until: dt.date, stripe: dict[str, dict[str, str]]) -> dict:
    """Return the customers' document as of the day `until` (see the room `customers`).

    `stripe` gives the ids of card accounts: {number: {"customer": …, "payment_method": …}}.
    """
    return document(until, stripe)


def write_calls(folder: Path, until: dt.date) -> list[Path]:
    """Write the call records of the fourteen months before the day `until` began in UTC."""
    return files.write(folder, until)


def write_recordings(folder: Path, until: dt.date) -> list[Path]:
    """Write what was recorded of the latest calls, as the watched folder takes it."""
    return recordings.write(folder, until)
