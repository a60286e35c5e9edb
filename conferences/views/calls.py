"""A conference's call history: as pages, as files to take away, and each call with its callers."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.actors import actor_of
from accounts.chart import bar_chart
from accounts.csv_files import csv_lines
from accounts.excel_files import excel_file
from accounts.paging import page_of
from accounts.services.audit import record
from conferences.call_export import head_of, rows_of
from conferences.call_history import CallFilter, legs_of, months_of
from conferences.models import Conference, Pin, Session
from conferences.tabs import tabs_of

#: Sessions on one page of the history, and legs on one page of a session.
HISTORY_SIZE = 25
LEGS_SIZE = 100
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def call_list(request, pk):
    """Show the calls of a conference that the filter finds, and its minutes by month."""
    conference, wanted = _wanted(request, pk)
    months = months_of(conference, now=timezone.now(), zone=timezone.get_current_timezone())
    return render(
        request,
        "conferences/call_list.html",
        {
            "conference": conference,
            "tabs": tabs_of(request.user, conference),
            "current": "calls",
            "form": wanted.form,
            "is_narrowed": wanted.is_narrowed,
            "query": wanted.query,
            "history": page_of(request, wanted.found().with_usage(), size=HISTORY_SIZE),
            "months": months,
            "chart": _chart(months),
            "may_mend": request.user.has_perm("conferences.change_conference", conference),
        },
    )


@require_safe
def call_view(request, conference_pk, session_pk):
    """Show one call: when it was, and everybody who was in it."""
    user = request.user
    calls = Session.objects.visible_to(user).with_code().with_usage()
    calls = calls.select_related("conference__schedule")
    call = get_object_or_404(calls, conference=conference_pk, pk=session_pk)
    if not user.has_perm("conferences.view_conference", call.conference):
        raise PermissionDenied
    return render(
        request,
        "conferences/call_view.html",
        {
            "conference": call.conference,
            "tabs": tabs_of(user, call.conference),
            "current": "calls",
            "call": call,
            "legs": page_of(request, call.legs.select_related("pin"), size=LEGS_SIZE),
            "named_kinds": _named_kinds(user, call.conference),
            "may_mend": user.has_perm("conferences.change_conference", call.conference),
        },
    )


@require_safe
def call_export_csv(request, pk):
    """Stream the legs of the calls that the filter finds as CSV."""
    conference, wanted = _wanted(request, pk)
    if not wanted.is_valid():
        return _back_to_the_filter(conference, wanted)
    head, rows, name = _exported(request, conference, wanted, "CSV")
    return StreamingHttpResponse(
        csv_lines(head, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@require_safe
def call_export_excel(request, pk):
    """Serve the same as an Excel file, which is written to disk and gone when it is sent."""
    conference, wanted = _wanted(request, pk)
    if not wanted.is_valid():
        return _back_to_the_filter(conference, wanted)
    head, rows, name = _exported(request, conference, wanted, "Excel")
    return FileResponse(
        excel_file(head, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL
    )


def _wanted(request, pk):
    """Return the conference, and the filter as the request fills it in."""
    visible = Conference.objects.visible_to(request.user).select_related("schedule")
    conference = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("conferences.view_conference", conference):
        raise PermissionDenied
    return conference, CallFilter(request.GET, conference.sessions.with_code(), request=request)


def _exported(request, conference, wanted, form):
    """Write down that the history was taken; return the table's head and rows, and a file name."""
    now = timezone.now()
    record(
        "exported the calls of",
        conference,
        by=actor_of(request),
        now=now,
        account=conference.account,
        after={"as": form, **wanted.in_words()},
    )
    zone = timezone.get_current_timezone()  # the answer is written after the request's zone ends
    rows = rows_of(
        legs_of(wanted.found()), zone=zone, named_kinds=_named_kinds(request.user, conference)
    )
    name = f"calls-{slugify(conference.number)}-{now.astimezone(zone):%Y-%m-%d}"
    return head_of(zone), rows, name


def _back_to_the_filter(conference, wanted):
    page = reverse("conferences:call_list", args=[conference.pk])
    return redirect(f"{page}?{wanted.query}")


def _named_kinds(user, conference):
    """Return the kinds of PIN of which `user` may know whom they were given to."""
    return {
        kind
        for kind in Pin.Kind.values
        if user.has_perm(f"conferences.view_{kind}_pin", conference)
    }


def _chart(months):
    return bar_chart(
        [
            (
                formats.date_format(month.first_day, "M"),
                month.minutes,
                formats.number_format(month.minutes, force_grouping=True),
            )
            for month in months
        ]
    )
