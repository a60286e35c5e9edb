"""The pages of the Conference Manager."""

from conferences.views.conferences import conference_edit, conference_list, conference_view
from conferences.views.live import live_call_out, live_order, live_people, live_view

__all__ = [
    "conference_edit",
    "conference_list",
    "conference_view",
    "live_call_out",
    "live_order",
    "live_people",
    "live_view",
]
