"""One PIN: adding it, its page, revealing, replacing, removing it and putting it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import actor_of
from conferences.forms.pins import NewPinForm
from conferences.models import Conference, DialInNumber
from conferences.models.pin import kinds_changeable_by
from conferences.schedules import next_start
from conferences.services import pins
from conferences.tabs import tabs_of

#: Where the session keeps which PIN its reader has just added, whose page shows it once.
NEW = "new_pin"


@require_http_methods(["GET", "HEAD", "POST"])
def pin_add(request, conference_pk):
    """Ask what the new PIN is to be, add it, and show it."""
    conference = conference_of(request, conference_pk)
    kinds = kinds_changeable_by(request.user, conference)
    if not kinds:
        raise PermissionDenied
    now = timezone.now()
    form = NewPinForm(request.POST or None, kinds=kinds, now=now, initial={"kind": kinds[-1]})
    if request.method == "POST" and form.is_valid():
        try:
            pin = pins.add_pin(conference, **form.cleaned_data, by=actor_of(request), now=now)
        except pins.ConferenceClosed:
            form.add_error(None, closed())
        else:
            return _show_once(request, pin)
    return render(
        request, "conferences/pin_add.html", {"form": form, **page_about(request, conference)}
    )


@require_safe
def pin_view(request, conference_pk, pk):
    """Show one PIN, masked, unless the reader has added it a moment ago."""
    pin = _pin_of(request, conference_pk, pk)
    is_new = request.session.get(NEW) == pin.pk
    if is_new:
        del request.session[NEW]
    return _show(request, pin, digits=pin.digits if is_new else "")


@require_POST
def pin_reveal(request, conference_pk, pk):
    """Show the digits: on the page of the PIN, or alone for the script that asks for that part."""
    pin = _pin_of(request, conference_pk, pk)
    digits = pins.reveal_pin(pin, by=actor_of(request), now=timezone.now())
    if request.POST.get("part") == "digits":
        return render(request, "conferences/_pin_digits.html", {"pin": pin, "digits": digits})
    return _show(request, pin, digits=digits)


@require_http_methods(["GET", "HEAD", "POST"])
def pin_replace(request, conference_pk, pk):
    """Say what new digits mean; draw them once that is agreed to, and show them."""
    pin = _pin_to_change(request, conference_pk, pk)
    if request.method != "POST":
        return _ask(request, pin, "conferences/pin_replace.html")
    try:
        new = pins.replace_pin(pin, by=actor_of(request), now=timezone.now())
    except pins.PinRemoved:
        messages.error(request, _("This PIN was removed or replaced a moment ago."))
        return redirect(pin.conference)
    except pins.ConferenceClosed:
        messages.error(request, closed())
        return redirect(pin)
    messages.success(request, _("The old PIN lets nobody in any more."))
    return _show_once(request, new)


@require_http_methods(["GET", "HEAD", "POST"])
def pin_remove(request, conference_pk, pk):
    """Say what removing a PIN means; do it once that is agreed to, and offer to undo it."""
    pin = _pin_to_change(request, conference_pk, pk)
    if request.method != "POST":
        return _ask(request, pin, "conferences/pin_remove.html")
    pins.remove_pin(pin, by=actor_of(request), now=timezone.now())
    return _offer_undo(pin)


@require_POST
def pin_restore(request, conference_pk, pk):
    """Let callers in again by a PIN that was removed a short while ago."""
    pin = _pin_to_change(request, conference_pk, pk)
    try:
        pins.restore_pin(pin, by=actor_of(request), now=timezone.now())
    except pins.ConferenceClosed:
        messages.error(request, closed())
    except pins.TooLateToRestore:
        messages.error(
            request, _("This PIN was removed more than a day ago. Add a new one instead.")
        )
    else:
        messages.success(request, _("%(pin)s lets callers in again.") % {"pin": pin.label})
    return redirect(pin.conference)


def conference_of(request, pk):
    """Return the conference, of those that the reader sees at all; else 404."""
    visible = Conference.objects.visible_to(request.user).select_related("schedule")
    return get_object_or_404(visible, pk=pk)


def page_about(request, conference):
    """Return what each page of a conference is given."""
    tabs = tabs_of(request.user, conference)
    return {"conference": conference, "tabs": tabs, "current": "overview"}


def closed():
    """Say why a conference gets no PIN."""
    return _("This conference is closed: nobody calls in any more, so it gets no PINs.")


def _pin_of(request, conference_pk, pk, *, is_active=True):
    """Return a PIN of a kind that the reader may see; any other is not there: 404."""
    conference = conference_of(request, conference_pk)
    visible = conference.pins.of_kinds_visible_to(request.user, conference).with_uses()
    pin = get_object_or_404(visible.active() if is_active else visible, pk=pk)
    pin.conference = conference
    return pin


def _pin_to_change(request, conference_pk, pk):
    """Return a PIN that the reader may change, removed or not: 404 or 403 if not."""
    pin = _pin_of(request, conference_pk, pk, is_active=False)
    permission = f"conferences.change_{pin.kind}_pin"
    if not request.user.has_perm(permission, pin.conference):
        raise PermissionDenied
    return pin


def _ask(request, pin, template):
    """Ask whether it is meant; where somebody else has removed the PIN, there is nothing to ask."""
    if pin.removed_at is not None:
        return _offer_undo(pin)
    return render(request, template, {"pin": pin, **page_about(request, pin.conference)})


def _offer_undo(pin):
    return redirect(f"{pin.conference.get_absolute_url()}?removed={pin.pk}")


def _show_once(request, pin):
    """Lead to the page of a new PIN, which shows its digits to this reader, this once."""
    request.session[NEW] = pin.pk
    return redirect(pin)


def _show(request, pin, *, digits):
    now = timezone.now()
    schedule = getattr(pin.conference, "schedule", None)
    return render(
        request,
        "conferences/pin_view.html",
        {
            "pin": pin,
            "state": pin.state_at(now),
            "digits": digits,
            "numbers": DialInNumber.objects.nearest_first(),
            "next_start": next_start(schedule, now=now) if schedule else None,
            **page_about(request, pin.conference),
        },
    )
