"""The back office's pages of accounts and of the audit log."""

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, AuditEntry, Letter, Terms
from accounts.staff import (
    DoneFilter,
    FrozenAdmin,
    StaffAdmin,
    account_link,
    how_many,
    list_link,
)


class ClosedFilter(DoneFilter):
    title = _("state")
    parameter_name = "closed_on"
    undone, done = _("Active"), _("Closed")


@admin.register(Account)
class AccountAdmin(StaffAdmin):
    list_display = ["name", "number", "pays_by", "state", "people", "lines"]
    list_filter = ["terms", ClosedFilter]
    search_fields = ["number__startswith", "name"]
    frozen_fields = ["number", "currency", "activated_on"]
    readonly_fields = ["state", "people", "lines", "letters", "log"]
    fieldsets = [
        (None, {"fields": ["number", "name", "state", "activated_on", "billed_from", "closed_on"]}),
        (_("Address"), {"fields": [
            "address_line1", "address_line2", "city", "region", "postal_code", "country", "phone",
        ]}),
        (_("Billing"), {"fields": ["terms", "currency", "time_zone"]}),
        (_("Signing in"), {"fields": ["requires_second_factor"]}),
        (_("More"), {"fields": ["people", "lines", "letters", "log"]}),
    ]  # fmt: skip

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.fieldsets[:-1]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                people_count=how_many(Account, "users"), line_count=how_many(Account, "conferences")
            )
        )

    @admin.display(description=_("pays by"), ordering="terms")
    def pays_by(self, account):
        return _("Card") if account.terms == Terms.CARD else _("Check")

    @admin.display(description=_("state"))
    def state(self, account):
        return _("Closed") if account.closed_on else _("Active")

    @admin.display(description=_("users"))
    def people(self, account):
        users = Account._meta.get_field("users").related_model
        return list_link(account.people_count, users, account__id__exact=account.pk)

    @admin.display(description=_("conferences"))
    def lines(self, account):
        conferences = Account._meta.get_field("conferences").related_model
        return list_link(account.line_count, conferences, account__id__exact=account.pk)

    @admin.display(description=_("letters"))
    def letters(self, account):
        return list_link(_("What was written"), Letter, account__id__exact=account.pk)

    @admin.display(description=_("audit log"))
    def log(self, account):
        return list_link(_("What was done"), AuditEntry, account__id__exact=account.pk)


@admin.register(AuditEntry)
class AuditEntryAdmin(FrozenAdmin):
    list_display = ["at", "actor_label", "verb", "subject", account_link, "from_address"]
    list_select_related = ["account"]
    search_fields = ["actor_label", "subject", "account__number__exact"]
    date_hierarchy = "at"
    fields = [
        "at", "actor_label", "on_behalf_of", "verb", "subject", "account", "changes", "from_address"
    ]  # fmt: skip

    @admin.display(description=_("changes"))
    def changes(self, entry):
        names = sorted(entry.before.keys() | entry.after.keys())
        rows = ((name, entry.before.get(name, "–"), entry.after.get(name, "–")) for name in names)
        return format_html_join("", "<div>{}: {} → {}</div>", rows) or "–"


@admin.register(Letter)
class LetterAdmin(FrozenAdmin):
    list_display = ["kind", "email", account_link, "state", "tries", "sent_at", "last_error"]
    list_filter = ["state"]
    list_select_related = ["account"]
    ordering = ["-pk"]
    search_fields = ["email__startswith", "kind__exact", "account__number__exact"]
    fields = [
        "kind", "email", "account", "user", "state", "tries", "queued_at", "next_try_at", "sent_at",
        "message_id", "last_error",
    ]  # fmt: skip
