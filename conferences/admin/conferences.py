"""The back office's pages of conferences and dial-in numbers."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.staff import DoneFilter, FrozenInline, StaffAdmin, account_link
from conferences.models import Conference, DialInNumber, Pin
from conferences.services.pins import add_pin


@admin.register(DialInNumber)
class DialInNumberAdmin(StaffAdmin):
    list_display = ["number", "access_type", "label"]
    list_filter = ["access_type"]
    search_fields = ["number__startswith", "label"]
    may_be_deleted = True


class ClosedFilter(DoneFilter):
    title = _("state")
    parameter_name = "closed_at"
    undone, done = _("Open"), _("Closed")


class PinInline(FrozenInline):
    """The PINs, masked; to see one is for the customer, whose audit log says who did."""

    model = Pin
    fields = ["kind", "masked", "holder_name", "created_at", "removed_at"]
    readonly_fields = ["masked"]

    @admin.display(description=_("PIN"))
    def masked(self, pin):
        return pin.masked


@admin.register(Conference)
class ConferenceAdmin(StaffAdmin):
    list_display = ["name", "number", account_link, "kind", "billing_code", "state"]
    list_filter = ["kind", ClosedFilter]
    list_select_related = ["account"]
    search_fields = ["number__startswith", "name", "account__number__exact"]
    autocomplete_fields = ["account"]
    inlines = [PinInline]
    frozen_fields = ["number", "account", "kind", "created_at"]
    readonly_fields = ["state"]
    fieldsets = [
        (None, {"fields": ["account", "number", "name", "kind", "billing_code"]}),
        (_("Options"), {"fields": [
            "records_automatically", "plays_entry_tones", "announces_names", "mutes_on_entry",
            "waits_for_moderator",
        ]}),
        (_("Times"), {"fields": ["state", "created_at", "closed_at"]}),
    ]  # fmt: skip

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:-1]

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            for kind in (Pin.Kind.MODERATOR, Pin.Kind.PARTICIPANT):
                add_pin(obj, kind, now=timezone.now())

    @admin.display(description=_("state"))
    def state(self, conference):
        return _("Closed") if conference.closed_at else _("Open")
