"""The back office's pages of call files and the quarantine."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.staff import FrozenAdmin, list_link, record_action
from conferences.models import CallFile, QuarantinedRecord
from conferences.records import intake

#: How many records one click takes in again: each is judged by itself.
AT_ONCE = 200


@admin.register(CallFile)
class CallFileAdmin(FrozenAdmin):
    list_display = [
        "name", "received_at", "records", "accepted", "duplicates", "in_quarantine",
        "recording_nodes", "rejected_attempts",
    ]  # fmt: skip
    ordering = ["-pk"]  # as they came; the key has an index
    search_fields = ["name", "sha256__exact"]
    readonly_fields = ["records", "in_quarantine"]
    fields = [*list_display, "finished_at", "sha256"]

    @admin.display(description=_("records"))
    def records(self, call_file):
        return call_file.records

    @admin.display(description=_("quarantined"))
    def in_quarantine(self, call_file):
        if call_file.quarantined == 0:
            return call_file.quarantined
        return list_link(
            call_file.quarantined, QuarantinedRecord, call_file__id__exact=call_file.pk, state="all"
        )


class StateFilter(admin.SimpleListFilter):
    """Records that wait for their cause to be mended, or those that were taken in since."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("released", _("Taken in since")), ("all", _("All"))]

    def choices(self, changelist):
        waiting, *others = super().choices(changelist)
        return [{**waiting, "display": _("Waiting")}, *others]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset.waiting()
            case "released":
                return queryset.exclude(released_at=None)
        return queryset


@admin.register(QuarantinedRecord)
class QuarantinedRecordAdmin(FrozenAdmin):
    list_display = ["quarantined_at", "reason", "short_detail", "call_file", "position"]
    list_filter = [StateFilter, "reason"]
    list_select_related = ["call_file"]
    date_hierarchy = "quarantined_at"
    search_fields = ["external_id__exact", "detail", "call_file__name__exact"]
    actions = ["take_in_again"]
    fields = [
        "reason", "detail", "call_file", "position", "bridge", "external_id", "quarantined_at",
        "released_at", "record",
    ]  # fmt: skip

    @admin.display(description=_("detail"), ordering="detail")
    def short_detail(self, record):
        return Truncator(record.detail).chars(80)

    @admin.display(description=_("record as it came"))
    def record(self, record):
        return format_html("<pre>{}</pre>", record.raw)

    def has_retry_permission(self, request):
        return request.user.has_perm("conferences.change_quarantinedrecord")

    @admin.action(description=_("Take in again"), permissions=["retry"])
    def take_in_again(self, request, queryset):
        """Try each record once more, now that its cause may be mended; at most AT_ONCE."""
        waiting = list(queryset.waiting().select_related("call_file")[:AT_ONCE])
        for record in waiting:
            intake.retry(record, now=timezone.now())
            record_action(request, "took in again", record)
        kept = queryset.waiting().filter(pk__in=[record.pk for record in waiting]).count()
        taken = len(waiting) - kept
        if taken:
            words = ngettext("%d record was taken in.", "%d records were taken in.", taken)
            self.message_user(request, words % taken, messages.SUCCESS)
        if kept:
            words = ngettext(
                "%d record stays in quarantine; its reason is shown.",
                "%d records stay in quarantine; their reasons are shown.",
                kept,
            )
            self.message_user(request, words % kept, messages.WARNING)
