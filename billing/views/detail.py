"""How long details are shown: whole, or one conference name at a time."""

from django.http import Http404

from accounts.paging import page_of
from conferences.models import Conference

#: With more lines than this, a page shows the sub-totals only; each leads to its lines.
WHOLE_UP_TO = 500
#: Lines on one page of one conference.
PAGE_SIZE = 100


def shown_detail(request, detail):
    """Return what templates/billing/_detail.html needs to show `detail`, as the request asks.

    `?conference=NAME` asks for the lines of one conference name. A line leads to its callers only
    where its conference is among the `opened`, those that the reader may view.
    """
    opened = Conference.objects.visible_to(request.user, "conferences.view_conference")
    context = {"detail": detail, "group": None, "lines": None}
    context["opened"] = set(opened.values_list("pk", flat=True))
    name = request.GET.get("conference")
    if name is not None:
        context["group"] = _named(detail, name)
        context["lines"] = page_of(request, context["group"].lines, size=PAGE_SIZE)
    context["is_whole"] = sum(len(group.lines) for group in detail.groups) <= WHOLE_UP_TO
    return context


def _named(detail, name):
    for group in detail.groups:
        if group.conference_name == name:
            return group
    raise Http404
