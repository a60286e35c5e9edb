"""What the timetable does: the sweep, and at night the comparison with Stripe's books."""

from contextlib import suppress

from billing.gateway import GatewayUnavailable, gateway
from billing.services import reconcile, runs
from billing.services import sweep as sweeping


def sweep(run):
    now = run.now
    run.note("sweep")

    def work():
        runs.open_closed_runs(now=now)
        sweeping.sweep(gateway=gateway(), now=now)

    return work


def night(run):
    """Tonight's comparison; where Stripe does not answer, tomorrow's looks back."""
    now = run.now
    run.note("books are compared")

    def work():
        with suppress(GatewayUnavailable):
            reconcile.reconcile(gateway=gateway(), now=now)

    return work
