"""Paths of the timetable: it tries cards again, carries over to the next bill, compares books."""

import datetime as dt

from accounts.models import Account
from billing.gateway import gateway
from billing.models import Attempt, Collection, Difference
from billing.services import cards, reconcile
from billing.services.issue import opens_at
from tests import make
from tests.billing import browsers
from tests.billing.killed_paths.world import (
    CLERK,
    DAY,
    FIRST,
    HOUR,
    MARCH,
    bill_month,
    charge,
    charge_and_lose_the_answer,
    in_child,
    later,
    one_bill,
    wrong,
)
from tests.billing.killing import Path, path

APRIL = MARCH.next()


def declined_bill(standin, code="insufficient_funds"):
    """Let the first charge be declined."""
    account = one_bill(standin)
    standin.decline(account.card.payment_method_id, code)
    in_child(charge)
    return account


@path
def retry_that_succeeds(standin):
    def arrange():
        account = declined_bill(standin)
        standin.decline(account.card.payment_method_id, None)

    return Path(
        arrange=arrange,
        happen=lambda: charge(FIRST + 3 * DAY),
        follow=lambda: later(FIRST + 3 * DAY),
        wrong=lambda: wrong(
            standin, charges=[2500], letters={"payment_declined": 1, "payment_received": 1}
        ),
    )


@path
def retry_that_is_declined_again(standin):
    return Path(
        arrange=lambda: declined_bill(standin),
        happen=lambda: charge(FIRST + 3 * DAY),
        follow=lambda: later(FIRST + 3 * DAY),
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=2500,
            letters={"payment_declined": 2},
            tries=(Attempt.objects.filter(state="declined").count(), 2),
            tries_at_stripe=(len(standin.objects("charge")), 2),
        ),
    )


@path
def new_card_in_place_of_a_declined_one(standin):
    def arrange():
        account = declined_bill(standin, "stolen_card")
        setup = {"customer": account.card.customer_id, "metadata": {"account": account.number}}
        saved = browsers.client_of_stripe().setup_intents.create(setup | {"usage": "off_session"})
        browsers.confirm_setup(saved.id, "pm_card_mastercard")

    def happen():
        account = Account.objects.get()
        setup = cards.finished_setup(
            account, standin.objects("setup_intent")[0]["id"], gateway=gateway()
        )
        cards.store_card(account, setup=setup, by=CLERK, now=FIRST + HOUR)
        charge(FIRST + HOUR)
        list(cards.detach_replaced(gateway=gateway(), now=FIRST + HOUR))

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            letters={"payment_declined": 1, "card_changed": 1, "payment_received": 1},
            attached=(len(attached(standin)), 1),
        ),
    )


def attached(standin):
    return [method for method in standin.objects("payment_method") if method["customer"]]


def bill_april():
    bill_month(APRIL)
    charge(opens_at(APRIL))


def later_in_april():
    bill_april()
    later(opens_at(APRIL))


@path
def next_bill_after_a_declined_one(standin):
    """It holds what the older one left; one charge takes both."""

    def arrange():
        account = declined_bill(standin, "stolen_card")
        standin.decline(account.card.payment_method_id, None)

    return Path(
        arrange=arrange,
        happen=bill_april,
        follow=later_in_april,
        wrong=lambda: wrong(
            standin,
            charges=[5000],
            letters={"payment_declined": 1, "payment_received": 1},
            states=(states_of_collections(), ["superseded", "paid"]),
        ),
    )


@path
def next_bill_after_a_lost_answer(standin):
    """The older one turns out paid; the next charge takes only its own."""

    def arrange():
        one_bill(standin)
        charge_and_lose_the_answer(standin)

    return Path(
        arrange=arrange,
        happen=bill_april,
        follow=later_in_april,
        wrong=lambda: wrong(
            standin, charges=[2500, 2500], states=(states_of_collections(), ["paid", "paid"])
        ),
    )


def states_of_collections():
    return list(Collection.objects.order_by("bill__number").values_list("state", flat=True))


def reconcile_tonight():
    reconcile.reconcile(gateway=gateway(), now=dt.datetime.now(dt.UTC) + 2 * HOUR)


@path
def night_that_finds_a_charge_nobody_booked(standin):
    def arrange():
        account = one_bill(standin, terms="check", token=None)
        strange = {"amount": 700, "currency": "usd", "confirm": True, "off_session": True}
        card = make.stripe_card(account)
        browsers.client_of_stripe().payment_intents.create(
            strange
            | {"customer": card.customer_id, "payment_method": card.payment_method_id}
            | {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
        )

    return Path(
        arrange=arrange,
        happen=reconcile_tonight,
        follow=reconcile_tonight,
        wrong=lambda: wrong(
            standin,
            charges=[700],
            balance=2500,
            letters={},
            differences=(list(Difference.objects.values_list("theirs_cents", flat=True)), [700]),
        ),
    )
