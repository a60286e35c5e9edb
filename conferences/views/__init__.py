"""The pages of the Conference Manager."""

from conferences.views.conferences import conference_list, conference_view
from conferences.views.recordings import (
    recording_audio,
    recording_delete,
    recording_download,
    recording_list,
    recording_view,
    recordings,
)

__all__ = [
    "conference_list",
    "conference_view",
    "recording_audio",
    "recording_delete",
    "recording_download",
    "recording_list",
    "recording_view",
    "recordings",
]
