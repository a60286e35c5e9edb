"""The statement of account, as a page and as a PDF."""

import io
import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from billing.account_statement import statement_between
from billing.forms import StatementForm
from billing.standing import billing_day


@require_safe
def statement_view(request):
    """Show every entry of the account's books in a time, with the balance after each."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    form = _form(request)
    statement = _asked(request.user.account, form)
    context = {"form": form, "statement": statement, "billing_zone": settings.BILLING_TIME_ZONE}
    if statement:
        context["query"] = urlencode({"since": statement.since, "until": statement.until})
    return render(request, "billing/statement_view.html", context)


@require_safe
def statement_pdf(request):
    """Print the statement of the time asked for; what makes no sense is said on the page."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    statement = _asked(request.user.account, _form(request))
    if statement is None:
        return redirect(f"{reverse('billing:statement_view')}?{request.GET.urlencode()}")
    name = f"statement-{statement.account.number}-{statement.since}-{statement.until}"
    return pdf_answer("billing/statement_pdf.html", {"statement": statement}, name)


def pdf_answer(template, context, name):
    """Print a page on the operator's paper and serve it under `name`."""
    # Late: WeasyPrint takes a second to load, and only who makes a PDF needs it.
    from billing.pdf import print_page  # noqa: PLC0415

    now = timezone.now()
    context = {**context, "now": now, "letterhead": letterhead()}
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.PORTAL_URL}/{name}/{now}").hex
    content = print_page(template, context, identifier=identifier)
    return FileResponse(
        io.BytesIO(content),
        filename=f"{name}.pdf",
        content_type="application/pdf",
        headers={"Cache-Control": "private, no-store"},
    )


def letterhead():
    """Return the operator as letters are headed."""
    return {
        "name": settings.OPERATOR_NAME,
        "address": settings.OPERATOR_ADDRESS,
        "contact": [settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL],
    }


def _form(request):
    today = billing_day(timezone.now())
    is_asked = bool(request.GET.keys() & StatementForm.base_fields)
    return StatementForm(request.GET if is_asked else None, today=today)


def _asked(account, form):
    """Return the statement that the form asks for; None where that makes no sense."""
    period = form.period()
    return statement_between(account, *period) if period else None
