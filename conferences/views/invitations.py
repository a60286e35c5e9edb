"""Who is invited to a conference: asking for addresses, sending once more, taking back."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import actor_of
from accounts.paging import page_of
from conferences.forms.invitations import InvitationForm
from conferences.models import Conference, Invitation
from conferences.services import invitations
from conferences.services.holding import ConferenceClosed
from conferences.tabs import tabs_of
from users.throttling import TooManyTries


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request, pk):
    """Show who is invited, and invite more."""
    visible = Conference.objects.visible_to(request.user).select_related("schedule")
    conference = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("conferences.change_participant_pin", conference):
        raise PermissionDenied
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_done(request, conference, form):
        return redirect("conferences:invitation_list", conference.pk)
    now = timezone.now()
    standing = conference.invitations.standing().select_related("invited_by")
    return render(
        request,
        "conferences/invitation_list.html",
        {
            "conference": conference,
            "tabs": tabs_of(request.user, conference),
            "current": "invitations",
            "form": form,
            "invitations": page_of(request, standing),
            "is_open": conference.closed_at is None,
            "has_pin": invitations.pin_to_share(conference, now=now) is not None,
            "schedule": getattr(conference, "schedule", None),
        },
    )


@require_POST
def invitation_send(request, conference_pk, invitation_pk):
    done = _("The invitation goes to %(email)s once more.")
    return _act(request, conference_pk, invitation_pk, invitations.invite_again, done=done)


@require_POST
def invitation_cancel(request, conference_pk, invitation_pk):
    done = _("The invitation of %(email)s is cancelled, and they are told.")
    return _act(request, conference_pk, invitation_pk, invitations.cancel_invitation, done=done)


def too_many_letters():
    """Say why no more letters go out today."""
    return _(
        "Many messages went to these people today, or from your account. Try again tomorrow, or"
        " call us: %(phone)s."
    ) % {"phone": settings.OPERATOR_PHONE}


def _is_done(request, conference, form):
    """Invite them, and tell whether that went well; where not, say why beside the field."""
    guests = form.cleaned_data["people"]
    try:
        made = invitations.invite(conference, guests, by=actor_of(request), now=timezone.now())
    except ConferenceClosed:
        form.add_error(None, _("This conference is closed: nobody is invited to it any more."))
    except invitations.NoPinToShare:
        form.add_error(
            None,
            _("Add a participant PIN first, without a name or a limit: the invitation carries it."),
        )
    except TooManyTries:
        form.add_error("people", too_many_letters())
    else:
        messages.success(request, _outcome(len(made), len(guests) - len(made)))
        return True
    return False


def _outcome(new, known):
    sentences = []
    if new:
        sentences.append(
            ngettext("%(count)d person is invited.", "%(count)d people are invited.", new)
            % {"count": new}
        )
    if known:
        sentences.append(
            ngettext("%(count)d was invited already.", "%(count)d were invited already.", known)
            % {"count": known}
        )
    return " ".join(sentences)


def _act(request, conference_pk, invitation_pk, service, *, done):
    """Let `service` act on an invitation that the reader may see, and say how it went."""
    standing = Invitation.objects.visible_to(request.user).standing()
    invitation = get_object_or_404(standing, conference=conference_pk, pk=invitation_pk)
    try:
        service(invitation, by=actor_of(request), now=timezone.now())
    except ConferenceClosed:
        messages.error(request, _("This conference is closed."))
    except invitations.NotInvited:
        messages.error(request, _("Somebody else has cancelled this invitation already."))
    except TooManyTries:
        messages.error(request, too_many_letters())
    else:
        messages.success(request, done % {"email": invitation.email})
    return redirect("conferences:invitation_list", conference_pk)
