"""The PDFs and the e-bills: what is done, and what still waits and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.staff import FrozenAdmin
from billing.models import BillDelivery, BillDocument


@admin.register(BillDocument)
class BillDocumentAdmin(FrozenAdmin):
    list_display = ["bill", "account", "made_at", "size", "tries", "last_error"]
    list_filter = [("made_at", admin.EmptyFieldListFilter)]
    list_select_related = ["bill__account"]
    ordering = ["-pk"]
    search_fields = ["bill__account_number__exact"]
    fields = ["bill", "account", "made_at", "size", "sha256", "tries", "last_error"]

    @admin.display(description=_("account"))
    def account(self, document):
        return document.bill.account


@admin.register(BillDelivery)
class BillDeliveryAdmin(FrozenAdmin):
    list_display = ["bill", "account", "email", "state", "tries", "next_try_at", "sent_at"]
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
        return delivery.bill.account
