"""Bills and their lines: frozen, so staff only look."""

import io
import logging

from django.contrib import admin, messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.money import Money
from accounts.staff import FrozenAdmin, account_link, list_link, record_action
from billing.admin.amounts import amount_column
from billing.admin.charges import BillChargeInline
from billing.admin.corrections import BillCorrections, correction_links
from billing.admin.late_fees import late_fee_of, waive_page
from billing.models import Bill, BillDelivery, BillDocument, BillLine, BillRun, CreditNote
from billing.services.documents import DocumentDamaged, read_document
from conferences.models import Leg

logger = logging.getLogger(__name__)


class MonthFilter(admin.SimpleListFilter):
    """The bills of one run."""

    title = _("month")
    parameter_name = "run"

    def lookups(self, request, model_admin):
        return [(run.pk, str(run)) for run in BillRun.objects.all()]

    def queryset(self, request, queryset):
        if self.value() is None or not self.value().isdecimal():
            return queryset
        return queryset.filter(job__run_id=self.value())


@admin.register(Bill)
class BillAdmin(BillCorrections, FrozenAdmin):
    list_display = ["label", account_link, "month", "issued_on", "charges", "due", "pdf"]
    list_filter = [MonthFilter, "terms"]
    search_fields = ["account_number__exact", "account_name__istartswith"]
    search_help_text = _("Number of the bill, or number or name of the account")
    fieldsets = [
        (None, {"fields": ["label", "account", "month", "issued_at", "pdf", "lines", "e_bills",
            "corrections", "credit_notes"]}),
        (_("Statement"), {"fields": [
            "last_bill", "paid", "corrected", "overdue", "not_yet_due", "credits", "charges",
            "due", "due_on", "fee_if_late", "terms", "card_label",
        ]}),
        (_("Printed"), {"classes": ["collapse"], "fields": [
            "account_number", "account_name", "account_address", "account_country", "operator_name",
            "operator_address", "operator_contact", "operator_country", "operator_registration",
            "billing_zone", "uuid",
        ]}),
    ]  # fmt: skip
    inlines = [BillChargeInline]
    last_bill = amount_column("last_bill_cents", _("amount of the last bill"))
    paid = amount_column("paid_cents", _("amount paid since"))
    corrected = amount_column("corrected_cents", _("corrections since"))
    overdue = amount_column("overdue_cents", _("overdue"))
    not_yet_due = amount_column("not_yet_due_cents", _("unpaid, not yet due"))
    credits = amount_column("credits_cents", _("credits"))
    charges = amount_column("current_charges_cents", _("current charges"))
    due = amount_column("amount_due_cents", _("amount due"))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account", "document")

    def get_search_results(self, request, queryset, search_term):
        """Find a bill by the number printed on it, too."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if term.isdecimal() and len(term) <= 9:
            found |= queryset.filter(number=int(term))
        return found, duplicates

    def get_urls(self):
        view = self.admin_site.admin_view
        waive = view(self.waive_view)
        return [
            path("<int:pk>/pdf/", view(self.pdf_view), name="billing_bill_pdf"),
            path("<int:pk>/waive-late-fee/", waive, name="billing_bill_waive_late_fee"),
            *self.correction_urls(),
            *super().get_urls(),
        ]

    def pdf_view(self, request, pk):
        """Serve the PDF that the customer has, or say that it is not as it was made."""
        bill = self.get_object(request, str(pk))
        if bill is None or not self.has_view_permission(request, bill) or not _has_pdf(bill):
            raise Http404
        try:
            content = read_document(bill.document)
        except DocumentDamaged:
            logger.exception("Bill %s cannot be shown as a PDF", bill)
            words = _("The stored PDF is missing or damaged; bring it back from a backup.")
            self.message_user(request, words, messages.ERROR)
            return redirect("admin:billing_bill_change", bill.pk)
        record_action(request, "opened the PDF of", bill)
        name = bill.document.filename
        return FileResponse(io.BytesIO(content), filename=name, content_type="application/pdf")

    def waive_view(self, request, pk):
        """Let the bill be paid late without a fee."""
        bill = self.get_object(request, str(pk))
        if bill is None or not self.has_view_permission(request, bill):
            raise Http404
        return waive_page(request, bill)

    @admin.display(description=_("number"), ordering="number")
    def label(self, bill):
        return bill.label

    @admin.display(description=_("month"), ordering="month_start")
    def month(self, bill):
        return str(bill.month)

    @admin.display(description=_("PDF"))
    def pdf(self, bill):
        if not _has_pdf(bill):
            return _("being made")
        url = reverse("admin:billing_bill_pdf", args=[bill.pk])
        return format_html('<a href="{}">{}</a>', url, bill.document.filename)

    @admin.display(description=_("lines"))
    def lines(self, bill):
        return list_link(_("%d lines") % bill.lines.count(), BillLine, bill__id__exact=bill.pk)

    @admin.display(description=_("e-bills"))
    def e_bills(self, bill):
        return list_link(_("E-bills"), BillDelivery, bill__id__exact=bill.pk)

    @admin.display(description=_("correct it by"))
    def corrections(self, bill):
        return correction_links(bill)

    @admin.display(description=_("late fee"))
    def fee_if_late(self, bill):
        return late_fee_of(bill)

    @admin.display(description=_("credit notes"))
    def credit_notes(self, bill):
        count = bill.credit_notes.count()
        return list_link(_("%d credit notes") % count, CreditNote, bill__id__exact=bill.pk)


def _has_pdf(bill):
    document = getattr(bill, "document", None)
    return isinstance(document, BillDocument) and document.made_at is not None


@admin.register(BillLine)
class BillLineAdmin(FrozenAdmin):
    """The lines of one bill, by pages; reached from the bill, never all lines there are."""

    list_display = [
        "position", "conference_name", "conference_number", "started_at", "participants", "minutes",
        "rate_per_minute", "cost", "legs",
    ]  # fmt: skip
    list_display_links = None
    list_per_page = 100
    ordering = ["bill", "position"]
    list_select_related = ["bill"]

    def has_module_permission(self, request):
        return False

    def get_queryset(self, request):
        lines = super().get_queryset(request)
        return lines if request.GET.get("bill__id__exact") else lines.none()

    @admin.display(description=_("legs"))
    def legs(self, line):
        return list_link(_("Legs"), Leg, session__id__exact=line.session_id)

    @admin.display(description=_("cost"))
    def cost(self, line):
        return Money(line.cost_cents, line.bill.currency)
