"""Random months with two to four faults each; whatever happens, the books are right in the end.

A failure names its seed: `pytest tests/billing/test_random_runs.py --seed N` plays it again.
"""

import pytest
import stripe

from billing import pdf
from tests.billing.random_runs import Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_world(monkeypatch, settings, tmp_path):
    """Let Stripe's library ask again at once, and print what is quicker printed than a bill."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    monkeypatch.setattr(pdf, "render", lambda bill: f"%PDF bill {bill.label}\n".encode() * 100)


def test_random_runs_end_with_right_books(seeds, stripe_standin, smtp):
    for seed in seeds:
        run = Run(seed, standin=stripe_standin, smtp=smtp)

        wrong = run.play()

        assert wrong == [], "\n".join([*run.story, "", *wrong])
