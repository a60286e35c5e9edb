"""The page of an account, with its plan, what it pays with and what it owes."""

from django.contrib import admin
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import AccountAdmin
from accounts.models import Account
from accounts.staff import list_link
from billing.admin.amounts import amount_column
from billing.admin.charges import FeeInline, TaxExemptionInline
from billing.admin.effect import ShowsEffect
from billing.models import AccountPlan, Bill, Book, Check, JournalEntry, Posting

admin.site.unregister(Account)


class AccountPlanInline(admin.TabularInline):
    """The rate plans of the account, each from a day on."""

    model = AccountPlan
    fields = ["plan", "starts_on"]
    ordering = ["-starts_on"]
    extra = 0
    min_num = 1
    can_delete = False


class OwnFeeInline(FeeInline):
    verbose_name = _("own monthly fee")
    verbose_name_plural = _("own monthly fees, beside those of its rate plan")


@admin.register(Account)
class BilledAccountAdmin(ShowsEffect, AccountAdmin):
    list_display = [*AccountAdmin.list_display, "balance"]
    inlines = [AccountPlanInline, OwnFeeInline, TaxExemptionInline]
    readonly_fields = [
        *AccountAdmin.readonly_fields, "balance", "card", "bills", "checks", "books",
    ]  # fmt: skip
    fieldsets = [
        *AccountAdmin.fieldsets[:-1],
        (
            _("More"),
            {
                "fields": [
                    "people",
                    "lines",
                    "balance",
                    "card",
                    "bills",
                    "checks",
                    "books",
                    "letters",
                    "log",
                ]
            },
        ),
    ]
    balance = amount_column("balance_cents", _("owes"))

    def touched_by(self, account):
        return Account.objects.filter(pk=account.pk)

    def get_queryset(self, request):
        owed = (
            Posting.objects.filter(entry__account=OuterRef("pk"), book=Book.RECEIVABLE)
            .values("entry__account")
            .annotate(cents=Sum("amount_cents"))
        )
        accounts = super().get_queryset(request).select_related("card")
        return accounts.annotate(balance_cents=Coalesce(Subquery(owed.values("cents")), 0))

    @admin.display(description=_("card or bank account"))
    def card(self, account):
        return account.card.label

    @admin.display(description=_("bills"))
    def bills(self, account):
        return list_link(_("Bills"), Bill, account__id__exact=account.pk)

    @admin.display(description=_("checks"))
    def checks(self, account):
        known = list_link(_("Checks"), Check, account__id__exact=account.pk)
        url = reverse("admin:billing_check_record", args=[account.pk])
        return format_html('{} · <a href="{}">{}</a>', known, url, _("Record a check"))

    @admin.display(description=_("books"))
    def books(self, account):
        return list_link(_("Journal"), JournalEntry, account__id__exact=account.pk)
