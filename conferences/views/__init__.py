"""The pages of the Conference Manager."""

from conferences.views.calendar import calendar_view
from conferences.views.calls import call_export_csv, call_export_excel, call_list, call_view
from conferences.views.conferences import conference_edit, conference_list, conference_view
from conferences.views.dates import conference_cancel, conference_new, date_clear, date_edit
from conferences.views.invitations import invitation_cancel, invitation_list, invitation_send
from conferences.views.live import live_call_out, live_order, live_people, live_view
from conferences.views.pin_lists import pin_add_many, pin_sheet
from conferences.views.pins import (
    pin_add,
    pin_remove,
    pin_replace,
    pin_restore,
    pin_reveal,
    pin_view,
)
from conferences.views.recordings import (
    recording_audio,
    recording_delete,
    recording_download,
    recording_list,
    recording_view,
    recordings,
)

__all__ = [
    "calendar_view",
    "call_export_csv",
    "call_export_excel",
    "call_list",
    "call_view",
    "conference_cancel",
    "conference_edit",
    "conference_list",
    "conference_new",
    "conference_view",
    "date_clear",
    "date_edit",
    "invitation_cancel",
    "invitation_list",
    "invitation_send",
    "live_call_out",
    "live_order",
    "live_people",
    "live_view",
    "pin_add",
    "pin_add_many",
    "pin_remove",
    "pin_replace",
    "pin_restore",
    "pin_reveal",
    "pin_sheet",
    "pin_view",
    "recording_audio",
    "recording_delete",
    "recording_download",
    "recording_list",
    "recording_view",
    "recordings",
]
