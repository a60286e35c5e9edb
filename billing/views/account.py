"""Edit Account: address, phone, and the card or bank account, on one page."""

import logging
from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.editing import ChangedMeanwhile
from accounts.forms import AccountForm
from accounts.models import Account
from accounts.services.accounts import last_change
from billing.gateway import GatewayRefused, GatewayUnavailable, Setup, gateway
from billing.models.payment import label_of
from billing.services import cards
from billing.views.stripe_fields import page_with_fields

logger = logging.getLogger(__name__)


@dataclass
class CardPart:
    """What the card's part of the page shows: what is on file, unless there is something newer."""

    opened: Setup | None = None  # Stripe's fields are there, for a card or a bank account
    confirmed: Setup | None = None  # Stripe has saved one, which the next press takes
    setup_id: str = ""  # what the browser says it has confirmed
    error: str = ""

    @property
    def confirmed_label(self):
        return label_of(self.confirmed.card)


@require_http_methods(["GET", "HEAD", "POST"])
def account_edit(request):
    """Show the account to be changed, and change it. A POST that names a `card` only turns a page.

    What is paid with is changed by somebody who has just proved who they are; Stripe's fields are
    shown, and what they have saved is taken, only then.
    """
    if not request.user.has_perm("accounts.change_account"):
        raise PermissionDenied
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("card"))
    wish = request.POST.get("card") or request.GET.get("card", "")
    setup_id = request.POST.get("setup_intent") or request.GET.get("setup_intent", "")
    if wish == "new" or (setup_id and wish != "keep"):
        raise_if_reauthentication_required(request, app="billing")
    if request.method == "POST" and not wish:
        return _update(request, account, setup_id)
    form = AccountForm(instance=account, initial=request.POST.dict())
    return _page(request, account, form, _card_part(account, wish=wish, setup_id=setup_id))


def _update(request, account, setup_id):
    form = AccountForm(request.POST, instance=account)
    part = _card_part(account, setup_id=setup_id)
    if form.is_valid() and not part.error:
        try:
            cards.update_account_and_card(
                account,
                changes=form.changes,
                seen=form.cleaned_data["seen"],
                setup=part.confirmed,
                by=actor_of(request),
                now=timezone.now(),
            )
        except ChangedMeanwhile:
            form.show_beside(Account.objects.get(pk=account.pk))
            return _page(request, account, form, part, meanwhile=last_change(account))
        except cards.CardNotUsable:
            part = CardPart(error=_not_usable())
        else:
            messages.success(request, _("The account is updated."))
            return redirect("accounts:account_view")
    return _page(request, account, form, part)


def _card_part(account, *, wish="", setup_id=""):
    """Ask Stripe for what the card's part shows; where it cannot say, the page does."""
    try:
        if wish == "new":
            return CardPart(opened=cards.begin_setup(account, gateway=gateway()))
        if setup_id and wish != "keep":
            setup = cards.finished_setup(account, setup_id, gateway=gateway())
            return CardPart(confirmed=setup, setup_id=setup_id)
    except cards.CardNotUsable:
        return CardPart(error=_not_usable())
    except (GatewayUnavailable, GatewayRefused):
        logger.exception("The card of %s cannot be changed", account)
        unavailable = _(
            "Our payment processor does not answer at the moment, so the card or bank account"
            " cannot be changed. All else can; please try again in a few minutes."
        )
        return CardPart(setup_id=setup_id, error=unavailable)
    return CardPart()


def _not_usable():
    return _("This was not saved. What is on file stays; please try again.")


def _page(request, account, form, part, *, meanwhile=None):
    context = {
        "account": account,
        "card": getattr(account, "card", None),
        "form": form,
        "part": part,
        "meanwhile": meanwhile,
        "return_url": request.build_absolute_uri(reverse("billing:account_edit")),
    }
    are_shown = part.opened is not None
    return page_with_fields(request, "accounts/account_edit.html", context, are_shown=are_shown)
