"""The controls of killed corrections: each guard taken out, a kill leaves something wrong."""

import uuid

import pytest

from billing.gateway.refunds import Refunds
from billing.services import refunds, write_offs
from tests.billing import killing
from tests.billing.browsers import client_of_stripe
from tests.billing.killed_paths import credit_notes
from tests.billing.killed_paths.credit_notes import credit_note_of_a_paid_bill
from tests.billing.killed_paths.disputes import dispute_opened
from tests.billing.killed_paths.refunds import refund_by_a_check_of_ours, refund_within_the_limit
from tests.billing.killed_paths.write_offs import write_off_within_the_limit

#: At how many points at most a control kills.
SAMPLE = 8

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_world")]


def killed_where(path, is_chosen, note):
    """Kill `path` at some of the points whose label is chosen; return what is then wrong."""
    chosen = [point for point in killing.points(path, note) if is_chosen(point[1])]
    assert chosen != []
    return killing.kill_at_each(path, killing.sample(chosen, SAMPLE))


@pytest.mark.parametrize("declared", [credit_note_of_a_paid_bill, dispute_opened])
def test_without_transactions_half_a_correction_stays(declared, stripe_standin, tmp_path):
    path = killing.torn(declared(stripe_standin))

    wrong = killed_where(path, lambda label: label.startswith("after INSERT"), tmp_path / "points")

    assert [problem for problem in wrong if ": exit codes" not in problem] != []


@pytest.mark.parametrize(
    ("declared", "room", "service", "twice"),
    [
        (credit_note_of_a_paid_bill, credit_notes, "issue_credit_note", "balance: -1400"),
        (refund_by_a_check_of_ours, refunds, "ask_refund", "in the bank: 3000"),
        (write_off_within_the_limit, write_offs, "ask_write_off", "given up: 2000"),
    ],
)
def test_without_the_key_of_its_form_a_correction_counts_twice(
    declared, room, service, twice, stripe_standin, tmp_path, monkeypatch
):
    act = getattr(room, service)

    def as_another_form(*of, **form):
        return act(*of, **form | {"form_key": uuid.uuid4()})

    monkeypatch.setattr(room, service, as_another_form)

    wrong = killed_where(
        declared(stripe_standin), lambda label: label == "after COMMIT", tmp_path / "points"
    )

    assert [problem for problem in wrong if twice in problem] != []


def test_without_key_and_look_a_refund_is_given_back_twice(stripe_standin, tmp_path, monkeypatch):
    """Stripe is told no key, and is not asked what it has made already."""
    monkeypatch.setattr(refunds, "_done_already", lambda request, gateway: None)
    monkeypatch.setattr(Refunds, "create_refund", create_refund_without_a_key)
    path = refund_within_the_limit(stripe_standin)

    wrong = killed_where(path, has_made_a_refund, tmp_path / "points")

    assert [problem for problem in wrong if "at stripe: Counter({'succeeded': 2})" in problem] != []


@pytest.mark.parametrize("guard", ["key", "look"])
def test_either_guard_alone_gives_a_refund_back_once(guard, stripe_standin, tmp_path, monkeypatch):
    """Within a day; after it, only the look is left."""
    if guard == "key":
        monkeypatch.setattr(refunds, "_done_already", lambda request, gateway: None)
    else:
        monkeypatch.setattr(Refunds, "create_refund", create_refund_without_a_key)
    path = refund_within_the_limit(stripe_standin)

    assert killed_where(path, has_made_a_refund, tmp_path / "points") == []


def has_made_a_refund(label):
    return label.startswith("after post") and label.endswith("/v1/refunds")


def create_refund_without_a_key(gateway, charge_id, *, amount_cents, request):
    asked = {"charge": charge_id, "amount": amount_cents, "metadata": {"request": request}}
    made = client_of_stripe().refunds.create(asked)
    return gateway.retrieve_refund(made.id)
