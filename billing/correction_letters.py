"""What is written about corrections: credit notes, refunds, disputes, questions. Words only."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from accounts.letters import from_template, on_one_line, writes
from accounts.models import Letter
from billing.letters import refuse_others_than_readers
from billing.models import CreditNote, Dispute, LineQuestion, RefundRequest


@writes("credit_note")
def credit_note(letter: Letter) -> EmailMultiAlternatives:
    """Tell a reader of the bills what was given back. Raises NoLongerWanted."""
    refuse_others_than_readers(letter)
    note = CreditNote.objects.select_related("bill").get(pk=letter.facts["note"])
    context = {
        "note": note,
        "reason": on_one_line(note.reason),
        "pdf_url": settings.PORTAL_URL + note.get_absolute_url(),
    }
    return from_template(letter, "billing/mail/credit_note.txt", context)


@writes("refund_sent")
@writes("refund_failed")
def refund(letter: Letter) -> EmailMultiAlternatives:
    """Tell a reader of the bills that money is on its way, or came back. Raises NoLongerWanted."""
    refuse_others_than_readers(letter)
    request = RefundRequest.objects.get(pk=letter.facts["request"])
    context = {"request": request, "bills_url": settings.PORTAL_URL + reverse("billing:bill_list")}
    return from_template(letter, f"billing/mail/{letter.kind}.txt", context)


@writes("dispute")
def dispute(letter: Letter) -> EmailMultiAlternatives:
    """Tell the operator of a dispute, and by when to answer it."""
    one = Dispute.objects.select_related("account", "payment").get(pk=letter.facts["dispute"])
    page = reverse("admin:billing_dispute_change", args=[one.pk])
    context = {"dispute": one, "page_url": settings.PORTAL_URL + page}
    return from_template(letter, "billing/mail/dispute.txt", context)


@writes("line_questioned")
def line_questioned(letter: Letter) -> EmailMultiAlternatives:
    """Tell the operator that a customer asks about a line."""
    question = _question(letter)
    page = reverse("admin:billing_linequestion_change", args=[question.pk])
    context = {
        "question": question,
        "text": on_one_line(question.text),
        "page_url": settings.PORTAL_URL + page,
    }
    return from_template(letter, "billing/mail/line_questioned.txt", context)


@writes("line_answered")
def line_answered(letter: Letter) -> EmailMultiAlternatives:
    """Tell whoever asked about a line that it is answered. Raises NoLongerWanted."""
    refuse_others_than_readers(letter)
    question = _question(letter)
    context = {
        "question": question,
        "text": on_one_line(question.text),
        "page_url": settings.PORTAL_URL + question.get_absolute_url(),
    }
    return from_template(letter, "billing/mail/line_answered.txt", context)


def _question(letter: Letter) -> LineQuestion:
    questions = LineQuestion.objects.select_related("line", "bill", "account", "asked_by")
    return questions.get(pk=letter.facts["question"])
