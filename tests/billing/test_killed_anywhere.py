"""A bill run of two accounts, killed at every point in turn: the next sweeps finish it, once."""

import datetime as dt

import pytest

from accounts.models import Letter
from accounts.periods import Month
from billing import pdf
from billing.gateway import gateway
from billing.models import Bill, BillDelivery, BillDocument, Collection
from billing.services import collect, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from tests import make
from tests.billing import killing
from tests.billing.killing import Path, unlike

MARCH = Month(2026, 3, "America/New_York")
NOW = opens_at(MARCH)
LATER = dt.timedelta(hours=2)
#: How many points the ordinary run kills at, spread over all; the full one kills at each.
SAMPLE = 16

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(stripe_standin, smtp, settings, tmp_path):
    """The run of a card account with two recipients of the e-bill, and a check account with one."""
    settings.MEDIA_ROOT = tmp_path
    pdf.press()  # read fonts and styles here, not in each child

    def arrange():
        killing.empty_all_tables()
        stripe_standin.reset()
        smtp.messages.clear()
        two_accounts()

    return Path(
        arrange=arrange,
        happen=bill_run,
        follow=sweep_later,
        wrong=lambda: what_is_wrong(stripe_standin, smtp),
    )


@pytest.fixture
def points(run, tmp_path):
    return killing.points(run, tmp_path / "points.json")


def two_accounts():
    plan = make.rate_plan(local="0.029")
    for name, terms, roles in [
        ("Card", "card", ["admin", "billing"]),
        ("Check", "check", ["admin"]),
    ]:
        account = make.account(name=name, terms=terms, plan=plan)
        for role in roles:
            make.user(account=account, role=role, email=f"{role}@{name.lower()}.example")
        if terms == "card":
            make.stripe_card(account)
        make.session(conference=make.conference(account=account), legs=[(6000, "local")])


def bill_run():
    runs.open_runs(MARCH, now=NOW)
    sweep.sweep(gateway=gateway(), now=NOW)


def sweep_later():
    """What the timetable does after a crash: sweep, and once more when leases have run out."""
    runs.open_runs(MARCH, now=NOW + LATER)
    for hours in (1, 2):
        sweep.sweep(gateway=gateway(), now=NOW + hours * LATER)


def what_is_wrong(stripe_standin, smtp):
    """Name what the crash and the sweeps after it left wrong; empty where all is well."""
    wrong = unlike(
        bills=(list(Bill.objects.order_by("number").values_list("number", flat=True)), [1, 2]),
        charges=(stripe_standin.charges(), [290]),
        collections=(list(Collection.objects.values_list("state", flat=True)), ["paid"]),
        PDFs_missing=(BillDocument.objects.waiting().count(), 0),
        e_bills_waiting=(BillDelivery.objects.exclude(state="sent").count(), 0),
        mailed=(
            {message["X-Envelope-To"] for message in smtp.messages},
            {"admin@card.example", "billing@card.example", "admin@check.example"},
        ),
        receipts=(Letter.objects.filter(kind="payment_received").count(), 2),
        letters=(
            len({message["Message-ID"] for message in smtp.messages}),
            BillDelivery.objects.count() + Letter.objects.count(),
        ),
    )
    return wrong + [finding.check.name for finding in books.verify(now=NOW)]


def test_run_killed_at_some_points_is_finished_by_the_sweep(run, points):
    assert killing.kill_at_each(run, killing.sample(points, SAMPLE)) == []


@pytest.mark.full
def test_run_killed_at_every_point_is_finished_by_the_sweep(run, points):
    assert killing.kill_at_each(run, points) == []


def test_without_transactions_a_kill_leaves_something_half_done(run, points):
    """The control: with each statement committed by itself, the sweep cannot mend every crash."""
    inserted = [point for point in points if point[1].startswith("after INSERT")][:6]

    wrong = killing.kill_at_each(killing.torn(run), inserted)

    assert any("charges: [] instead of [290]" in problem for problem in wrong)


def test_without_the_stored_intent_a_kill_charges_twice(run, points, monkeypatch):
    """The control: a new PaymentIntent for each try takes the money again after a crash."""
    confirmed = [point for point in points if "after post" in point[1] and "confirm" in point[1]]

    def always_a_new_one(collection, *, customer_id, gateway, now):
        intent = gateway.create_intent(
            amount_cents=collection.amount_cents,
            currency=collection.currency,
            customer_id=customer_id,
            bill=str(collection.bill.uuid),
            generation=dt.datetime.now(dt.UTC).timestamp(),
        )
        Collection.objects.filter(pk=collection.pk).update(intent_id=intent.id)
        return intent

    monkeypatch.setattr(collect, "intent_of", always_a_new_one)
    wrong = killing.kill_at_each(run, confirmed)

    assert any("charges: [290, 290]" in problem for problem in wrong)
