"""Mended while the bill is being issued: the bill has the code, or the change finds the bill."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.periods import Month
from billing.models import BillLine
from billing.services import ledger
from billing.services.codes import CodeIsBilled, mend_codes
from billing.services.issue import issue_bill, opens_at
from conferences.models import Session
from tests import make

MARCH = Month(2026, 3, "America/New_York")
NOW = opens_at(MARCH)
WAITS_FOR_ME = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(account, conference):
    return make.session(conference=conference)


def mend(call):
    try:
        by = Actor(label="somebody")
        mend_codes(call.conference.account, {call.pk: "CC-7"}, by=by, now=NOW)
    finally:
        connection.close()


def issue_while_mending(monkeypatch, call, *, before=lambda: None):
    """Issue the bill; when its lines are frozen but not yet committed, mend in another session.

    Returns the mending's future, done or failed.
    """
    number_of_the_bill = ledger.next_bill_number
    with ThreadPoolExecutor(max_workers=1) as other:
        futures = []

        def meanwhile():
            before()
            futures.append(other.submit(mend, call))
            while not futures[0].done() and not somebody_waits():
                pass
            return number_of_the_bill()

        monkeypatch.setattr(ledger, "next_bill_number", meanwhile)
        issue_bill(call.conference.account, MARCH, now=NOW)
    return futures[0]


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(WAITS_FOR_ME)
        return cursor.fetchone()[0]


def codes():
    return Session.objects.get().billing_code, BillLine.objects.get().billing_code


def test_code_mended_before_the_bill_is_on_it(call):
    mend(call)
    issue_bill(call.conference.account, MARCH, now=NOW)

    assert codes() == ("CC-7", "CC-7")


def test_code_mended_while_the_bill_is_issued_finds_the_bill(monkeypatch, call):
    mending = issue_while_mending(monkeypatch, call)

    assert isinstance(mending.exception(), CodeIsBilled)
    assert codes() == ("", "")


def test_without_the_lock_the_bill_would_lack_the_code(monkeypatch, call):
    """The control: the change is made, and the bill has never heard of it."""
    mending = issue_while_mending(
        monkeypatch, call, before=lambda: monkeypatch.setattr(ledger, "lock", lambda pk: None)
    )

    assert mending.exception() is None
    assert codes() == ("CC-7", "")
