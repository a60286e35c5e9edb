"""Refunds asked for, allowed and sent by several at once, or by one that is killed: once."""

import signal
from functools import partial
from itertools import count

import pytest

from accounts.actors import Actor
from billing.gateway import GatewayUnavailable
from billing.models import RefundRequest
from billing.services import deciding, ledger, refunds
from tests import kill_points, make
from tests.billing.refunds.world import DAY, NOW, State, returned, send
from tests.children import fork, run_together, wait


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_do_not_pass_the_credit(payment, ask, staff, settings):
    settings.REFUND_LIMIT_CENTS = 1_000_000

    def ask_for_most():
        try:
            ask(40_000)
        except refunds.NotRefundable:
            return

    run_together(ask_for_most, ask_for_most)

    assert RefundRequest.objects.get().amount_cents == 40_000


@pytest.mark.django_db(transaction=True)
def test_two_who_allow_it_at_once_allow_it_once(account, ask, second, stripe_standin):
    third = make.user(email="third@meridian.example", name="Tim Third", is_superuser=True)
    request = ask(50_001)

    def allow(person):
        try:
            refunds.approve_refund(request, by=Actor(user=person), now=NOW)
        except deciding.DecidedAlready:
            return

    run_together(partial(allow, second), partial(allow, third))

    assert account.journal.filter(kind="refund").count() == 1
    assert ledger.unapplied_cents(account) == 9_999


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_give_back_once(payment, ask, stripe_standin):
    request = ask(20_000)

    def sweep():
        try:
            send()
        except GatewayUnavailable:
            return

    run_together(*[sweep] * 3)
    send(NOW + DAY)

    request.refresh_from_db()
    assert (request.state, returned(stripe_standin)) == (State.SUCCEEDED, [20_000])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.full)])
def test_killed_at_any_step_one_refund_is_given_back(payment, ask, stripe_standin, account, step):
    wrong = []
    for times, point in enumerate(count(1, step), start=1):
        request = ask(100)
        killed = wait(fork(partial(killed_at, point)))
        stripe_standin.advance(2 * 24 * 3600)
        send(NOW + DAY)
        request.refresh_from_db()
        if request.state != State.SUCCEEDED or returned(stripe_standin) != [100] * times:
            wrong.append((point, request.state, returned(stripe_standin)))
        if killed == 0:
            break

    assert wrong == []
    assert point > 10
    assert ledger.unapplied_cents(account) == 60_000 - 100 * times


def killed_at(point):
    kill_points.install(kill_points.Counter(kill_at=point))
    send()


def test_a_kill_is_a_kill():
    """The control of the test above: its children do die."""
    assert wait(fork(lambda: kill_points.Counter(kill_at=1)("here"))) == -signal.SIGKILL
