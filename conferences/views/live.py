"""The live call: who is on now, and what a moderator does with them."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import actor_of
from accounts.templatetags.dates import clock
from conferences.bridge.control import (
    AnswerLost,
    BridgeUnreachable,
    MemberGone,
    NoCall,
    Order,
    OrderRefused,
)
from conferences.forms.live import CallOutForm
from conferences.models import Conference
from conferences.services import live
from conferences.tabs import tabs_of
from users.throttling import TooManyTries

logger = logging.getLogger(__name__)

TROUBLES = (BridgeUnreachable, MemberGone, NoCall, OrderRefused)
DONE = {
    Order.MUTE: gettext_lazy("%(name)s is muted."),
    Order.UNMUTE: gettext_lazy("%(name)s can be heard again."),
    Order.DROP: gettext_lazy("%(name)s is dropped from the call."),
    Order.MUTE_OTHERS: gettext_lazy("Everybody but the moderators is muted."),
    Order.LOCK: gettext_lazy("The call is locked: nobody else can come in."),
    Order.UNLOCK: gettext_lazy("The call is open again for callers with a PIN."),
    Order.RECORD: gettext_lazy("The call is being recorded."),
    Order.STOP_RECORDING: gettext_lazy("The recording has ended."),
}


@require_safe
def live_view(request, pk):
    """Show who is on the call, and what can be done with them."""
    return _page(request, moderated(request, pk), CallOutForm())


@require_safe
def live_people(request, pk):
    """Show that part of the page which changes, for the page to renew itself by."""
    conference = moderated(request, pk)
    return render(request, "conferences/_live.html", _what_is_on(conference))


@require_POST
def live_order(request, pk, *, order, member=""):
    """Give one order about the call, or about one caller on it."""
    conference = moderated(request, pk)
    try:
        whom = live.give_order(
            conference, order, member_id=member, by=actor_of(request), now=timezone.now()
        )
    except TROUBLES as trouble:
        messages.error(request, sentence(trouble))
    else:
        messages.success(request, DONE[order] % {"name": whom and live.name_of(whom)})
    return redirect("conferences:live_view", conference.pk)


@require_POST
def live_call_out(request, pk):
    """Call somebody into the call."""
    conference = moderated(request, pk)
    if not settings.OUT_DIAL_REGIONS:
        raise Http404
    form = CallOutForm(request.POST)
    if not form.is_valid():
        return _page(request, conference, form)
    try:
        live.call_out(
            conference, form.cleaned_data["number"], by=actor_of(request), now=timezone.now()
        )
    except (*TROUBLES, TooManyTries) as trouble:
        form.add_error("number", sentence(trouble))
        return _page(request, conference, form)
    words = _("%(number)s is being called, and appears below on picking up.")
    messages.success(request, words % {"number": form.data["number"]})
    return redirect("conferences:live_view", conference.pk)


def moderated(request, pk):
    """Return the conference of that number, whose calls the reader may moderate."""
    visible = Conference.objects.visible_to(request.user).select_related("schedule")
    conference = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("conferences.moderate_call", conference):
        raise PermissionDenied
    return conference


def sentence(trouble):
    """Say what went wrong, for a moderator to act on."""
    match trouble:
        case AnswerLost():
            logger.error("An order was not answered: %s", trouble)
            return _(
                "The bridge took this but did not answer. Look below whether it is done before you"
                " try again."
            )
        case BridgeUnreachable():
            logger.error("A bridge cannot be reached: %s", trouble)
            return _("The bridge does not answer at the moment. Try again in a few seconds.")
        case MemberGone():
            return _("This caller has left the call meanwhile.")
        case TooManyTries():
            words = _("Your company has called out very often. Try again after %(time)s.")
            return words % {"time": clock(trouble.until)}
        case OrderRefused():
            return _("The bridge did not do it. It says: %(said)s") % {"said": trouble}
    return _("Nobody is on the call any more.")


def _page(request, conference, form):
    context = {
        **_what_is_on(conference),
        "tabs": tabs_of(request.user, conference),
        "current": "live",
        "form": form if settings.OUT_DIAL_REGIONS else None,
    }
    return render(request, "conferences/live_view.html", context)


def _what_is_on(conference):
    """Return the call that is held, or the sentence that says why there is none to show."""
    found = {"conference": conference, "live": None, "trouble": ""}
    try:
        return found | {"live": live.live_call(conference, now=timezone.now())}
    except BridgeUnreachable as trouble:
        return found | {"trouble": sentence(trouble)}
