"""The PDFs and the e-bills: what is done, and what still waits and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.staff import DoneFilter, FrozenAdmin, account_link
from billing.models import BillDelivery, BillDocument


class MadeFilter(DoneFilter):
    title = _("state")
    parameter_name = "made_at"
    undone, done = _("Waiting"), _("Made")


@admin.register(BillDocument)
class BillDocumentAdmin(FrozenAdmin):
    list_display = ["bill", "account", "made_at", "size", "tries", "last_error"]
    list_filter = [MadeFilter]
    list_select_related = ["bill__account"]
    ordering = ["-pk"]
    search_fields = ["bill__account_number__exact"]
    fields = ["bill", "account", "made_at", "size", "sha256", "tries", "last_error"]

    @admin.display(description=_("account"))
    def account(self, document):
        return account_link(document.bill)


@admin.register(BillDelivery)
class BillDeliveryAdmin(FrozenAdmin):
    list_display = ["bill", "account", "email", "state", "tries", "sent_at"]
    list_filter = ["state"]
    list_select_related = ["bill__account"]
    ordering = ["-pk"]
    search_fields = ["email__startswith", "bill__account_number__exact"]
    fields = [
        "bill", "account", "user", "email", "state", "tries", "next_try_at", "sent_at",
        "message_id", "last_error",
    ]  # fmt: skip

    @admin.display(description=_("account"))
    def account(self, delivery):
        return account_link(delivery.bill)
