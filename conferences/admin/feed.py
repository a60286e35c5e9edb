"""The back office's pages of call files, reports of channels, and the quarantine."""

from django.contrib import admin, messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.staff import FrozenAdmin, list_link, record_action
from conferences.admin.source import source_of
from conferences.models import CallFile, ChannelReport, QuarantinedRecord
from conferences.records import intake, raw

#: How many records one click takes in again: each is judged by itself.
AT_ONCE = 200


@admin.register(CallFile)
class CallFileAdmin(FrozenAdmin):
    list_display = [
        "name", "received_at", "records", "accepted", "duplicates", "in_quarantine",
        "recording_nodes", "rejected_attempts", "other_calls",
    ]  # fmt: skip
    ordering = ["-pk"]  # as they came; the key has an index
    search_fields = ["name", "sha256__exact"]
    readonly_fields = ["records", "in_quarantine", "as_it_came"]
    fields = [*list_display, "finished_at", "sha256", "as_it_came"]

    def get_urls(self):
        content = self.admin_site.admin_view(self.content_view)
        name = "conferences_callfile_content"
        return [path("<int:pk>/content/", content, name=name), *super().get_urls()]

    def content_view(self, request, pk):
        """Hand out the file as it came, or say why that cannot be."""
        call_file = self.get_object(request, str(pk))
        if call_file is None or not self.has_view_permission(request, call_file):
            raise Http404
        try:
            content = raw.copy_of(call_file)
        except raw.NotKept as lacking:
            self.message_user(request, str(lacking), messages.ERROR)
            return redirect("admin:conferences_callfile_change", call_file.pk)
        record_action(request, "downloaded", call_file)
        return FileResponse(
            content,
            as_attachment=True,
            filename=call_file.name,
            content_type="application/octet-stream",
        )

    @admin.display(description=_("file as it came"))
    def as_it_came(self, call_file):
        url = reverse("admin:conferences_callfile_content", args=[call_file.pk])
        return format_html('<a href="{}">{}</a>', url, _("Download"))

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


@admin.register(ChannelReport)
class ChannelReportAdmin(FrozenAdmin):
    list_display = ["channel", "started_at", "ended_at", "caller_number", "hangup_cause"]
    search_fields = ["channel__exact", "conference_uuid__exact"]
    search_help_text = _("Host and id of the channel (bridge1/…), or id of the conference")
    fields = [
        "channel", "conference_name", "conference_uuid", "caller_number", "dialled_number",
        "is_outbound", "started_at", "answered_at", "ended_at", "hangup_cause", "q850_cause",
        "disposition", "pin_reference", "billing_code", "call_file", "position", "record",
    ]  # fmt: skip
    readonly_fields = ["record"]

    @admin.display(description=_("record as it came"))
    def record(self, report):
        return source_of(report)


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
