"""What customers do: they pay, and change their cards."""

from contextlib import suppress

import stripe

from accounts.actors import Actor
from billing.gateway import GatewayRefused, GatewayUnavailable, gateway
from billing.models import Bill
from billing.services import cards, paying
from tests.billing import browsers
from tests.billing.random_runs.banks import CARDS

SOMEBODY = Actor(label="a customer")
#: What a customer is told on the page; pressing again is up to them.
NOT_NOW = (paying.NothingToPay, paying.PaymentUnderWay, GatewayUnavailable, GatewayRefused)


def newest_bill(account):
    return Bill.objects.filter(account=account).order_by("number").last()


def press_pay(run):
    account, now = run.dice.choice(run.accounts), run.now
    run.note(f"{account.number} presses Pay")

    def work():
        bill = newest_bill(account)
        if bill is not None and hasattr(account, "card"):
            with suppress(*NOT_NOW):
                paying.pay_by_stored_card(bill, gateway=gateway(), by=SOMEBODY, now=now)

    return work


def pay_in_browser(run):
    account, now = run.dice.choice(run.accounts), run.now
    waits = run.dice.choice([True, False])
    run.note(f"{account.number} types in a card{'' if waits else ', and is gone'}")

    def work():
        bill = newest_bill(account)
        if bill is None:
            return
        with suppress(*NOT_NOW, stripe.StripeError):
            intent = paying.prepare(bill, gateway=gateway(), now=now)
            browsers.confirm_payment(intent.id)
            if waits:
                paying.note_outcome(bill, gateway=gateway(), now=now)

    return work


def change_card(run):
    account, now = run.dice.choice(run.accounts), run.now
    token = run.dice.choice(CARDS)
    run.note(f"{account.number} changes to {token}")

    def work():
        with suppress(*NOT_NOW, cards.CardNotUsable, stripe.StripeError):
            setup = cards.begin_setup(account, gateway=gateway())
            browsers.confirm_setup(setup.id, token)
            saved = cards.finished_setup(account, setup.id, gateway=gateway())
            cards.store_card(account, setup=saved, by=SOMEBODY, now=now)

    return work
