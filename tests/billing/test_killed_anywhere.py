"""A bill run of two accounts, killed at every point in turn: the next sweeps finish it, once."""

import datetime as dt
import json
import signal

import pytest
from django.db import connection

from accounts.models import Account, Letter
from accounts.periods import Month
from billing import pdf
from billing.gateway import gateway
from billing.models import Bill, BillDelivery, BillDocument, Collection
from billing.services import collect, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from tests import kill_points, make
from tests.children import fork, wait

MARCH = Month(2026, 3, "America/New_York")
NOW = opens_at(MARCH)
LATER = dt.timedelta(hours=2)
#: How many points the ordinary run kills at, spread over all; the full one kills at each.
SAMPLE = 16
FOLLOWING_TABLES = "billing_billrun, billing_bill, billing_billnumber, billing_journalentry"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_accounts(stripe_standin, smtp, settings, tmp_path):
    """A card account with two recipients of the e-bill, and a check account with one."""
    settings.MEDIA_ROOT = tmp_path
    pdf.press()  # read fonts and styles here, not in each child
    plan = make.rate_plan(local="0.029")
    for name, terms, roles in [
        ("Card", "card", ["admin", "billing"]),
        ("Check", "check", ["admin"]),
    ]:
        account = make.account(name=name, terms=terms, plan=plan)
        for role in roles:
            make.user(account=account, role=role, email=f"{role}@{name.lower()}.example")
        make.session(conference=make.conference(account=account), legs=[(6000, "local")])


def begin_anew(stripe_standin, smtp):
    """Forget every bill and what followed, so that the run can be killed at another point."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {FOLLOWING_TABLES}, accounts_letter CASCADE")
    stripe_standin.reset()
    smtp.messages.clear()
    for account in Account.objects.filter(terms="card"):
        if hasattr(account, "card"):
            account.card.delete()
        make.stripe_card(account)


def bill_run(visit=None):
    if visit is not None:
        kill_points.install(visit)
    runs.open_runs(MARCH, now=NOW)
    sweep.sweep(gateway=gateway(), now=NOW)


def sweep_later():
    """What the timetable does after a crash: sweep, and once more when leases have run out."""
    runs.open_runs(MARCH, now=NOW + LATER)
    for hours in (1, 2):
        sweep.sweep(gateway=gateway(), now=NOW + hours * LATER)


def points(note):
    """Run once unharmed, in a child, and return the label of each point."""

    def recorded():
        labels = []
        bill_run(kill_points.Counter(report_to=labels))
        note.write_text(json.dumps(labels))

    assert wait(fork(recorded)) == 0
    return json.loads(note.read_text())


def what_is_wrong(stripe_standin, smtp):
    """Name what the crash and the sweeps after it left wrong; empty where all is well."""
    recipients = {message["X-Envelope-To"] for message in smtp.messages}
    found = {
        "bills": (list(Bill.objects.order_by("number").values_list("number", flat=True)), [1, 2]),
        "charges": (stripe_standin.charges(), [290]),
        "collections": (list(Collection.objects.values_list("state", flat=True)), ["paid"]),
        "PDFs missing": (BillDocument.objects.waiting().count(), 0),
        "e-bills waiting": (BillDelivery.objects.exclude(state="sent").count(), 0),
        "mailed": (
            recipients,
            {"admin@card.example", "billing@card.example", "admin@check.example"},
        ),
        "receipts": (Letter.objects.filter(kind="payment_received").count(), 2),
        "letters": (
            len({message["Message-ID"] for message in smtp.messages}),
            BillDelivery.objects.count() + Letter.objects.count(),
        ),
    }
    wrong = [
        f"{name}: {is_} instead of {ought}" for name, (is_, ought) in found.items() if is_ != ought
    ]
    return wrong + [finding.check.name for finding in books.verify(now=NOW)]


def kill_at_each(chosen, stripe_standin, smtp, run=bill_run):
    """Kill a run at each chosen point (number, label), sweep, and return what was then wrong."""
    wrong = []
    for number, label in chosen:
        begin_anew(stripe_standin, smtp)
        killed = wait(fork(lambda n=number: run(kill_points.Counter(kill_at=n))))
        swept = wait(fork(sweep_later))
        problems = what_is_wrong(stripe_standin, smtp)
        if swept != 0 or killed not in (0, -signal.SIGKILL):
            problems.append(f"exit codes {killed}, {swept}")
        wrong += [f"killed {label} (point {number}): {problem}" for problem in problems]
    return wrong


def numbered(labels):
    """Number the points, one for each state that a crash can leave behind.

    Between the end of one thing and the beginning of the next nothing has happened.
    """
    return [
        (number, label)
        for number, label in enumerate(labels, start=1)
        if number == 1
        or not (label.startswith("before") and labels[number - 2].startswith("after"))
    ]


def test_run_killed_at_some_points_is_finished_by_the_sweep(
    two_accounts, stripe_standin, smtp, tmp_path
):
    begin_anew(stripe_standin, smtp)
    labels = numbered(points(tmp_path / "points.json"))

    wrong = kill_at_each(labels[:: len(labels) // SAMPLE], stripe_standin, smtp)

    assert wrong == []


@pytest.mark.full
def test_run_killed_at_every_point_is_finished_by_the_sweep(
    two_accounts, stripe_standin, smtp, tmp_path
):
    begin_anew(stripe_standin, smtp)
    labels = numbered(points(tmp_path / "points.json"))

    wrong = kill_at_each(labels, stripe_standin, smtp)

    assert wrong == []


def test_without_transactions_a_kill_leaves_something_half_done(
    two_accounts, stripe_standin, smtp, tmp_path
):
    """The control: with each statement committed by itself, the sweep cannot mend every crash."""
    begin_anew(stripe_standin, smtp)
    labels = numbered(points(tmp_path / "points.json"))
    inserted = [point for point in labels if point[1].startswith("after INSERT")][:6]

    wrong = kill_at_each(inserted, stripe_standin, smtp, run=run_without_transactions)

    assert any("charges: [] instead of [290]" in problem for problem in wrong)


def run_without_transactions(visit):
    """Commit after every statement, with the triggers off that would refuse half a bill."""

    def committed(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not context["connection"].get_autocommit():
            context["connection"].connection.commit()
        return result

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    connection.features.uses_savepoints = False
    connection.execute_wrappers.append(committed)
    bill_run(visit)


def test_without_the_stored_intent_a_kill_charges_twice(
    two_accounts, stripe_standin, smtp, tmp_path, monkeypatch
):
    """The control: a new PaymentIntent for each try takes the money again after a crash."""
    begin_anew(stripe_standin, smtp)
    labels = numbered(points(tmp_path / "points.json"))
    confirmed = [point for point in labels if "after post" in point[1] and "confirm" in point[1]]

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
    wrong = kill_at_each(confirmed, stripe_standin, smtp)

    assert any("charges: [290, 290]" in problem for problem in wrong)
