"""The payment history, and the receipt of each payment."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from billing.models import JournalEntry
from billing.payments import payments_of
from billing.standing import billing_day
from billing.views.statement import pdf_answer

PAGE_SIZE = 50


@require_safe
def payment_list(request):
    """Show every payment and what took one back, the newest first."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    entries = JournalEntry.objects.visible_to(request.user).moving_money()
    entries = entries.with_receivable().select_related("account", "about__account")
    page = page_of(request, entries.order_by("-pk"), size=PAGE_SIZE)
    return render(
        request,
        "billing/payment_list.html",
        {
            "page": page,
            "payments": payments_of(page.object_list),
            "billing_zone": settings.BILLING_TIME_ZONE,
        },
    )


@require_safe
def receipt_view(request, pk):
    """Show the receipt of a payment: when, how, what it settled, and what became of it."""
    payment, followed_by = _receipt(request, pk)
    return render(
        request,
        "billing/receipt_view.html",
        {
            "payment": payment,
            "followed_by": followed_by,
            "billing_zone": settings.BILLING_TIME_ZONE,
        },
    )


@require_safe
def receipt_pdf(request, pk):
    """Print the receipt of a payment."""
    payment, followed_by = _receipt(request, pk)
    name = f"receipt-{payment.entry.pk}-{billing_day(payment.entry.booked_at)}"
    context = {"payment": payment, "followed_by": followed_by, "account": payment.entry.account}
    return pdf_answer("billing/receipt_pdf.html", context, name)


def _receipt(request, pk):
    """Return the payment asked for, and what was booked about it later."""
    entries = JournalEntry.objects.visible_to(request.user).payments().with_receivable()
    entry = get_object_or_404(entries.select_related("account", "about__account"), pk=pk)
    followed_by = entry.followed_by.with_receivable().select_related("account", "about__account")
    return payments_of([entry])[0], payments_of(followed_by.order_by("pk"))
