"""Many PINs at once: adding them from a list, and their print sheet."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.csv_files import csv_lines
from accounts.editing import ChangedMeanwhile
from conferences.forms.pins import ManyPinsForm, SheetForm
from conferences.models import DialInNumber, Pin
from conferences.models.pin import kinds_changeable_by, kinds_visible_to
from conferences.services import pins
from conferences.views.pins import closed, conference_of, page_about


@require_http_methods(["GET", "HEAD", "POST"])
def pin_add_many(request, conference_pk):
    """Take a list, say what becomes of each line, and add all of it once that is agreed to."""
    conference = conference_of(request, conference_pk)
    kinds = kinds_changeable_by(request.user, conference)
    if not kinds:
        raise PermissionDenied
    form = ManyPinsForm(
        request.POST or None,
        request.FILES or None,
        kinds=kinds,
        now=timezone.now(),
        initial={"kind": kinds[-1], "seen": pins.newest_of(conference)},
    )
    is_checked = request.method == "POST" and form.is_valid()
    if is_checked and "add" in request.POST and (added := _add(request, conference, form)):
        return _to_sheet(request, conference, added)
    return render(
        request,
        "conferences/pin_add_many.html",
        {
            "form": form,
            "is_checked": is_checked and form.is_valid(),
            **page_about(request, conference),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pin_sheet(request, conference_pk):
    """List the PINs to be printed, masked; their digits once that is asked for, or as a file."""
    conference = conference_of(request, conference_pk)
    kinds = kinds_visible_to(request.user, conference)
    if not kinds:
        raise PermissionDenied
    form = SheetForm(request.GET, kinds=kinds)
    if not form.is_valid():
        return redirect("conferences:pin_sheet", conference.pk)
    visible = conference.pins.active().of_kinds_visible_to(request.user, conference)
    wanted = [(pin, "") for pin in form.narrow(visible)]
    if request.method == "POST" and wanted:
        wanted = pins.reveal_pins(
            conference, [pin for pin, _digits in wanted], by=actor_of(request), now=timezone.now()
        )
        if request.POST.get("format") == "csv":
            return _as_csv(conference, wanted)
    return render(
        request,
        "conferences/pin_sheet.html",
        {
            "form": form,
            "pins": wanted,
            "is_revealed": request.method == "POST",
            "holds_moderators": any(pin.kind == Pin.Kind.MODERATOR for pin, _digits in wanted),
            "numbers": DialInNumber.objects.nearest_first(),
            "query": request.GET.urlencode(),
            **page_about(request, conference),
        },
    )


def _add(request, conference, form):
    """Add what the form wants, and return it; where that cannot be, the form says why."""
    try:
        return pins.add_pins(
            conference,
            form.wanted,
            by=actor_of(request),
            now=form.now,
            newest_seen=form.cleaned_data["seen"],
        )
    except pins.ConferenceClosed:
        form.add_error(None, closed())
    except ChangedMeanwhile:
        form.show(pins.newest_of(conference))
        form.add_error(
            None,
            _(
                "PINs were added to this conference a moment ago, perhaps by sending this list"
                " twice. Look at them first, and then check this list again."
            ),
        )
    return []


def _to_sheet(request, conference, added):
    said = ngettext("%(count)d PIN is added.", "%(count)d PINs are added.", len(added))
    messages.success(request, said % {"count": len(added)})
    query = urlencode({"added": added[0].created_at.isoformat()})
    return redirect(f"{reverse('conferences:pin_sheet', args=[conference.pk])}?{query}")


def _as_csv(conference, revealed):
    head = [_("Name"), _("Lets in as"), _("PIN"), _("Works from"), _("Works until")]
    rows = (
        [pin.holder_name, pin.get_kind_display(), digits, *_window(pin)] for pin, digits in revealed
    )
    return HttpResponse(
        "".join(csv_lines(head, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="pins-{conference.number}.csv"'},
    )


def _window(pin):
    """Write when the PIN works, on the reader's clock."""
    return [
        f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else ""
        for instant in (pin.starts_at, pin.ends_at)
    ]
