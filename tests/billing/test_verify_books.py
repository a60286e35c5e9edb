"""`verify_books` passes good books, and names exactly what was broken in bad ones."""

import datetime as dt
import hashlib
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Terms
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import BillDocument, BillJob, BillLine, Collection, JournalEntry, Rate
from billing.services import collect, ledger, runs
from billing.services.issue import opens_at
from billing.verification import books, documents
from conferences.models import CallFile, Conference, Session
from tests import make
from tests.billing.corrected import correct_in_each_way
from tests.billing.tampering import TAMPERING, drop_key, tamper
from tests.test_architecture import APPS, ROOT, imports

ZONE = "America/New_York"
FEBRUARY, MARCH = Month(2026, 2, ZONE), Month(2026, 3, ZONE)
AFTER_FEBRUARY, AFTER_MARCH = opens_at(FEBRUARY), opens_at(MARCH)
LATER = AFTER_MARCH + dt.timedelta(days=3)


@pytest.fixture
def good_books(account, plan, stripe_standin, settings, tmp_path):
    """Two billed months of a card payer, three check payers, one without calls, and one closed.

    One check bounced between the two bills. One account has a bill with every kind of charge.
    """
    settings.MEDIA_ROOT = tmp_path
    payer = make.account(name="Partly", terms=Terms.CHECK, plan=plan, region="NY")
    make_charged(payer)
    generous = make.account(name="Generous", terms=Terms.CHECK, plan=plan)
    bouncing = make.account(name="Bouncing", terms=Terms.CHECK, plan=plan)
    make.account(name="Quiet", terms=Terms.CHECK, plan=plan)
    make.account(name="Closed", plan=plan, closed_on=dt.date(2026, 1, 31))
    make.stripe_card(account)
    for caller in (account, payer, generous, bouncing):
        make_calls(caller, FEBRUARY, MARCH)
    run(FEBRUARY)
    collect.collect(Collection.objects.get(), gateway=gateway(), now=AFTER_FEBRUARY)
    make.check(payer, check_number="1", amount_cents=100, now=AFTER_FEBRUARY)
    check = make.check(bouncing, check_number="1", amount_cents=99, now=AFTER_FEBRUARY)
    bounced = JournalEntry.Kind.BOUNCED
    ledger.take_back(check, kind=bounced, reference="bounced:1", now=AFTER_FEBRUARY)
    run(MARCH)
    make.check(payer, check_number="2", amount_cents=200, now=LATER)
    make.check(generous, check_number="1", amount_cents=500_000, now=LATER)
    correct_in_each_way(account, now=LATER)
    for document in BillDocument.objects.select_related("bill")[1:]:
        keep_pdf(document)


def make_charged(account):
    """Let there be a fee, a surcharge and a tax for `account`, and a late fee for whoever is."""
    make.fee(account=account, starts_on=MARCH.first_day + dt.timedelta(days=9))
    make.tax(kind="surcharge", country="US", region="NY", starts_on=MARCH.first_day)
    make.tax(percent="7.25", country="US", region="NY", starts_on=MARCH.first_day)
    make.late_fee(grace_days=0)


def make_calls(account, *months):
    for name in ("Weekly", "Board"):
        conference = make.conference(account=account, name=name)
        for month in months:
            for day in (3, 20):
                start = month.start + dt.timedelta(days=day)
                legs = [(61, "local"), (600, "toll_free"), (0, "local")]
                make.session(conference=conference, started_at=start, legs=legs)


def run(month):
    runs.open_runs(month, now=opens_at(month))
    jobs = list(runs.issue_waiting(gateway=gateway(), now=opens_at(month)))
    assert all(job.bill for job in jobs)


def keep_pdf(document):
    content = f"%PDF of {document.bill}".encode()
    name = default_storage.save(f"bills/{document.bill}.pdf", ContentFile(content))
    document.file, document.size, document.made_at = name, len(content), LATER
    document.sha256 = hashlib.sha256(content).hexdigest()
    document.save()


def broken(*, now=LATER):
    return {finding.check.name for finding in books.verify(now=now) if finding.check.serious}


def notes():
    return {
        finding.check.name: finding.rows
        for finding in books.verify(now=LATER)
        if not finding.check.serious
    }


#: Invariants that tests of their own break.
TAMPERED_APART = {"every_closed_month_has_its_run", "leg_is_billed_once", "no_leg_is_forgotten"}


