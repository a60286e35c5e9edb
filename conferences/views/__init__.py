"""The pages of the Conference Manager."""

from conferences.views.conferences import conference_list, conference_view
from conferences.views.pin_lists import pin_add_many, pin_sheet
from conferences.views.pins import (
    pin_add,
    pin_remove,
    pin_replace,
    pin_restore,
    pin_reveal,
    pin_view,
)

__all__ = [
    "conference_list",
    "conference_view",
    "pin_add",
    "pin_add_many",
    "pin_remove",
    "pin_replace",
    "pin_restore",
    "pin_reveal",
    "pin_sheet",
    "pin_view",
]
