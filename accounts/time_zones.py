"""The time zones that people choose from."""

import functools
import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

#: The parts of the world whose zones are named by a city; other names are for old programs.
REGIONS = [
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
]  # fmt: skip


@functools.cache
def names():
    """Read the names once: finding them opens every file of the time zone database."""
    return frozenset(zoneinfo.available_timezones())


def time_zone_select(current):
    """Return the widget to choose a zone with, by region; `current` is there whatever it is."""
    groups = [(region, _cities_of(region)) for region in REGIONS]
    listed = {name for _region, zones in groups for name, _city in zones}
    others = [(name, name) for name in sorted({"UTC", current} - listed)]
    return forms.Select(choices=[*groups, (_("Other"), others)])


def _cities_of(region):
    of_region = sorted(name for name in names() if name.startswith(f"{region}/"))
    return [(name, name.partition("/")[2].replace("_", " ")) for name in of_region]
