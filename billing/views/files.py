"""Bills and unbilled activity as files to take away: CSV, Excel, and XML of a bill."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.csv_files import csv_lines
from accounts.excel_files import excel_file
from billing import einvoice, export
from billing.models import Bill
from billing.standing import billing_day
from billing.unbilled import unbilled_activity

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def bill_csv(request, number):
    """Serve a bill as one CSV table: its statement, lines, sub-totals and total."""
    bill = get_object_or_404(Bill.objects.visible_to(request.user), number=number)
    return _answer(export.csv_file(bill), f"bill-{bill}.csv", "text/csv; charset=utf-8")


@require_safe
def bill_excel(request, number):
    """Serve the same table as an Excel file."""
    bill = get_object_or_404(Bill.objects.visible_to(request.user), number=number)
    return excel_answer(export.COLUMNS, export.typed_cells(export.rows_of(bill)), f"bill-{bill}")


@require_safe
def bill_xml(request, number):
    """Serve a bill as an EN 16931 invoice, as its PDF holds it."""
    bill = get_object_or_404(Bill.objects.visible_to(request.user), number=number)
    return _answer(einvoice.as_xml(bill), f"bill-{bill}.xml", "text/xml; charset=utf-8")


@require_safe
def unbilled_csv(request):
    """Stream unbilled activity to date as a table of the same columns."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    rows, name = _unbilled(request.user.account, timezone.now())
    return csv_answer(export.COLUMNS, export.cells(rows), name)


@require_safe
def unbilled_excel(request):
    """Serve the same table as an Excel file."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    rows, name = _unbilled(request.user.account, timezone.now())
    return excel_answer(export.COLUMNS, export.typed_cells(rows), name)


def csv_answer(head, rows, name):
    """Stream a table, line by line."""
    return StreamingHttpResponse(
        csv_lines(head, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def excel_answer(head, rows, name):
    """Serve a table as an Excel file, which is written to disk and gone when it is sent."""
    return FileResponse(
        excel_file(head, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL
    )


def _answer(content, name, content_type):
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _unbilled(account, now):
    """Return the rows of what no bill has taken yet, and how the file is called."""
    unbilled = unbilled_activity(account, now=now)
    rows = export.unbilled_rows_of(unbilled, account=account, zone=settings.BILLING_TIME_ZONE)
    return rows, f"unbilled-{billing_day(now)}"
