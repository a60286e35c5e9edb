"""Paths on which customers pay: by the card on file, or by a link and a card of their own."""

from contextlib import suppress

from billing.gateway import gateway
from billing.models import Bill
from billing.services import paying
from tests.billing import browsers
from tests.billing.killed_paths.world import (
    CLERK,
    FIRST,
    charge_and_lose_the_answer,
    in_child,
    later,
    one_bill,
    tell_all,
    wrong,
)
from tests.billing.killing import Path, path


def press_pay():
    """Let a customer press Pay for the card on file; paid already is an answer, too."""
    bill = Bill.objects.order_by("number").last()
    with suppress(paying.NothingToPay, paying.PaymentUnderWay):
        paying.pay_by_stored_card(bill, gateway=gateway(), by=CLERK, now=FIRST)


@path
def pay_pressed_by_a_card_payer(standin):
    """If the press is lost, the automatic charge takes the money."""
    return Path(
        arrange=lambda: one_bill(standin),
        happen=press_pay,
        follow=later,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


@path
def pay_pressed_by_a_check_payer(standin):
    """Nothing is charged by itself: who sees the bill open presses again."""

    def again():
        later()
        press_pay()

    return Path(
        arrange=lambda: one_bill(standin, terms="check"),
        happen=press_pay,
        follow=again,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def pay_by_link():
    """Let whoever holds the link of a letter type a card into Stripe's fields."""
    bill = Bill.objects.get()
    paying.note_outcome(bill, gateway=gateway(), now=FIRST)
    with suppress(paying.NothingToPay, paying.PaymentUnderWay):
        intent = paying.prepare(bill, gateway=gateway(), now=FIRST)
        browsers.confirm_payment(intent.id)
        paying.note_outcome(bill, gateway=gateway(), now=FIRST)


@path
def payment_by_link(standin):
    return Path(
        arrange=lambda: one_bill(standin, terms="check", token=None),
        happen=pay_by_link,
        follow=pay_by_link,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


@path
def payment_by_link_of_which_only_stripe_tells(standin):
    """Whoever paid closed the browser at once."""

    def arrange():
        one_bill(standin, terms="check", token=None)
        in_child(paid_and_gone)

    def paid_and_gone():
        intent = paying.prepare(Bill.objects.get(), gateway=gateway(), now=FIRST)
        browsers.confirm_payment(intent.id)

    return Path(
        arrange=arrange,
        happen=lambda: tell_all(standin),
        follow=lambda: tell_all(standin),
        wrong=lambda: wrong(standin, charges=[2500]),
    )


@path
def event_about_a_lost_answer(standin):
    def arrange():
        one_bill(standin)
        charge_and_lose_the_answer(standin)

    def follow():
        tell_all(standin)
        later()

    return Path(
        arrange=arrange,
        happen=lambda: tell_all(standin),
        follow=follow,
        wrong=lambda: wrong(standin, charges=[2500]),
    )
