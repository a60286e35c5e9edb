"""The back office's page of channel events: what an Asterisk bridge told, under its channel's id.

A leg's id on the bridge begins with that id, so this is how staff come to the lines it was made of.
"""

from django.contrib import admin

from accounts.staff import FrozenAdmin
from conferences.models import ChannelEvent


@admin.register(ChannelEvent)
class ChannelEventAdmin(FrozenAdmin):
    list_display = ["at", "bridge", "unique_id", "kind", "user_event", "words", "channel_name"]
    list_select_related = ["call_file"]
    ordering = ["-pk"]  # as they came; the key has an index
    search_fields = ["unique_id__exact"]
    fields = [
        *list_display, "linked_id", "caller_name", "caller_number", "dialled_number", "extension",
        "app_name", "app_data", "user_field", "mixer", "technology", "hangup_cause", "call_file",
        "position",
    ]  # fmt: skip
