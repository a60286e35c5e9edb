"""The back office's pages of held calls and their legs, down to the file each leg came in by."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.staff import FrozenAdmin, list_link
from conferences.admin.source import source_of
from conferences.models import Leg, Session


@admin.register(Session)
class SessionAdmin(FrozenAdmin):
    list_display = ["started_at", "ended_at", "conference", "bridge", "external_id", "legs"]
    list_select_related = ["conference"]
    ordering = ["-pk"]  # as they came; the key has an index
    search_fields = ["conference__number__exact", "external_id__exact"]
    search_help_text = _("Number of the conference, or the bridge's name for the call")
    fields = [*list_display, "keyed_code", "billing_code"]
    readonly_fields = ["legs"]

    @admin.display(description=_("legs"))
    def legs(self, session):
        return list_link(_("Legs"), Leg, session__id__exact=session.pk)


@admin.register(Leg)
class LegAdmin(FrozenAdmin):
    """The legs of one call or of one file, by pages; never all legs there are."""

    list_display = [
        "joined_at", "left_at", "seconds", "minutes", "caller_name", "caller_number",
        "dialled_number", "access_type", "is_moderator", "left_because", "came_in_by",
    ]  # fmt: skip
    list_per_page = 100
    ordering = ["joined_at", "pk"]
    list_select_related = ["call_file"]
    fields = [
        "session", "bridge", "external_id", *list_display[:-1], "pin", "came_in_by", "source",
    ]  # fmt: skip
    readonly_fields = ["minutes", "came_in_by", "source"]

    def has_module_permission(self, request):
        return False

    def get_queryset(self, request):
        legs = super().get_queryset(request)
        if request.resolver_match.url_name != "conferences_leg_changelist":
            return legs
        is_narrowed = {"session__id__exact", "call_file__id__exact"} & request.GET.keys()
        return legs if is_narrowed else legs.none()

    @admin.display(description=_("minutes"))
    def minutes(self, leg):
        return leg.minutes

    @admin.display(description=_("record"))
    def came_in_by(self, leg):
        """Lead to the file, and name which of its records the leg was."""
        url = reverse("admin:conferences_callfile_change", args=[leg.call_file_id])
        words = _("%(file)s, record %(position)d")
        words = words % {"file": leg.call_file.name, "position": leg.position}
        return format_html('<a href="{}">{}</a>', url, words)

    @admin.display(description=_("record as it came"))
    def source(self, leg):
        return source_of(leg)
