"""What follows a bill: the PDF of a credit note, and a customer's question about one line."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from billing.forms import QuestionForm
from billing.models import Bill, CreditNote
from billing.services import questions
from billing.views.pdf import served


@require_safe
def credit_note_pdf(request, number):
    """Serve a credit note's PDF."""
    notes = CreditNote.objects.visible_to(request.user).select_related("bill", "document")
    note = get_object_or_404(notes, number=number)
    return served(request, note.document, bill=note.bill)


@require_http_methods(["GET", "HEAD", "POST"])
def line_question(request, number, position):
    """Ask about one line of a bill; a line that is asked about already leads to its question."""
    bill = get_object_or_404(Bill.objects.visible_to(request.user), number=number)
    line = get_object_or_404(bill.lines.select_related("bill"), position=position)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    known = line.questions.open().first()
    if known is None and form.is_valid():
        known = _asked(request, line, form)
    if known is not None:
        return redirect(known)
    return render(request, "billing/line_question.html", {"bill": bill, "line": line, "form": form})


def _asked(request, line, form):
    try:
        question = questions.ask_about_line(
            line, text=form.cleaned_data["text"], by=actor_of(request), now=timezone.now()
        )
    except questions.AskedAlready:
        return line.questions.open().first()
    messages.success(
        request, _("Your question is with us. The answer will stand here, and we mail it to you.")
    )
    return question
