"""The pages of the Conference Manager."""

from conferences.views.calls import (
    call_export_csv,
    call_export_excel,
    call_list,
    call_view,
)
from conferences.views.conferences import conference_list, conference_view

__all__ = [
    "call_export_csv",
    "call_export_excel",
    "call_list",
    "call_view",
    "conference_list",
    "conference_view",
]
