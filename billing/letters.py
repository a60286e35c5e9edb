"""What customers are written about their bills. Words only: services send them."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.letters import envelope, from_template, writes
from accounts.models import Account, Letter
from accounts.templatetags.dates import month
from billing.models import BillDelivery


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


@writes("account_changed")
def account_changed_letter(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin what somebody has changed of the account."""
    differences = [
        {"name": Account._meta.get_field(name).verbose_name, "before": before, "after": after}
        for name, before, after in letter.facts["differences"]
    ]
    return from_template(
        letter,
        "accounts/mail/account_changed.txt",
        {"differences": differences, **_what_every_notice_says(letter)},
    )


@writes("card_changed")
def card_changed_letter(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin that the account pays with another card now."""
    return from_template(letter, "billing/mail/card_changed.txt", _what_every_notice_says(letter))


def _what_every_notice_says(letter: Letter) -> dict[str, object]:
    return {
        "account": letter.account,
        "at": dt.datetime.fromisoformat(letter.facts["at"]),
        "account_url": settings.PORTAL_URL + reverse("accounts:account_view"),
    }
