"""The history of bills, one bill as a page, and its PDF."""

import io
import logging

from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from accounts.paging import page_of
from billing.detail import detail_of
from billing.models import Bill
from billing.services.documents import DocumentDamaged, read_document
from billing.services.paying import payable_cents
from billing.standing import billing_day, with_standing
from billing.views.detail import shown_detail

logger = logging.getLogger(__name__)


@require_safe
def bill_list(request):
    """Show every bill since activation, the newest first."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    bills = Bill.objects.visible_to(request.user).select_related("document")
    page = page_of(request, with_standing(bills, today=billing_day(timezone.now())))
    return render(request, "billing/bill_list.html", {"bills": page})


@require_safe
def bill_view(request, number):
    """Show one bill: its statement, and the detail of its lines."""
    bills = Bill.objects.visible_to(request.user).select_related("account", "document")
    bill = get_object_or_404(with_standing(bills, today=billing_day(timezone.now())), number=number)
    return render(
        request,
        "billing/bill_view.html",
        {
            "bill": bill,
            "one_before": _one_before(bill),
            "may_pay": request.user.has_perm("billing.pay_bill") and payable_cents(bill) > 0,
            **shown_detail(request, detail_of(bill.lines.order_by("position"))),
        },
    )


def _one_before(bill):
    """Return the bill of the account before this one, with which it can be compared, or None."""
    return Bill.objects.filter(account=bill.account_id, number__lt=bill.number).first()


@require_safe
def bill_pdf(request, number):
    """Serve a bill's PDF from storage, or say that it is still being made or cannot be had."""
    bill = get_object_or_404(
        Bill.objects.visible_to(request.user).select_related("document"), number=number
    )
    document = bill.document
    if document.made_at is None:
        return render(request, "billing/bill_pdf_waiting.html", {"bill": bill}, status=202)
    etag = quote_etag(document.sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    try:
        content = read_document(document)
    except DocumentDamaged:
        logger.exception("Bill %s cannot be shown as a PDF", bill)
        return render(request, "billing/bill_pdf_damaged.html", {"bill": bill}, status=503)
    return FileResponse(
        io.BytesIO(content),
        filename=document.filename,
        content_type="application/pdf",
        headers={"ETag": etag, "Cache-Control": "private, no-cache"},
    )