@contextmanager
def undone():
    """Take back afterwards whatever is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_good_books_pass(good_books):
    assert broken() == set()


def test_what_is_broken_is_named(good_books, subtests):
    for name, *statements in TAMPERING:
        with subtests.test(name), undone():
            tamper(*statements)

            assert broken() == {name}


def test_every_invariant_is_broken_by_a_test():
    serious = {check.name for check in books.CHECKS if check.serious}

    tampered = {name for name, *_ in TAMPERING} | TAMPERED_APART

    assert tampered == serious | {documents.STORED_AS_MADE.name}


def test_month_without_a_run_is_named_once_its_grace_is_over(good_books):
    april = opens_at(MARCH.next())

    assert broken(now=april - dt.timedelta(seconds=1)) == set()
    assert broken(now=april) == {"every_closed_month_has_its_run"}


def test_leg_billed_twice_is_named(good_books):
    tamper(
        drop_key("billing_billedleg", "p"),
        "INSERT INTO billing_billedleg (leg_id, line_id) SELECT leg_id, line_id"
        " FROM billing_billedleg ORDER BY leg_id LIMIT 1",
    )

    assert broken() == {"leg_is_billed_once", "line_adds_up_its_legs"}


def test_leg_that_was_there_before_the_bill_is_named_forgotten(good_books):
    make.add_legs(Session.objects.first(), (60, "local"))

    assert broken() == {"no_leg_is_forgotten"}


def test_leg_that_came_after_the_bill_is_not_forgotten(good_books):
    make.add_legs(Session.objects.first(), (60, "local"))
    newest = CallFile.objects.order_by("pk").last()
    CallFile.objects.filter(pk=newest.pk).update(received_at=LATER)

    assert broken() == set()


def test_leg_of_a_long_intake_that_ended_after_the_bill_is_not_forgotten(good_books):
    make.add_legs(Session.objects.first(), (60, "local"))
    newest = CallFile.objects.order_by("pk").last()
    CallFile.objects.filter(pk=newest.pk).update(finished_at=LATER)

    assert broken() == set()


def test_lost_file_is_named_with_its_bill(good_books):
    lost = BillDocument.objects.exclude(made_at=None).select_related("bill").first()
    default_storage.delete(lost.file.name)

    (finding,) = (one for one in books.verify(now=LATER) if one.check.serious)

    assert finding.check.name == "document_is_as_it_was_made"
    assert [row["bill"] for row in finding.rows] == [lost.bill.number]


def test_calls_of_an_account_without_a_further_bill_are_not_forgotten(good_books):
    closed = Account.objects.get(name="Closed")
    in_january = FEBRUARY.start - dt.timedelta(days=3)
    make.session(conference=make.conference(account=closed), started_at=in_january)

    assert broken() == {"no_leg_is_forgotten"}


def test_held_bill_waits_for_staff_and_breaks_nothing(good_books):
    Account.objects.filter(name="Closed").update(closed_on=dt.date(2026, 2, 28))
    runs.open_runs(FEBRUARY, now=LATER)
    BillJob.objects.filter(bill=None).update(held_because="no rate")

    assert broken() == set()
    assert [row["held_because"] for row in notes()["bills_wait_for_staff"]] == ["no rate"]


def test_rate_that_was_changed_later_breaks_nothing(good_books):
    Rate.objects.filter(access_type="local").update(rate_per_minute="0.5")

    assert broken() == set()
    assert {str(row["rate_now"]) for row in notes()["rates_were_changed_later"]} == {"0.500000"}


def test_code_that_was_changed_later_breaks_nothing(good_books):
    board = Conference.objects.filter(name="Board", account__name="Partly")
    board.update(billing_code="CC-7")
    weekly = Session.objects.filter(conference__name="Weekly", conference__account__name="Partly")
    weekly.filter(pk=weekly.first().pk).update(keyed_code="KEY")

    assert broken() == set()
    changed = notes()["codes_were_changed_later"]
    assert sorted((row["code_now"], row["billing_code"]) for row in changed) == [
        ("CC-7", ""),
        ("CC-7", ""),
        ("KEY", ""),
    ]


def test_rate_that_a_late_leg_would_have_had_is_no_change(good_books):
    """A leg that ends after midnight comes late, and a new rate began that day."""
    held = Session.objects.filter(started_at__lt=MARCH.start).latest("started_at")
    (late,) = make.add_legs(held, (86_400, "local"))
    Session.objects.filter(pk=held.pk).update(ended_at=late.left_at)
    the_day = late.left_at.astimezone(ZoneInfo(ZONE)).date()
    plan = held.conference.account.plans.get().plan
    Rate.objects.create(plan=plan, access_type="local", rate_per_minute="0.1", starts_on=the_day)
    Rate.objects.create(
        plan=plan,
        access_type="local",
        rate_per_minute="0.029",
        starts_on=the_day + dt.timedelta(days=1),
    )

    assert "rates_were_changed_later" not in notes()
    run(MARCH.next())
    assert "rates_were_changed_later" not in notes()


def test_first_ten_rows_are_named_and_all_are_counted(good_books):
    tamper("UPDATE billing_billline SET participants = participants + 1")

    (finding,) = (one for one in books.verify(now=LATER) if one.check.serious)

    assert (len(finding.rows), finding.count) == (10, BillLine.objects.count())


def test_progress_is_told_of_every_step(good_books):
    told = []

    books.verify(now=LATER, told=lambda: told.append(1))

    assert len(told) == books.steps() > len(books.CHECKS)


@pytest.mark.django_db(transaction=True)
def test_books_are_only_read():
    with CaptureQueriesContext(connection) as queries:
        assert books.verify(now=LATER) == []

    assert "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY" in {
        query["sql"] for query in queries
    }


def test_verification_shares_nothing_with_billing():
    foreign = {
        name
        for file in (ROOT / "billing/verification").glob("*.py")
        for _, name in imports(file.relative_to(ROOT).as_posix(), file.read_text())
        if name.split(".")[0] in APPS and not name.startswith("billing.verification.")
    }

    assert foreign == set()
