"""The audit log of the account: as pages, and as a file to take away."""

from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.filters import LogFilter
from accounts.log_export import log_as_csv
from accounts.models import AuditEntry
from accounts.paging import page_of
from accounts.services.audit import record


@require_safe
def log_list(request):
    """Show what was done on the account, the newest first."""
    wanted = _wanted(request)
    return render(
        request,
        "accounts/log_list.html",
        {
            "form": wanted.form,
            "entries": page_of(request, wanted.found()),
            "is_narrowed": wanted.is_narrowed,
            "query": wanted.query,
        },
    )


@require_safe
def log_export(request):
    """Stream what the filter finds as CSV, and write down that it was taken."""
    wanted = _wanted(request)
    if not wanted.is_valid():
        return redirect(f"{reverse('accounts:log_list')}?{wanted.query}")
    now = timezone.now()
    record(
        "exported",
        "Audit log",
        by=actor_of(request),
        now=now,
        account=request.user.account,
        after=wanted.in_words(),
    )
    zone = timezone.get_current_timezone()  # the answer is written after the request's zone ends
    name = f"audit-log-{request.user.account.number}-{now.astimezone(zone):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        log_as_csv(wanted.found(), zone=zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _wanted(request):
    if not request.user.has_perm("accounts.view_auditentry"):
        raise PermissionDenied
    entries = AuditEntry.objects.visible_to(request.user).with_people()
    return LogFilter(request.GET, entries, request=request)
