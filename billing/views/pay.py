"""Paying the open bill on line: signed in, or by the signed link of a letter."""

import logging

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from billing.gateway import GatewayRefused, GatewayUnavailable, gateway
from billing.links import LinkNotGood, bill_of
from billing.models import Bill, Collection
from billing.services import paying
from billing.views.account import stripe_sources

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def bill_pay(request, number):
    """Show how a bill can be paid, and pay it by the card on file, or by one typed in here."""
    bills = Bill.objects.visible_to(request.user).select_related("account", "collection")
    bill = get_object_or_404(bills, number=number)
    if not request.user.has_perm("billing.pay_bill"):
        raise PermissionDenied
    address = reverse("billing:bill_pay", args=[bill.number])
    if request.POST.get("card") == "stored":
        return _by_stored_card(request, bill, address)
    return _page(request, bill, "billing/bill_pay.html", address)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay_by_link(request, token):
    """Let whoever holds the link pay the bill by a card typed in here, and see only its sum."""
    try:
        bill = bill_of(token)
    except LinkNotGood:
        return render(request, "billing/pay_link_gone.html", status=410)
    address = reverse("pay_by_link", args=[token])
    return _page(request, bill, "billing/pay_by_link.html", address, is_by_link=True)


def _by_stored_card(request, bill, address):
    try:
        collection = paying.pay_by_stored_card(
            bill, gateway=gateway(), by=actor_of(request), now=timezone.now()
        )
    except (paying.NothingToPay, paying.PaymentUnderWay):
        return redirect(bill)  # its page says how it stands
    except (GatewayUnavailable, GatewayRefused):
        logger.exception("Bill %s cannot be paid", bill)
        messages.error(request, _unavailable())
        return redirect(address)
    return _told(request, collection, bill.get_absolute_url(), address)


def _page(request, bill, template, address, *, is_by_link=False):
    """Show the page, with Stripe's fields once asked for, or take note of what they did."""
    wish = request.POST.get("card") or ("confirmed" if "payment_intent" in request.GET else "")
    done_at = address if is_by_link else bill.get_absolute_url()
    collection = getattr(bill, "collection", None)
    intent, error, card = None, "", getattr(bill.account, "card", None)
    asks_bank = collection is not None and collection.state == Collection.State.ACTION_REQUIRED
    if is_by_link and not asks_bank:
        card = None  # a letter's reader may type a card in, never use the one on file
    try:
        if wish == "confirmed":
            collection = paying.note_outcome(bill, gateway=gateway(), now=timezone.now())
            return _told(request, collection, done_at, address)
        if wish in {"new", "bank"}:
            intent = paying.prepare(bill, gateway=gateway(), now=timezone.now())
    except (paying.NothingToPay, paying.PaymentUnderWay):
        return redirect(done_at)
    except (GatewayUnavailable, GatewayRefused):
        logger.exception("Bill %s cannot be paid", bill)
        error = _unavailable()
    context = {
        "bill": bill,
        "amount_cents": paying.payable_cents(bill),
        "collection": collection,
        "card": card,
        "method": card.payment_method_id if card and wish == "bank" else "",
        "intent": intent,
        "error": error,
        "address": address,
        "return_url": request.build_absolute_uri(address),
        "stripe_js_url": settings.STRIPE_JS_URL,
        "stripe_key": settings.STRIPE_PUBLISHABLE_KEY,
    }
    show = csp_update(stripe_sources())(render) if intent else render
    return show(request, template, context)


def _told(request, collection, done_at, again_at):
    """Say how the payment went; lead back to the page of paying where it has to go on."""
    match collection and collection.state:
        case Collection.State.PAID:
            messages.success(request, _("The bill is paid. Thank you."))
        case Collection.State.PROCESSING:
            messages.info(
                request, _("Your payment is on its way; the bill says so until it is in.")
            )
        case Collection.State.ACTION_REQUIRED:
            messages.warning(request, _("Your bank wants you to confirm this payment first."))
            return redirect(again_at)
        case _:
            messages.error(request, _("Your bank declined the payment. Please try another card."))
            return redirect(again_at)
    return redirect(done_at)


def _unavailable():
    return _(
        "Our card processor does not answer at the moment. Nothing was charged twice and nothing is"
        " lost; please try again in a few minutes."
    )
