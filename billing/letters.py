"""What customers are written about their bills. Words only: services send them."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.letters import envelope, from_template, refuse_others_than_admins, writes
from accounts.models import Letter
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


@writes("card_changed")
def card_changed(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin that the account pays with another card now. Raises NoLongerWanted."""
    refuse_others_than_admins(letter)
    return from_template(letter, "billing/mail/card_changed.txt")
