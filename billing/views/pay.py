"""Paying the open bill on line: signed in, or by the signed link of a letter."""

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
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
from billing.views.stripe_fields import page_with_fields

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def bill_pay(request, number):
    """Show how a bill can be paid, and pay it by what is on file, or by what is typed in here."""
    bills = Bill.objects.visible_to(request.user).select_related("account")
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
    """Let whoever holds the link pay the bill by what is typed in here, and see only its sum."""
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
    if wish == "ask":
        return _secret_now(bill)
    done_at = address if is_by_link else bill.get_absolute_url()
    intent, error = None, ""
    try:
        if wish == "confirmed":
            collection = paying.note_outcome(bill, gateway=gateway(), now=timezone.now())
            return _told(request, collection, done_at, address)
        if wish in {"new", "bank"}:
            intent = paying.prepare(bill, gateway=gateway(), now=timezone.now())
    except (paying.NothingToPay, paying.PaymentUnderWay):
        return _nothing_left(request, bill, done_at)
    except (GatewayUnavailable, GatewayRefused):
        logger.exception("Bill %s cannot be paid", bill)
        error = _unavailable()
    context = _context(request, bill, intent, wish, is_by_link=is_by_link) | {
        "error": error,
        "address": address,
        "return_url": request.build_absolute_uri(address),
    }
    return page_with_fields(request, template, context, are_shown=intent is not None)


def _secret_now(bill):
    """Answer the page that is about to pay by the secret for what is owed now; "" for nothing.

    Whatever the page has open for another sum is given up at Stripe by that.
    """
    try:
        intent = paying.prepare(bill, gateway=gateway(), now=timezone.now())
    except (paying.NothingToPay, paying.PaymentUnderWay):
        return JsonResponse({"secret": ""})
    except (GatewayUnavailable, GatewayRefused):
        logger.exception("Bill %s cannot be paid", bill)
        return JsonResponse({"secret": ""}, status=503)
    return JsonResponse({"secret": intent.client_secret})


def _nothing_left(request, bill, done_at):
    """Say so to somebody who wanted to pay, and why."""
    collection = Collection.objects.filter(bill=bill).first()
    if collection is not None and collection.state in {"paid", "processing"}:
        return _told(request, collection, done_at, done_at)
    messages.info(request, _("Nothing is left to be paid by this bill."))
    return redirect(done_at)


def _context(request, bill, intent, wish, *, is_by_link):
    collection = Collection.objects.filter(bill=bill).first()
    asks_bank = collection is not None and collection.state == Collection.State.ACTION_REQUIRED
    card = getattr(bill.account, "card", None)
    if is_by_link and not asks_bank:
        card = None  # a letter's reader may type a card in, never use the one on file
    owed = paying.payable_cents(bill)
    return {
        "bill": bill,
        "amount_cents": owed,
        "has_changed": request.POST.get("shown", str(owed)) != str(owed),
        "collection": collection,
        "card": card,
        "method": card.payment_method_id if card and wish == "bank" else "",
        "intent": intent,
    }


def _told(request, collection, done_at, again_at):
    """Say how the payment went; lead back to the page of paying where it has to go on."""
    match collection and collection.state:
        case Collection.State.PAID:
            messages.success(request, _("The bill is paid. Thank you."))
        case Collection.State.PROCESSING:
            words = _(
                "Your payment is on its way, which takes a bank up to four business days; the bill"
                " says so until it is in."
            )
            messages.info(request, words)
        case Collection.State.ACTION_REQUIRED:
            messages.warning(request, _("Your bank wants you to confirm this payment first."))
            return redirect(again_at)
        case _:
            messages.error(request, _("Your bank declined the payment. Please pay another way."))
            return redirect(again_at)
    return redirect(done_at)


def _unavailable():
    return _(
        "Our payment processor does not answer at the moment. Nothing was charged twice and nothing"
        " is lost; please try again in a few minutes."
    )
