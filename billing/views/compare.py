"""Two bills beside each other, and why the later one is higher or lower."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import formats
from django.views.decorators.http import require_safe

from accounts.chart import bar_chart
from accounts.paging import page_of
from billing.comparison import Reason, compare
from billing.forms import MonthsForm
from billing.models import Bill

#: Bars of the chart.
CHARTED_BILLS = 12
#: Conferences on one page.
PAGE_SIZE = 25
#: What is left out where it changes nothing.
RARE = {Reason.NEW, Reason.ENDED, Reason.ROUNDING, Reason.FEES}


@require_safe
def bill_compare(request):
    """Explain how the bills of two months differ; unless asked otherwise, of the last two."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    bills = list(Bill.objects.visible_to(request.user))
    is_asked = bool(request.GET.keys() & MonthsForm.base_fields)
    form = MonthsForm(request.GET if is_asked else None, bills=bills)
    context = {"form": form, "has_two": len(bills) > 1, "comparison": None}
    if chosen := form.chosen():
        before, after = chosen
        comparison = compare(before, after)
        context |= {
            "before": before,
            "after": after,
            "comparison": comparison,
            "reasons": _listed(comparison.reasons),
            "main_reason": _named(comparison.main_reason),
            "rows": page_of(request, comparison.rows, size=PAGE_SIZE),
        }
    charted = bills[:CHARTED_BILLS]
    return render(
        request,
        "billing/bill_compare.html",
        {**context, "months": charted, "chart": _chart(charted[::-1])},
    )


def _listed(reasons):
    """List the reasons in their order, without those of bills that have no such thing."""
    shown = [item for item in reasons.items() if item[1] or item[0] not in RARE]
    return [_named(item) for item in shown]


def _named(item):
    reason, cents = item
    return {"name": reason.label, "cents": cents}


def _chart(bills):
    return bar_chart(
        [
            (
                formats.date_format(bill.month.first_day, "M"),
                bill.current_charges_cents,
                str(bill.current_charges),
            )
            for bill in bills
        ]
    )
