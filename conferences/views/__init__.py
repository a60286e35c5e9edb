"""The pages of the Conference Manager."""

from conferences.views.conferences import conference_list, conference_view

__all__ = ["conference_list", "conference_view"]
