"""Paths on which money comes by check, and on which a check bounces."""

from accounts.models import Account
from billing.models import Bill, Book, Check, Collection, JournalEntry
from billing.services import checks
from tests import make
from tests.billing.killed_paths.world import (
    CLERK,
    FIRST,
    in_book,
    later,
    logged,
    one_bill,
    wrong,
)
from tests.billing.killing import Path, path


def enter_check():
    make.check(Account.objects.get(), check_number="1", amount_cents=2500, now=FIRST)


@path
def check_entered(standin):
    """The account also has a card on file: nothing is left to be charged to it."""

    def again():
        enter_check()
        later()

    return Path(
        arrange=lambda: one_bill(standin),
        happen=enter_check,
        follow=again,
        wrong=lambda: wrong(
            standin,
            charges=[],
            letters={},
            payments=(JournalEntry.objects.payments().count(), 1),
            unpaid=(Bill.objects.unpaid().count(), 0),
            logged=(logged(), {"recorded": 1}),
            state=(Collection.objects.get().state, "settled"),
        ),
    )


def bounce():
    checks.bounce(Check.objects.get(), by=CLERK, now=FIRST)


@path
def check_bounced(standin):
    def arrange():
        one_bill(standin, terms="check", token=None)
        enter_check()

    return Path(
        arrange=arrange,
        happen=bounce,
        follow=bounce,
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=2500,
            letters={"check_bounced": 1, "check_bounced_staff": 1},
            unpaid=(Bill.objects.unpaid().count(), 1),
            logged=(logged(), {"recorded": 1, "noted as bounced": 1}),
            in_the_bank=(in_book(Book.BANK), 0),
        ),
    )
