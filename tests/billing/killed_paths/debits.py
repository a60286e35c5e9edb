"""Paths on which a bank account is debited: under way for days, paid or returned in the end."""

from accounts.models import Account
from billing.gateway import gateway
from billing.models import Attempt
from billing.services import cards
from billing.services.issue import opens_at
from tests import make
from tests.billing import browsers
from tests.billing.killed_paths.collecting import (
    APRIL,
    attached,
    bill_april,
    declined_bill,
    states_of_collections,
)
from tests.billing.killed_paths.world import (
    CLERK,
    DAY,
    FIRST,
    HOUR,
    charge,
    in_child,
    later,
    one_bill,
    tell_all,
    wrong,
)
from tests.billing.killing import Path, path

#: When the banks have answered.
ENDED = FIRST + 4 * DAY


def bill_to_debit(standin, token="pm_usBankAccount_success"):
    account = one_bill(standin, token=None)
    make.stripe_bank(account, token=token)
    return account


def begun(standin, token="pm_usBankAccount_success"):
    """Begin the debit; days later it ends, of which nobody has told yet."""
    bill_to_debit(standin, token)
    in_child(charge)
    standin.settle()


@path
def debit_of_a_bank_account(standin):
    def follow():
        later()
        standin.settle()
        later(ENDED)

    return Path(
        arrange=lambda: bill_to_debit(standin),
        happen=charge,
        follow=follow,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            debits=(debits(standin), ["succeeded"]),
        ),
    )


def debits(standin):
    return [charge["status"] for charge in standin.objects("charge")]


@path
def debit_that_was_paid_days_ago(standin):
    return Path(
        arrange=lambda: begun(standin),
        happen=lambda: charge(ENDED),
        follow=lambda: later(ENDED),
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def returned(standin):
    """Nothing is taken, all is owed, each is told once, and the account is left alone for now."""
    return wrong(
        standin,
        charges=[],
        balance=2500,
        letters={"payment_declined": 1},
        debits=(debits(standin), ["failed"]),
        tries=(list(Attempt.objects.values_list("state", flat=True)), ["declined"]),
    )


@path
def debit_that_the_sweep_finds_returned(standin):
    return Path(
        arrange=lambda: begun(standin, "pm_usBankAccount_insufficientFunds"),
        happen=lambda: charge(ENDED),
        follow=lambda: later(ENDED),
        wrong=lambda: returned(standin),
    )


@path
def debit_that_stripe_tells_was_returned(standin):
    def follow():
        tell_all(standin)
        later(ENDED)

    return Path(
        arrange=lambda: begun(standin, "pm_usBankAccount_accountClosed"),
        happen=lambda: tell_all(standin),
        follow=follow,
        wrong=lambda: returned(standin),
    )


@path
def next_bill_while_a_debit_is_under_way(standin):
    """It waits, and then takes only its own."""

    def arrange():
        bill_to_debit(standin)
        in_child(charge)

    def follow():
        bill_april()
        for days in (4, 8):
            standin.settle()
            later(opens_at(APRIL) + days * DAY)

    return Path(
        arrange=arrange,
        happen=bill_april,
        follow=follow,
        wrong=lambda: wrong(
            standin, charges=[2500, 2500], states=(states_of_collections(), ["paid", "paid"])
        ),
    )


@path
def bank_account_in_place_of_a_declined_card(standin):
    def arrange():
        account = declined_bill(standin, "stolen_card")
        setup = {"customer": account.card.customer_id, "metadata": {"account": account.number}}
        saved = browsers.client_of_stripe().setup_intents.create(setup | {"usage": "off_session"})
        browsers.confirm_setup(saved.id, "pm_usBankAccount_success")

    def happen():
        account = Account.objects.get()
        setup_id = standin.objects("setup_intent")[0]["id"]
        setup = cards.finished_setup(account, setup_id, gateway=gateway())
        cards.store_card(account, setup=setup, by=CLERK, now=FIRST + HOUR)
        charge(FIRST + HOUR)
        list(cards.detach_replaced(gateway=gateway(), now=FIRST + HOUR))

    def follow():
        happen()
        standin.settle()
        later(ENDED)

    return Path(
        arrange=arrange,
        happen=happen,
        follow=follow,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            letters={"payment_declined": 1, "card_changed": 1, "payment_received": 1},
            attached=(len(attached(standin)), 1),
        ),
    )
