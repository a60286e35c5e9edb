"""Debits of bank accounts: under way for days, ended by what Stripe says, and never begun twice."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.letters import written
from accounts.models import Letter
from billing.gateway import GatewayUnavailable, gateway
from billing.models import Attempt, Collection, JournalEntry
from billing.payments import payments_of
from billing.services import dunning, events, ledger, reminders, sweep
from billing.services.collect import collect
from billing.standing import owed_by, with_standing
from tests import make
from tests.pages import read, sign_in

FIRST = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DEBIT_TAKES = 4 * DAY
FAILURES = {
    "pm_usBankAccount_accountClosed": "the account is closed.",
    "pm_usBankAccount_noAccount": "there is no such account.",
    "pm_usBankAccount_debitNotAuthorized": "the account does not allow our debits.",
}


@pytest.fixture
def begun(account, admin, stripe_standin):
    """Begin to debit a bill of $25.00, and return its collection."""

    def begin(token="pm_usBankAccount_success"):
        make.stripe_bank(account, token=token)
        collection = make.issued(account, "2026-03", dollars=25).collection
        return collect(collection, gateway=gateway(), now=FIRST)

    return begin


@pytest.fixture
def days_pass(stripe_standin):
    """Let days pass at Stripe, and our sweep look at their end."""

    def pass_by(days, *, until):
        stripe_standin.advance(days.total_seconds())
        sweep_at(until)

    return pass_by


def sweep_at(*times):
    for now in times:
        for _ in sweep.collect_due(gateway=gateway(), now=now):
            pass


def state_of(collection):
    return Collection.objects.get(pk=collection.pk).state


def debits(stripe_standin):
    return [charge["status"] for charge in stripe_standin.objects("charge")]


def tried_on():
    return [(attempt.started_at - FIRST).days for attempt in Attempt.objects.order_by("number")]


def words_of(kind):
    return written(Letter.objects.filter(kind=kind).latest("pk")).body


def test_debit_is_under_way_until_the_bank_has_paid(begun, account, stripe_standin):
    collection = begun()

    sweep_at(*(FIRST + hours * HOUR for hours in range(1, 50)))

    assert state_of(collection) == Collection.State.PROCESSING
    assert debits(stripe_standin) == ["pending"]
    assert ledger.balance_cents(account) == 2500
    assert not Letter.objects.exists()


def test_debit_that_succeeds_is_booked_and_receipted_once(
    begun, account, stripe_standin, days_pass
):
    collection = begun()

    days_pass(DEBIT_TAKES, until=FIRST + DEBIT_TAKES)
    sweep_at(FIRST + 5 * DAY)

    assert state_of(collection) == Collection.State.PAID
    assert (stripe_standin.charges(), ledger.balance_cents(account)) == ([2500], 0)
    assert list(Letter.objects.values_list("kind", flat=True)) == ["payment_received"]
    (payment,) = payments_of(JournalEntry.objects.payments().with_receivable())
    assert payment.described.how == "Bank account •••• 6789, STRIPE TEST BANK"


@pytest.mark.parametrize("token", ["pm_usBankAccount_success", "pm_usBankAccount_accountClosed"])
def test_event_ends_the_debit_before_the_sweep_asks(begun, stripe_standin, token):
    collection = begun(token)
    stripe_standin.advance(DEBIT_TAKES.total_seconds())

    for _ in range(2):
        events.take_note_of_intent(collection.intent_id, gateway(), FIRST + DEBIT_TAKES)

    ended = {"pm_usBankAccount_success": "paid", "pm_usBankAccount_accountClosed": "declined"}
    assert state_of(collection) == ended[token]
    assert len(debits(stripe_standin)) == Attempt.objects.count() == 1
    assert Letter.objects.count() == 1


def test_debit_found_failed_by_the_sweep_is_not_begun_again_at_once(
    begun, stripe_standin, days_pass
):
    collection = begun("pm_usBankAccount_insufficientFunds")

    days_pass(DEBIT_TAKES, until=FIRST + DEBIT_TAKES)
    sweep_at(FIRST + 5 * DAY, FIRST + 6 * DAY)

    collection.refresh_from_db()
    assert (collection.state, collection.next_try_at) == ("declined", FIRST + 7 * DAY)
    assert debits(stripe_standin) == ["failed"]


def test_account_with_too_little_money_is_debited_twice_more(begun, days_pass):
    begun("pm_usBankAccount_insufficientFunds")

    for day in range(1, 40):
        days_pass(DAY, until=FIRST + day * DAY)

    assert tried_on() == [0, 7, 14]
    assert Letter.objects.filter(kind="payment_declined").count() == 3


def test_account_is_debited_three_times_at_most_however_soon_it_fails(begun, stripe_standin):
    begun("pm_usBankAccount_insufficientFunds")

    for day in range(20):
        stripe_standin.settle()
        sweep_at(FIRST + day * DAY, FIRST + day * DAY + 2 * HOUR)

    assert tried_on() == [0, 3, 7]


def test_letter_about_too_little_money_says_so_and_when_it_is_tried_again(begun, days_pass):
    begun("pm_usBankAccount_insufficientFunds")

    days_pass(DEBIT_TAKES, until=FIRST + DEBIT_TAKES)

    words = words_of("payment_declined")
    assert "your bank returned our debit of $25.00" in words
    assert "the account held too little money." in words
    assert "We charge Bank account •••• 2227, STRIPE TEST BANK on Apr 8, 2026" in words


@pytest.mark.parametrize("token", FAILURES)
def test_account_that_cannot_be_debited_is_never_tried_again(
    begun, stripe_standin, days_pass, token
):
    begun(token)

    for day in range(1, 20):
        days_pass(DAY, until=FIRST + day * DAY)

    assert debits(stripe_standin) == ["failed"]
    words = words_of("payment_declined")
    assert FAILURES[token] in words
    assert "It will not be tried again." in words


def test_lost_answer_begins_one_debit(account, stripe_standin, quick_retries):
    make.stripe_bank(account)
    collection = make.issued(account, "2026-03", dollars=25).collection
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        collect(collection, gateway=gateway(), now=FIRST)

    sweep_at(FIRST + 30 * HOUR)

    assert state_of(collection) == Collection.State.PROCESSING
    assert debits(stripe_standin) == ["pending"]


def test_stripe_is_asked_about_a_debit_once_an_hour(begun, stripe_standin):
    begun()
    before = len(stripe_standin.calls())

    sweep_at(*(FIRST + minutes * HOUR / 60 for minutes in range(1, 180)))

    assert len(stripe_standin.calls()) - before == 2


def test_what_is_on_its_way_is_neither_overdue_nor_asked_for(begun, account):
    collection = begun()
    later = FIRST + 10 * DAY

    bill = with_standing(account.bills.all(), today=later.date()).get()
    owed = owed_by(account, today=later.date())

    assert bill.standing == "processing"
    assert (owed.amount.cents, owed.on_its_way.cents, owed.overdue.cents) == (2500, 2500, 0)
    assert reminders.remind(now=later) == 0
    assert dunning.flag_unpaid(now=FIRST + 20 * DAY) == []
    assert state_of(collection) == Collection.State.PROCESSING


def test_older_bill_that_the_debit_pays_too_is_processing(account, stripe_standin):
    make.issued(account, "2026-02", dollars=9)
    Collection.objects.update(state=Collection.State.SUPERSEDED)
    make.issued(account, "2026-03", dollars=9)
    make.stripe_bank(account)
    sweep_at(FIRST)

    bills = with_standing(account.bills.all(), today=FIRST.date() + 3 * DAY)

    assert [bill.standing for bill in bills] == ["processing", "processing"]
    assert debits(stripe_standin) == ["pending"]


def test_pages_say_that_it_is_on_its_way(begun, admin, client):
    collection = begun()
    sign_in(client, admin)

    page = read(client.get(reverse("billing:bill_pay", args=[collection.bill.number]))).text
    bill = read(client.get(collection.bill.get_absolute_url()))
    home = read(client.get("/customer/")).text

    assert [link.text for link in bill.all("a") if link.text.strip() == "Pay"] == []
    assert "takes a bank up to four business days" in page
    assert "$25.00 on its way" in home
    assert "overdue" not in home


def test_debit_that_no_bank_answers_is_given_to_staff_once(begun):
    collection = begun("pm_usBankAccount_processing")

    flagged = [dunning.flag_unanswered(now=FIRST + days * DAY) for days in (13, 14, 15)]

    assert flagged == [0, 1, 0]
    collection.refresh_from_db()
    assert (collection.state, collection.flagged_at) == ("processing", FIRST + 14 * DAY)
    assert not Letter.objects.exists()


def test_check_that_comes_meanwhile_leaves_credit(begun, account, days_pass):
    begun()
    make.check(account, check_number="1", amount_cents=2500, now=FIRST + DAY)

    days_pass(DEBIT_TAKES, until=FIRST + DEBIT_TAKES)

    assert ledger.balance_cents(account) == -2500


@pytest.mark.parametrize(
    "token", ["pm_usBankAccount_insufficientFunds", "pm_usBankAccount_accountClosed"]
)
def test_card_stored_meanwhile_is_charged_as_soon_as_the_debit_has_failed(
    begun, account, stripe_standin, days_pass, token
):
    begun(token)
    make.stripe_card(account)

    days_pass(DEBIT_TAKES, until=FIRST + DEBIT_TAKES)
    assert "We charge Visa •••• 4242 on Apr 5, 2026" in words_of("payment_declined")
    sweep_at(FIRST + DEBIT_TAKES + HOUR)

    assert stripe_standin.charges() == [2500]


def test_bank_accounts_do_not_end(account, admin):
    make.bank_account(account=account)

    for day in range(0, 400, 7):
        dunning.warn_of_expiring_cards(now=FIRST + day * DAY)

    assert not Letter.objects.exists()
