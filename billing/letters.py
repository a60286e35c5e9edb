"""What customers are written about their bills. Words only: services send them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.letters import (
    NoLongerWanted,
    envelope,
    from_template,
    refuse_others_than_admins,
    writes,
)
from accounts.models import Letter
from accounts.money import Money
from accounts.templatetags.dates import month
from billing.bank_returns import in_words
from billing.links import pay_link
from billing.models import Bill, BillDelivery, Check, Collection, StoredCard
from billing.services.paying import link_to_pay
from billing.services.reminders import worth_reminding
from users.models import User


def bill_letter(delivery: BillDelivery, pdf: bytes) -> EmailMultiAlternatives:
    """Write the e-bill to one recipient, its PDF attached."""
    bill = delivery.bill
    context = {
        "bill": bill,
        "reader": delivery.user,
        "bill_url": settings.PORTAL_URL + bill.get_absolute_url(),
    }
    with translation.override(settings.LANGUAGE_CODE), timezone.override(bill.billing_zone):
        letter = EmailMultiAlternatives(
            subject=_("Bill %(bill)s for %(month)s: %(amount)s")
            % {"bill": bill, "month": month(bill.month.first_day), "amount": bill.amount_due},
            body=render_to_string("billing/mail/bill.txt", context),
            **envelope(delivery),
        )
        letter.attach_alternative(render_to_string("billing/mail/bill.html", context), "text/html")
    letter.attach(bill.document.filename, pdf, "application/pdf")
    return letter


@writes("card_changed")
def card_changed(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin that the account pays another way now. Raises NoLongerWanted."""
    refuse_others_than_admins(letter)
    return from_template(letter, "billing/mail/card_changed.txt")


@writes("card_expires")
def card_expires(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin that the card ends soon. Raises NoLongerWanted."""
    refuse_others_than_admins(letter)
    card = StoredCard.objects.filter(account=letter.account).first()
    if card is None or card.payment_method_id != letter.facts["method"]:
        raise NoLongerWanted("The account pays with another card by now.")
    ends_on = dt.date.fromisoformat(letter.facts["ends_on"])
    return from_template(letter, "billing/mail/card_expires.txt", {"ends_on": ends_on})


@writes("payment_declined")
@writes("payment_needs_bank")
@writes("payment_given_up")
def payment_refused(letter: Letter) -> EmailMultiAlternatives:
    """Tell who reads the bills that a charge was refused, and by what link it can be paid.

    Raises NoLongerWanted where it is paid by now, or the reader reads bills no longer.
    """
    collection = _collection(letter)
    if collection.state not in Collection.OPEN_STATES:
        raise NoLongerWanted("The bill is no longer to be paid so.")
    attempt = collection.attempts.filter(pk=letter.facts.get("attempt")).first()
    method = StoredCard.objects.filter(account=collection.bill.account_id).first()
    context = {
        "bill": collection.bill,
        "amount": Money(collection.amount_cents, collection.currency),
        "collection": collection,
        "method": method.label if method else "",
        "return_reason": in_words(attempt) if attempt else "",
        "pay_url": pay_link(collection.bill),
    }
    return from_template(letter, f"billing/mail/{letter.kind}.txt", context)


@writes("payment_received")
def payment_received(letter: Letter) -> EmailMultiAlternatives:
    """Write the receipt. Raises NoLongerWanted where the reader reads bills no longer."""
    collection = _collection(letter)
    context = {
        "bill": collection.bill,
        "amount": Money(collection.amount_cents, collection.currency),
        "bill_url": settings.PORTAL_URL + collection.bill.get_absolute_url(),
    }
    return from_template(letter, "billing/mail/payment_received.txt", context)


@writes("check_bounced")
def check_bounced(letter: Letter) -> EmailMultiAlternatives:
    """Tell who reads the bills that the bank returned a check. Raises NoLongerWanted."""
    refuse_others_than_readers(letter)
    check = _check(letter)
    context = {
        "check": check,
        "pay_url": link_to_pay(check.account),
        "bills_url": settings.PORTAL_URL + reverse("billing:bill_list"),
    }
    return from_template(letter, "billing/mail/check_bounced.txt", context)


@writes("check_bounced_staff")
def check_bounced_staff(letter: Letter) -> EmailMultiAlternatives:
    """Tell the operator's own office that the bank returned a customer's check."""
    check = _check(letter)
    page = settings.PORTAL_URL + reverse("admin:billing_check_change", args=[check.pk])
    context = {"check": check, "check_url": page}
    return from_template(letter, "billing/mail/check_bounced_staff.txt", context)


@writes("bill_due_soon")
@writes("bill_overdue")
def bill_to_pay(letter: Letter) -> EmailMultiAlternatives:
    """Remind a reader of a bill that is to be paid, or overdue. Raises NoLongerWanted.

    The link pays all that is open: older bills are part of the newest one's amount due.
    """
    refuse_others_than_readers(letter)
    bills = Bill.objects.filter(pk=letter.facts["bill"]).select_related("account")
    bill = worth_reminding(bills).first()
    if bill is None:
        raise NoLongerWanted("The bill is paid by now, or a payment is on its way.")
    context = {
        "bill": bill,
        "unpaid": Money(bill.unpaid_cents, bill.currency),
        "owed": Money(bill.owed_cents, bill.currency),
        "pay_url": link_to_pay(bill.account),
        "bill_url": settings.PORTAL_URL + bill.get_absolute_url(),
    }
    return from_template(letter, f"billing/mail/{letter.kind}.txt", context)


def _check(letter: Letter) -> Check:
    return Check.objects.select_related("account", "entry").get(pk=letter.facts["check"])


def refuse_others_than_readers(letter: Letter) -> None:
    """Raise NoLongerWanted where the reader of the letter may read bills no longer."""
    if not User.objects.entitled_to_bills().filter(pk=letter.user_id).exists():
        raise NoLongerWanted("This person no longer reads bills.")


def _collection(letter: Letter) -> Collection:
    refuse_others_than_readers(letter)
    return Collection.objects.select_related("bill").get(pk=letter.facts["collection"])
