"""What has happened since the last bill."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.unbilled import unbilled_activity
from billing.views.detail import shown_detail


@require_safe
def unbilled_view(request):
    """Show unbilled activity to date, rated by the code that will bill it."""
    if not request.user.has_perm("billing.view_bill"):
        raise PermissionDenied
    unbilled = unbilled_activity(request.user.account, now=timezone.now())
    return render(
        request,
        "billing/unbilled_view.html",
        {
            "unbilled": unbilled,
            "currency": request.user.account.currency,
            "billing_zone": settings.BILLING_TIME_ZONE,
            **shown_detail(request, unbilled.detail),
        },
    )
