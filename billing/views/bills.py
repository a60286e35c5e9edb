"""The history of bills, one bill as a page, and its PDF."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from billing.charges import sum_of
from billing.detail import detail_of
from billing.models import Bill
from billing.models.credit_note import with_credited
from billing.services.paying import payable_cents
from billing.standing import Standing, billing_day, with_standing
from billing.views.detail import shown_detail
from billing.views.pdf import served


@require_safe
def bill_list(request):
    """Show every bill since activation, the newest first."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    bills = with_credited(Bill.objects.visible_to(request.user)).select_related("document")
    page = page_of(request, with_standing(bills, today=billing_day(timezone.now())))
    return render(request, "billing/bill_list.html", {"bills": page})


@require_safe
def bill_view(request, number):
    """Show one bill: its statement, and the detail of its lines."""
    bills = Bill.objects.visible_to(request.user).select_related("account", "document")
    bill = get_object_or_404(with_standing(bills, today=billing_day(timezone.now())), number=number)
    charges = list(bill.charges.all())
    return render(
        request,
        "billing/bill_view.html",
        {
            "bill": bill,
            "charges": charges,
            "charges_cents": sum_of(charges),
            "credit_notes": bill.credit_notes.order_by("number"),
            "questions": bill.questions.select_related("line", "asked_by"),
            "one_before": _one_before(bill),
            "may_pay": request.user.has_perm("billing.pay_bill") and _waits_to_be_paid(bill),
            **shown_detail(request, detail_of(bill.lines.order_by("position"))),
        },
    )


def _waits_to_be_paid(bill):
    return bill.standing != Standing.PROCESSING and payable_cents(bill) > 0


def _one_before(bill):
    """Return the bill of the account before this one, with which it can be compared, or None."""
    return Bill.objects.filter(account=bill.account_id, number__lt=bill.number).first()


@require_safe
def bill_pdf(request, number):
    """Serve a bill's PDF from storage, or say that it is still being made or cannot be had."""
    bill = get_object_or_404(
        Bill.objects.visible_to(request.user).select_related("document"), number=number
    )
    return served(request, bill.document, bill=bill)
