"""Credit notes, disputes, and customers' questions in the back office."""

import io
import logging

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.money import Money
from accounts.staff import DoneFilter, FrozenAdmin, FrozenInline, account_link, record_action
from billing.admin.amounts import amount_column
from billing.admin.asking import form_page
from billing.models import CreditNote, CreditNoteLine, Dispute, LineQuestion
from billing.services import questions
from billing.services.documents import DocumentDamaged, read_document

logger = logging.getLogger(__name__)


class CreditNoteLineInline(FrozenInline):
    model = CreditNoteLine
    fields = ["name", "started_at", "minutes", "billed", "given_back"]
    readonly_fields = ["billed", "given_back"]

    @admin.display(description=_("billed"))
    def billed(self, line):
        return Money(line.billed_cents, line.note.currency)

    @admin.display(description=_("given back"))
    def given_back(self, line):
        return Money(line.amount_cents, line.note.currency)


@admin.register(CreditNote)
class CreditNoteAdmin(FrozenAdmin):
    list_display = ["label", account_link, "bill", "issued_on", "total", "issued_by", "pdf"]
    list_select_related = ["account", "bill", "issued_by", "document"]
    ordering = ["-number"]
    search_fields = ["account_number__exact", "account_name__istartswith"]
    fields = [
        "label", "account", "bill", "issued_at", "total", "reason", "issued_by", "entry", "pdf",
        "account_name", "account_address", "operator_name", "operator_address",
    ]  # fmt: skip
    inlines = [CreditNoteLineInline]
    total = amount_column("total_cents", _("total"))

    def get_urls(self):
        pdf = self.admin_site.admin_view(self.pdf_view)
        return [path("<int:pk>/pdf/", pdf, name="billing_creditnote_pdf"), *super().get_urls()]

    def pdf_view(self, request, pk):
        """Serve the PDF that the customer has, or say that it is not as it was made."""
        note = self.get_object(request, str(pk))
        if note is None or not self.has_view_permission(request, note):
            raise Http404
        try:
            content = read_document(note.document)
        except DocumentDamaged:
            logger.exception("Credit note %s cannot be shown as a PDF", note)
            words = _("The PDF is not made yet, or is missing or damaged.")
            self.message_user(request, words, messages.ERROR)
            return redirect("admin:billing_creditnote_change", note.pk)
        record_action(request, "opened the PDF of", note)
        name = note.document.filename
        return FileResponse(io.BytesIO(content), filename=name, content_type="application/pdf")

    @admin.display(description=_("number"), ordering="number")
    def label(self, note):
        return note.label

    @admin.display(description=_("PDF"))
    def pdf(self, note):
        if note.document.made_at is None:
            return _("being made")
        url = reverse("admin:billing_creditnote_pdf", args=[note.pk])
        return format_html('<a href="{}">{}</a>', url, note.document.filename)


class OpenFilter(admin.SimpleListFilter):
    """Disputes that nobody has decided yet."""

    title = _("state")
    parameter_name = "is"

    def lookups(self, request, model_admin):
        return [("open", _("Open")), ("decided", _("Decided"))]

    def queryset(self, request, queryset):
        match self.value():
            case "open":
                return queryset.open()
            case "decided":
                return queryset.filter(status__in=Dispute.DECIDED)
        return queryset


@admin.register(Dispute)
class DisputeAdmin(FrozenAdmin):
    """Disputes are answered at Stripe, by the day shown; its word is followed here."""

    list_display = [
        "dispute_id", account_link, "amount", "reason", "status", "answer_by", "opened_at",
    ]  # fmt: skip
    list_filter = [OpenFilter]
    list_select_related = ["account"]
    search_fields = ["dispute_id__exact", "account__number__exact"]
    fields = [
        "dispute_id", "account", "payment", "amount", "reason", "status", "answer_by", "opened_at",
        "updated_at", "withdrawn_entry", "reinstated_entry",
    ]  # fmt: skip
    amount = amount_column("amount_cents", _("amount"))


class AnsweredFilter(DoneFilter):
    title = _("state")
    parameter_name = "answered_at"
    undone, done = _("Open"), _("Answered")


class AnswerForm(forms.Form):
    """What staff answer."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 70}),
        help_text=_("It stands on the customer's bill, and is mailed to whoever asked."),
    )


@admin.register(LineQuestion)
class LineQuestionAdmin(FrozenAdmin):
    list_display = ["asked_at", account_link, "bill", "line", "asked_by", "answered_at"]
    list_filter = [AnsweredFilter]
    list_select_related = ["account", "bill", "line", "asked_by"]
    search_fields = ["account__number__exact", "account__name__istartswith"]
    fields = [
        "account", "bill", "line", "asked_by", "asked_at", "text", "answer_or_form", "answered_by",
        "answered_at", "correct_it",
    ]  # fmt: skip
    readonly_fields = ["answer_or_form", "correct_it"]

    def get_urls(self):
        answer = self.admin_site.admin_view(self.answer_view)
        return [
            path("<int:pk>/answer/", answer, name="billing_linequestion_answer"),
            *super().get_urls(),
        ]

    def answer_view(self, request, pk):
        """Answer a question."""
        question = self.get_object(request, str(pk))
        if question is None or not self.has_view_permission(request, question):
            raise Http404
        if not request.user.has_perm("billing.change_linequestion"):
            raise PermissionDenied
        back = reverse("admin:billing_linequestion_change", args=[question.pk])
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                questions.answer_question(
                    question,
                    answer=form.cleaned_data["answer"],
                    by=actor_of(request),
                    now=timezone.now(),
                )
            except questions.AnsweredAlready:
                messages.warning(request, _("Somebody has answered meanwhile."))
            else:
                messages.success(request, _("Answered; the customer is told by e-mail."))
            return redirect(back)
        return form_page(
            request,
            title=_("Answer a question about bill %s") % question.bill,
            form=form,
            back=back,
            button=_("Send the answer"),
            note=question.text,
            model=LineQuestion,
        )

    @admin.display(description=_("correct it"))
    def correct_it(self, question):
        page = reverse("admin:billing_bill_credit", args=[question.bill_id])
        address = f"{page}?lines={question.line.position}"
        return format_html('<a href="{}">{}</a>', address, _("Credit note for this line"))

    @admin.display(description=_("answer"))
    def answer_or_form(self, question):
        if question.answered_at is not None:
            return question.answer
        url = reverse("admin:billing_linequestion_answer", args=[question.pk])
        return format_html('<a href="{}">{}</a>', url, _("Answer it"))
