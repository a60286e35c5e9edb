"""Random months with two to four faults each; whatever happens, the books are right in the end.

A failure names its seed: `pytest tests/billing/test_random_runs.py --seed N` plays it again.
"""

import itertools
import os

import pytest

from billing.models import Collection
from billing.services import collect, paying
from tests.billing import faults
from tests.billing.random_runs.run import Run

#: The seed of a run whose first sweep, and the next, charge a good card and are spoilt.
CHARGES_TWICE = 10

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_world")]


@pytest.fixture(autouse=True)
def second_person(settings):
    """Let two people decide about more than $10.00."""
    settings.REFUND_LIMIT_CENTS = 1000


def test_random_runs_end_with_right_books(seeds, stripe_standin, smtp):
    for seed in seeds:
        run = Run(seed, standin=stripe_standin, smtp=smtp)

        wrong = run.play()

        assert wrong == [], "\n".join([*run.story, "", *wrong])


def test_without_the_stored_intent_a_run_takes_money_twice(stripe_standin, smtp, monkeypatch):
    """The control: a new PaymentIntent for each try, and no other fault than lost answers."""
    serial = itertools.count()

    def always_a_new_one(collection, *, customer_id, gateway, now):
        intent = gateway.create_intent(
            amount_cents=collection.amount_cents,
            currency=collection.currency,
            customer_id=customer_id,
            bill=str(collection.bill.uuid),
            generation=f"{os.getpid()}-{next(serial)}",
        )
        Collection.objects.filter(pk=collection.pk).update(intent_id=intent.id)
        return intent

    monkeypatch.setattr(faults, "FAULTS", [faults.lost_answer])
    monkeypatch.setattr(faults, "CALLS", [("POST", faults.CONFIRM)])
    monkeypatch.setattr(faults, "TIMES", [3])
    monkeypatch.setattr(collect, "intent_of", always_a_new_one)
    monkeypatch.setattr(paying, "intent_of", always_a_new_one)

    wrong = Run(CHARGES_TWICE, standin=stripe_standin, smtp=smtp).play()

    assert [problem for problem in wrong if problem.startswith("charges")] != []
