"""Collections from cards and bank accounts, with every try."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.staff import FrozenAdmin, FrozenInline, account_link
from billing.admin.amounts import amount_column
from billing.models import Attempt, Collection


class AttemptInline(FrozenInline):
    model = Attempt
    fields = ["number", "started_at", "state", "code", "decline_code", "charge_id"]


@admin.register(Collection)
class CollectionAdmin(FrozenAdmin):
    list_display = ["bill", "account", "amount", "state", "flagged_at", "updated_at"]
    list_filter = ["state", ("flagged_at", admin.EmptyFieldListFilter)]
    list_select_related = ["bill__account"]
    ordering = ["-pk"]
    search_fields = ["intent_id__exact", "bill__account_number__exact"]
    fields = [
        "bill",
        "account",
        "amount",
        "state",
        "flagged_at",
        "intent_id",
        "generation",
        "updated_at",
    ]
    inlines = [AttemptInline]
    amount = amount_column("amount_cents", _("amount"))

    @admin.display(description=_("account"))
    def account(self, collection):
        return account_link(collection.bill)
