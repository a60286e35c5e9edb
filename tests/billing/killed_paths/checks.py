"""Paths on which money comes by check, and on which a check bounces."""

from accounts.models import Account
from billing.models import Bill, Book, Collection, JournalEntry
from billing.services import ledger
from tests import make
from tests.billing.killed_paths.world import FIRST, later, one_bill, wrong
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
            state=(Collection.objects.get().state, "settled"),
        ),
    )


def bounce():
    check = JournalEntry.objects.payments().get()
    ledger.take_back(check, kind=JournalEntry.Kind.BOUNCED, reference="bounced:1", now=FIRST)


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
            letters={},
            unpaid=(Bill.objects.unpaid().count(), 1),
            in_the_bank=(in_book(Book.BANK), 0),
        ),
    )


def in_book(book):
    account = Account.objects.get()
    postings = [entry.postings.filter(book=book) for entry in account.journal.all()]
    return sum(posting.amount_cents for found in postings for posting in found)
