"""The ledger under any sequence of facts, beside a model of it in plain Python."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from billing.services import ledger, refunds
from tests.billing.ledger_machine import LedgerMachine

EXAMPLES, EXAMPLES_IN_FULL = 15, 500

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_person(settings):
    """Let some refunds and write-offs wait for a second person."""
    settings.REFUND_LIMIT_CENTS = 100


@pytest.mark.parametrize(
    "examples", [EXAMPLES, pytest.param(EXAMPLES_IN_FULL, marks=pytest.mark.full)]
)
def test_any_sequence_of_facts_leaves_the_books_right(examples):
    run(examples)


def run(examples, **more):
    chosen = settings(
        max_examples=examples,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(LedgerMachine, settings=chosen)


def test_without_undoing_what_a_bounced_check_settled_the_machine_finds_it(monkeypatch):
    """The control."""
    monkeypatch.setattr(ledger, "undo_allocations", lambda credit, now: None)

    with pytest.raises(AssertionError):
        run_until_it_fails()


@pytest.mark.full
def test_without_a_look_at_the_credit_the_machine_finds_it(monkeypatch):
    """The control of refunds: whatever is asked for is given back."""
    monkeypatch.setattr(refunds, "refundable_cents", lambda payment: 10_000)

    with pytest.raises(pytest.fail.Exception, match="NotRefundable"):
        run_until_it_fails()


def run_until_it_fails():
    run(EXAMPLES_IN_FULL, phases=[Phase.generate], report_multiple_bugs=False, database=None)
