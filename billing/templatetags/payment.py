"""How a bill says what is to be paid, on the page, in the PDF and in the mail."""

from django import template
from django.utils.translation import gettext as _

from accounts.models import Terms
from accounts.money import Money
from accounts.templatetags.dates import when
from billing.models.payment import MINIMUM_CHARGE_CENTS

register = template.Library()


@register.filter
def how_to_pay(bill):
    """Say by when and how the amount due is paid, from what the bill itself has frozen."""
    if bill.amount_due_cents < 0:
        return _("Nothing to pay. Your credit of %(credit)s goes towards your next bill.") % {
            "credit": -bill.amount_due
        }
    if bill.amount_due_cents == 0:
        return _("Nothing to pay.")
    if bill.terms == Terms.CHECK:
        return _by_check(bill)
    return _by_itself(bill)


def _by_check(bill):
    sentence = _("Payable by check within %(days)d days, by %(day)s.") % {
        "days": (bill.due_on - bill.issued_on).days,
        "day": when(bill.due_on),
    }
    if bill.overdue_cents > 0:
        sentence += " " + _("%(overdue)s of it is overdue: please pay that now.") % {
            "overdue": Money(bill.overdue_cents, bill.currency)
        }
    return sentence


def _by_itself(bill):
    if bill.amount_due_cents < MINIMUM_CHARGE_CENTS:
        return _("Too little to be charged; it goes on your next bill.")
    if not bill.card_label:
        words = _(
            "There is no card or bank account on file. Please add one in the customer portal, by"
            " %(day)s."
        )
        return words % {"day": when(bill.due_on)}
    return _("Will be charged to %(card)s on %(day)s.") % {
        "card": bill.card_label,
        "day": when(bill.due_on),
    }
