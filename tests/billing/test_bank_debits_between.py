"""A debit of a bank account beside all else: the next bill, the comparison, late returns."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.letters import written
from accounts.models import Letter
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Attempt, Collection, Dispute, JournalEntry
from billing.payments import payments_of
from billing.services import events, ledger, runs, sweep
from billing.services.collect import collect
from billing.services.issue import opens_at
from billing.services.reconcile import reconcile
from tests import make
from tests.billing.browsers import confirm_payment
from tests.pages import read, sign_in

MARCH = Month(2026, 3, "America/New_York")
LATE = opens_at(MARCH.next()) - dt.timedelta(days=2)
MAY_1 = opens_at(MARCH.next())
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def pending(account, admin, stripe_standin):
    """Begin to debit March's $25.00 two days before the next bill."""

    def begin(token="pm_usBankAccount_success"):
        make.stripe_bank(account, token=token)
        collection = make.issued(account, "2026-03", dollars=25).collection
        return collect(collection, gateway=gateway(), now=LATE)

    return begin


def bill_april(account):
    line = make.conference(account=account, name="April")
    make.session(conference=line, started_at=MARCH.end + DAY, legs=[(6000, "toll_free")])
    runs.open_runs(MARCH.next(), now=MAY_1)
    list(runs.issue_waiting(gateway=gateway(), now=MAY_1))
    return account.bills.order_by("number").last()


def sweep_at(*times):
    for now in times:
        for _ in sweep.collect_due(gateway=gateway(), now=now):
            pass


def states(account):
    collections = Collection.objects.filter(bill__account=account).order_by("bill__number")
    return list(collections.values_list("state", flat=True))


def test_next_bill_is_issued_and_its_collection_waits(account, pending, stripe_standin):
    pending()

    bill = bill_april(account)
    sweep_at(*(MAY_1 + hours * HOUR for hours in range(1, 40)))

    assert bill.amount_due_cents > 2500
    assert states(account) == ["processing", "waiting"]
    assert [intent["status"] for intent in stripe_standin.objects("payment_intent")] == [
        "processing"
    ]
    assert not [call for call in stripe_standin.calls() if call["path"].endswith("/cancel")]


def test_stripe_is_asked_once_an_hour_while_the_next_bill_waits(account, pending, stripe_standin):
    pending()
    bill_april(account)
    before = len(stripe_standin.calls())

    sweep_at(*(MAY_1 + minutes * HOUR / 60 for minutes in range(1, 180)))

    assert len(stripe_standin.calls()) - before == 2


def test_once_the_older_is_paid_the_next_takes_only_its_own(account, pending, stripe_standin):
    pending()
    bill = bill_april(account)
    stripe_standin.advance(4 * DAY.total_seconds())

    sweep_at(MAY_1 + 2 * DAY, MAY_1 + 2 * DAY + HOUR)
    stripe_standin.settle()
    sweep_at(MAY_1 + 6 * DAY)

    assert states(account) == ["paid", "paid"]
    assert stripe_standin.charges() == [2500, bill.amount_due_cents - 2500]
    assert ledger.balance_cents(account) == 0


def test_once_the_older_has_failed_the_next_takes_both(account, pending, stripe_standin):
    pending("pm_usBankAccount_insufficientFunds")
    bill = bill_april(account)
    make.stripe_card(account)
    stripe_standin.advance(4 * DAY.total_seconds())

    sweep_at(MAY_1 + 2 * DAY, MAY_1 + 2 * DAY + HOUR)

    assert states(account) == ["superseded", "paid"]
    assert stripe_standin.charges() == [bill.amount_due_cents]
    assert ledger.balance_cents(account) == 0


def test_debit_that_failed_just_before_the_next_bill_is_part_of_it(
    account, pending, stripe_standin
):
    pending("pm_usBankAccount_insufficientFunds")
    stripe_standin.settle()

    bill = bill_april(account)

    assert states(account) == ["superseded", "open"]
    assert bill.collection.amount_cents == bill.amount_due_cents


@pytest.mark.parametrize(("has_failed", "late_fees"), [(False, 0), (True, 1)])
def test_late_fee_is_for_what_is_not_on_its_way(
    account, pending, stripe_standin, has_failed, late_fees
):
    make.late_fee(grace_days=0)
    pending("pm_usBankAccount_insufficientFunds")
    if has_failed:
        stripe_standin.settle()

    bill = bill_april(account)

    assert bill.charges.filter(kind="late_fee").count() == late_fees


