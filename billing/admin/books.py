"""The books: append-only, so staff only look."""

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.money import Money
from accounts.staff import FrozenAdmin, FrozenInline, account_link
from billing.admin.ageing import ageing_csv, ageing_excel, ageing_view
from billing.admin.amounts import amount_column
from billing.admin.second_person import refund_link
from billing.models import Allocation, Book, JournalEntry, Posting


class PostingInline(FrozenInline):
    model = Posting
    fields = ["book", "amount"]

    @admin.display(description=_("amount"))
    def amount(self, posting):
        return Money(posting.amount_cents, posting.entry.currency)

    readonly_fields = ["amount"]


class AllocationInline(FrozenInline):
    fk_name = "entry"
    model = Allocation
    fields = ["bill", "amount", "allocated_at"]
    readonly_fields = ["amount"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("bill")

    @admin.display(description=_("amount"))
    def amount(self, allocation):
        return Money(allocation.amount_cents, allocation.entry.currency)


@admin.register(JournalEntry)
class JournalEntryAdmin(FrozenAdmin):
    list_display = ["reference", "booked_at", account_link, "kind", "amount", "memo"]
    list_filter = ["kind"]
    list_select_related = ["account"]
    ordering = ["-pk"]
    search_fields = ["reference__exact", "account__number__exact"]
    fields = ["reference", "account", "kind", "booked_at", "amount", "about", "memo", "give_back"]
    inlines = [PostingInline, AllocationInline]
    amount = amount_column("receivable_cents", _("to the account"))

    @admin.display(description=_("refund"))
    def give_back(self, entry):
        return refund_link(entry)

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("ageing/", wrap(ageing_view), name="billing_ageing"),
            path("ageing/csv/", wrap(ageing_csv), name="billing_ageing_csv"),
            path("ageing/excel/", wrap(ageing_excel), name="billing_ageing_excel"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        receivable = Posting.objects.filter(entry=OuterRef("pk"), book=Book.RECEIVABLE)
        entries = super().get_queryset(request)
        return entries.annotate(receivable_cents=Subquery(receivable.values("amount_cents")))
