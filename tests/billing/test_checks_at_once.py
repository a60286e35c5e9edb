"""Checks recorded by two clerks at once, or by one whose server dies half-way: each counts once."""

import datetime as dt
import signal

import pytest
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import Account, AuditEntry, Letter, Terms
from billing.models import Check, JournalEntry
from billing.services import checks, ledger
from billing.verification import books
from tests import kill_points, make
from tests.children import fork, run_together, wait

NOW = dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC)
CLERK = Actor(label="Clara Clerk")
#: How many points the ordinary run kills at, spread over all; the full one kills at each.
SAMPLE = 10
TOLD = ["billing_check", "billing_allocation", "accounts_letter", "accounts_auditentry"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owing():
    """An account that owes $10.00 and $25.00."""
    account = make.account(terms=Terms.CHECK, plan=make.rate_plan())
    make.user(account=account, role="admin")
    make.issued(account, "2026-02", dollars=10)
    make.issued(account, "2026-03", dollars=25)
    return account


def receive(account, *, number="1001", cents=1500):
    return checks.record_check(
        account,
        number=number,
        amount_cents=cents,
        received_on=NOW.date(),
        by=CLERK,
        now=NOW,
    )


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def test_same_check_recorded_at_once_counts_once(owing):
    run_together(*[lambda: receive(owing)] * 6)

    assert Check.objects.count() == AuditEntry.objects.count() == 1
    assert unpaid(owing) == [0, 2000]


def test_checks_recorded_at_once_settle_no_cent_twice(owing):
    run_together(*[lambda number=number: receive(owing, number=str(number)) for number in range(4)])

    assert unpaid(owing) == [0, 0]
    assert ledger.balance_cents(owing) == 3500 - 4 * 1500
    assert broken() == set()


def test_without_the_lock_a_cent_would_be_settled_twice(owing, monkeypatch):
    """The control: clerks who do not wait for each other both settle the same bill."""

    def slowly(*arguments, **circumstances):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return settle(*arguments, **circumstances)

    settle = ledger.Allocation.objects.bulk_create
    monkeypatch.setattr(ledger, "lock", lambda pk: Account.objects.get(pk=pk))
    monkeypatch.setattr(ledger.Allocation.objects, "bulk_create", slowly)

    run_together(*[lambda number=number: receive(owing, number=str(number)) for number in range(2)])

    assert broken() >= {"allocations_fit_what_they_settle"}


def test_same_bounce_noted_at_once_counts_once(owing):
    check = receive(owing)

    run_together(*[lambda: checks.bounce(check, by=CLERK, now=NOW)] * 4)

    assert JournalEntry.objects.filter(kind="bounced").count() == 1
    assert Letter.objects.count() == 2


def record_and_bounce(account, visit=None):
    if visit is not None:
        kill_points.install(visit)
    checks.bounce(receive(account), by=CLERK, now=NOW)
    receive(account, number="1002", cents=4000)


def points(account, note):
    """Do it once unharmed, in a child, and return how many points it passes."""

    def recorded():
        record_and_bounce(account, counter := kill_points.Counter())
        note.write_text(str(counter.count))

    assert wait(fork(recorded)) == 0
    return int(note.read_text())


@pytest.mark.parametrize("step", [None, pytest.param(1, marks=pytest.mark.full)])
def test_clerk_whose_server_died_does_it_again_and_all_counts_once(owing, tmp_path, step):
    count = points(owing, tmp_path / "points")
    for kill_at in range(1, count + 1, step or max(1, count // SAMPLE)):
        begin_anew()
        pid = fork(lambda at=kill_at: record_and_bounce(owing, kill_points.Counter(kill_at=at)))
        assert wait(pid) == -signal.SIGKILL

        record_and_bounce(owing)

        assert [str(check) for check in Check.objects.order_by("pk")] == ["1001", "1002"]
        assert (unpaid(owing), ledger.balance_cents(owing)) == ([0, 0], -500)
        assert (Letter.objects.count(), AuditEntry.objects.count()) == (2, 3)
        assert broken() == set()


def begin_anew():
    """Forget the checks and what was told of them; the bills stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in TOLD:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("DELETE FROM billing_journalentry WHERE kind <> 'bill'")
        cursor.execute(
            "DELETE FROM billing_posting"
            " WHERE entry_id NOT IN (SELECT id FROM billing_journalentry)"
        )


def broken():
    """Name what is broken of the checks and the ledger, whose accounts have no bill run here."""
    about = ("check", "credit", "alloc", "entry", "balance")
    return {
        found.check.name for found in books.verify(now=NOW) if found.check.name.startswith(about)
    }
