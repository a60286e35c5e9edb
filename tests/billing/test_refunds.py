"""Refunds: by the way the money came, within credit and charge, once; above a limit by two."""

import datetime as dt
import signal
import uuid
from functools import partial
from itertools import count

import pytest

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from billing.gateway import GatewayUnavailable, gateway
from billing.models import Collection, JournalEntry, RefundRequest
from billing.services import collect, deciding, events, ledger, refunds
from billing.services.credit_notes import issue_credit_note
from tests import kill_points, make
from tests.children import fork, run_together, wait

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
State = RefundRequest.State


@pytest.fixture
def payment(account, admin, stripe_standin):
    """A bill of $1,000.00, paid by card; $600.00 of it were given back as credit."""
    return paid_by_card(account)


def paid_by_card(account, *, token="pm_card_visa", credited=60_000):
    make.stripe_card(account, token=token)
    bill = make.issued(account, "2026-03", dollars=1000)
    collect.collect(Collection.objects.get(bill=bill), gateway=gateway(), now=NOW)
    clerk = make.user(name="Nora Note", is_superuser=True)
    issue_credit_note(
        bill,
        amounts={bill.lines.get().pk: credited},
        reason="Noise",
        form_key=uuid.uuid4(),
        by=Actor(user=clerk),
        now=NOW,
    )
    return JournalEntry.objects.payments().get(account=account)


@pytest.fixture
def second(db):
    return make.user(email="second@meridian.example", name="Zoe Second", is_superuser=True)


@pytest.fixture
def ask(payment, staff):
    def ask(cents, *, form_key=None, of=payment, **more):
        return refunds.ask_refund(
            of,
            amount_cents=cents,
            reason="They asked.",
            form_key=form_key or uuid.uuid4(),
            by=Actor(user=staff),
            now=NOW,
            **more,
        )

    return ask


def send(now=NOW):
    return list(refunds.send_due_refunds(gateway=gateway(), now=now))


def returned(stripe_standin):
    return [refund["amount"] for refund in stripe_standin.objects("refund")]


def test_refund_goes_back_to_the_card_and_spends_the_credit(account, ask, stripe_standin):
    request = ask(20_000)

    send()

    request.refresh_from_db()
    assert request.state == State.SUCCEEDED
    assert returned(stripe_standin) == [20_000]
    assert ledger.unapplied_cents(account) == 40_000
    assert ledger.balance_cents(account) == -40_000
    assert {side.book: side.amount_cents for side in request.entry.postings.all()} == {
        "receivable": 20_000,
        "card_clearing": -20_000,
    }
    assert Letter.objects.filter(kind="refund_sent").count() == 1


@pytest.mark.parametrize("cents", [60_001, 0, -5])
def test_no_more_than_the_credit_goes_back(ask, cents):
    with pytest.raises(refunds.NotRefundable):
        ask(cents)


def test_no_more_than_the_payment_goes_back(account, payment, ask):
    make.check(account, check_number="1", amount_cents=100_000, now=NOW)
    ask(45_000)

    assert refunds.refundable_cents(payment) == 55_000


def test_asking_twice_by_one_form_asks_once(ask, stripe_standin):
    key = uuid.uuid4()

    assert ask(100, form_key=key) == ask(100, form_key=key)
    send()
    send()
    assert returned(stripe_standin) == [100]


def test_above_the_limit_a_second_person_allows_it(account, ask, staff, second, stripe_standin):
    request = ask(50_001)

    assert (request.state, send(), returned(stripe_standin)) == (State.ASKED, [], [])
    assert ledger.unapplied_cents(account) == 60_000
    with pytest.raises(deciding.SamePerson):
        refunds.approve_refund(request, by=Actor(user=staff), now=NOW)
    refunds.approve_refund(request, by=Actor(user=second), now=NOW)
    with pytest.raises(deciding.DecidedAlready):
        refunds.approve_refund(request, by=Actor(user=second), now=NOW)
    send()

    assert returned(stripe_standin) == [50_001]
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["issued", "asked for", "allowed"]


def test_limit_is_not_passed_in_slices(ask):
    first, second = ask(30_000), ask(20_001)

    assert (first.state, second.state) == (State.APPROVED, State.ASKED)


def test_what_waits_for_a_second_person_cannot_be_asked_for_again(payment, ask):
    ask(50_001)

    assert refunds.refundable_cents(payment) == 9_999


def test_declined_refund_gives_nothing_back(payment, ask, second, stripe_standin):
    request = refunds.decline_refund(ask(50_001), by=Actor(user=second), now=NOW)

    assert (request.state, send(), returned(stripe_standin)) == (State.DECLINED, [], [])
    assert refunds.refundable_cents(payment) == 60_000