def reconcile_after(days):
    now = dt.datetime.now(dt.UTC) + days * DAY
    return reconcile(gateway=gateway(), now=now)


def begun_now(account, token="pm_usBankAccount_success"):
    make.stripe_bank(account, token=token)
    collection = make.issued(account, "2026-03", dollars=25).collection
    return collect(collection, gateway=gateway(), now=dt.datetime.now(dt.UTC))


def test_debit_that_took_days_is_no_difference_between_the_books(account, stripe_standin):
    begun_now(account)
    stripe_standin.advance(4 * DAY.total_seconds())
    sweep_at(dt.datetime.now(dt.UTC) + 4 * DAY)

    assert reconcile_after(4.5) == []
    assert reconcile_after(6) == []


def test_debit_that_succeeded_since_the_last_sweep_is_no_difference(account, stripe_standin):
    begun_now(account)
    stripe_standin.advance(4 * DAY.total_seconds())

    assert reconcile_after(4.1) == []


def late_return(account, stripe_standin):
    """Let a debit succeed and come back a day later."""
    begun_now(account)
    stripe_standin.settle()
    sweep_at(dt.datetime.now(dt.UTC) + HOUR)
    payment = JournalEntry.objects.payments().get()
    dispute = stripe_standin.dispute(payment.reference, "insufficient_funds")
    events.take_note_of_dispute(dispute["id"], gateway(), dt.datetime.now(dt.UTC) + DAY)


def test_late_return_is_owed_again_and_nobody_can_answer_it(account, admin, stripe_standin):
    late_return(account, stripe_standin)

    dispute = Dispute.objects.get()
    assert ledger.balance_cents(account) == 2500
    assert (dispute.status, dispute.is_open, dispute.answer_by) == ("lost", False, None)
    words = written(Letter.objects.get(kind="dispute")).body
    assert "insufficient_funds" in words
    assert "takes an answer" not in words


def test_account_that_may_not_be_debited_any_more_is_told_and_given_to_staff(
    account, admin, stripe_standin
):
    late_return(account, stripe_standin)
    bill = bill_april(account)

    sweep_at(MAY_1 + HOUR)

    assert stripe_standin.charges() == [2500]
    assert (bill.collection.state, bill.collection.flagged_at) == ("declined", MAY_1 + HOUR)
    letter = Letter.objects.get(kind="payment_declined")
    assert "It will not be tried again." in written(letter).body
    make.stripe_card(account)
    Collection.objects.filter(state="declined").update(state="open")  # as a new card does
    sweep_at(MAY_1 + 2 * HOUR)
    assert ledger.balance_cents(account) == 0


def type_a_bank_account_in(client, bill, token):
    page = client.post(reverse("billing:bill_pay", args=[bill.number]), {"card": "new"})
    confirm_payment(page.context["intent"].id, token)
    return client.post(
        reverse("billing:bill_pay", args=[bill.number]), {"card": "confirmed"}, follow=True
    )


def test_bank_account_typed_in_on_the_pay_page_is_debited_once(
    client, admin, account, stripe_standin
):
    bill = make.issued(account, "2026-03", dollars=25)
    sign_in(client, admin)

    told = type_a_bank_account_in(client, bill, "pm_usBankAccount_success")
    stripe_standin.settle()
    sweep_at(dt.datetime.now(dt.UTC) + 2 * HOUR)

    assert "takes a bank up to four business days" in read(told).text
    assert (stripe_standin.charges(), states(account)) == ([2500], ["paid"])
    (payment,) = payments_of(JournalEntry.objects.payments().with_receivable())
    assert payment.described.how == "Bank account entered on the Pay page"


@pytest.mark.parametrize(
    ("on_file", "charged"), [("pm_card_visa", [2500]), ("pm_card_chargeCustomerFail", [])]
)
def test_card_on_file_is_charged_where_a_bank_account_typed_in_fails(
    client, admin, account, stripe_standin, on_file, charged
):
    bill = make.issued(account, "2026-03", dollars=25)
    sign_in(client, admin)
    type_a_bank_account_in(client, bill, "pm_usBankAccount_accountClosed")
    make.stripe_card(account, token=on_file)
    now = dt.datetime.now(dt.UTC)
    stripe_standin.settle()

    sweep_at(now + 2 * HOUR, now + 3 * HOUR)

    assert stripe_standin.charges() == charged
    assert Attempt.objects.filter(is_by_customer=True).get().state == "declined"
