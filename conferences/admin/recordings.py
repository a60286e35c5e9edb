"""The back office's page of recordings: what there is of them, and the legal hold."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actors import actor_of
from accounts.staff import DoneFilter, FrozenAdmin
from conferences.models import Recording
from conferences.services import retention


class DeletedFilter(DoneFilter):
    title = _("state")
    parameter_name = "deleted_at"
    undone, done = _("Kept"), _("Deleted")


@admin.register(Recording)
class RecordingAdmin(FrozenAdmin):
    """Staff see that there is a recording and of what; to hear it is for the customer."""

    list_display = ["started_at", "conference", "seconds", "keep_until", "is_held", "deleted_at"]
    list_filter = ["is_held", DeletedFilter]
    list_select_related = ["conference"]
    date_hierarchy = "started_at"
    search_fields = [
        "conference__number__exact", "conference__account__number__exact", "external_id__exact",
    ]  # fmt: skip
    actions = ["hold", "release"]
    fields = [
        "conference", "session", "bridge", "external_id", "session_external_id", "started_at",
        "seconds", "content_type", "size", "sha256", "received_at", "keep_until", "is_held",
        "deleted_at",
    ]  # fmt: skip

    def has_hold_permission(self, request):
        return request.user.has_perm("conferences.change_recording")

    @admin.action(description=_("Hold: nobody can delete it"), permissions=["hold"])
    def hold(self, request, queryset):
        """Hold each that is still there, and say so of the others."""
        gone = 0
        for recording in queryset:
            try:
                retention.hold(recording, by=actor_of(request), now=timezone.now())
            except retention.RecordingGone:
                gone += 1
        held = len(queryset) - gone
        if held:
            words = ngettext("%d recording is held.", "%d recordings are held.", held)
            self.message_user(request, words % held, messages.SUCCESS)
        if gone:
            words = ngettext(
                "%d recording was deleted before.", "%d recordings were deleted before.", gone
            )
            self.message_user(request, words % gone, messages.WARNING)

    @admin.action(description=_("Release: let it end at its time"), permissions=["hold"])
    def release(self, request, queryset):
        for recording in queryset:
            retention.release(recording, by=actor_of(request), now=timezone.now())
        words = ngettext("%d recording is released.", "%d recordings are released.", len(queryset))
        self.message_user(request, words % len(queryset), messages.SUCCESS)