def test_credit_that_is_gone_meanwhile_is_not_refunded(account, ask, second):
    request = ask(50_001)
    make.issued(account, "2026-04", dollars=200)

    with pytest.raises(refunds.NotRefundable):
        refunds.approve_refund(request, by=Actor(user=second), now=NOW)


def test_lost_answer_gives_back_once(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    assert send() == []
    request.refresh_from_db()
    assert request.state == State.APPROVED

    stripe_standin.clear_faults()
    send(NOW + DAY / 24)

    assert returned(stripe_standin) == [20_000]


def test_lost_answer_gives_back_once_after_stripe_forgot_the_key(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    stripe_standin.advance(2 * 24 * 3600)

    send(NOW + 2 * DAY)

    request.refresh_from_db()
    assert (request.state, returned(stripe_standin)) == (State.SUCCEEDED, [20_000])


def test_without_looking_first_a_forgotten_key_gives_back_twice(ask, stripe_standin, monkeypatch):
    """The control."""
    monkeypatch.setattr(refunds, "_done_already", lambda request, gateway: None)
    ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    stripe_standin.advance(2 * 24 * 3600)

    send(NOW + 2 * DAY)

    assert returned(stripe_standin) == [20_000, 20_000]


def test_event_finishes_a_refund_of_which_the_answer_was_lost(ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.drop_next_answer("refund", times=5)
    send()
    stripe_standin.clear_faults()
    (made,) = stripe_standin.objects("refund")

    for _ in range(2):
        events.take_note_of_refund(made["id"], gateway(), NOW)

    request.refresh_from_db()
    assert (request.state, request.refund_id) == (State.SUCCEEDED, made["id"])
    send(NOW + DAY)
    assert returned(stripe_standin) == [20_000]


@pytest.mark.parametrize("state", ["succeeded", "pending"])
def test_refund_that_fails_later_is_credit_again(account, payment, ask, stripe_standin, state):
    request = ask(20_000)
    send()
    RefundRequest.objects.filter(pk=request.pk).update(state=state)
    (made,) = stripe_standin.objects("refund")
    stripe_standin.finish_refund(made["id"], failure="expired_or_canceled_card")

    for _ in range(2):
        events.take_note_of_refund(made["id"], gateway(), NOW)

    request.refresh_from_db()
    assert (request.state, request.failure) == (State.FAILED, "expired_or_canceled_card")
    assert request.failed_entry.about == request.entry
    assert ledger.unapplied_cents(account) == 60_000
    assert Letter.objects.filter(kind="refund_failed").count() == 1
    assert refunds.refundable_cents(payment) == 60_000


def test_refund_on_its_way_is_asked_after_each_day(account, stripe_standin, staff):
    payment = paid_by_card(account, token="pm_card_pendingRefund")
    request = refunds.ask_refund(
        payment,
        amount_cents=100,
        reason="x",
        form_key=uuid.uuid4(),
        by=Actor(user=staff),
        now=NOW,
    )
    send()
    request.refresh_from_db()
    assert (request.state, send(NOW + DAY / 2)) == (State.PENDING, [])
    (made,) = stripe_standin.objects("refund")
    stripe_standin.finish_refund(made["id"])

    send(NOW + DAY)

    request.refresh_from_db()
    assert request.state == State.SUCCEEDED


def test_refund_that_stripe_refuses_is_credit_again(account, payment, ask, stripe_standin):
    request = ask(20_000)
    stripe_standin.dispute(payment.reference)

    send()

    request.refresh_from_db()
    assert (request.state, returned(stripe_standin)) == (State.FAILED, [])
    assert "charged back" in request.failure
    assert ledger.unapplied_cents(account) == 60_000


def test_disputed_charge_is_not_refunded(payment, ask, stripe_standin):
    dispute = stripe_standin.dispute(payment.reference)
    events.take_note_of_dispute(dispute["id"], gateway(), NOW)

    assert refunds.refundable_cents(payment) == 0


def test_check_is_given_back_by_a_check(account, payment, ask, stripe_standin):
    check = make.check(account, check_number="1", amount_cents=5_000, now=NOW)

    request = ask(5_000, of=check, check_number="884")

    assert (request.state, send(), returned(stripe_standin)) == (State.SUCCEEDED, [], [])
    assert {side.book for side in request.entry.postings.all()} == {"receivable", "bank"}


def test_bounced_check_is_not_refunded(account, payment):
    check = make.check(account, check_number="1", amount_cents=5_000, now=NOW)
    ledger.take_back(check, kind=JournalEntry.Kind.BOUNCED, reference="bounced:1", now=NOW)

    assert refunds.refundable_cents(check) == 0


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
