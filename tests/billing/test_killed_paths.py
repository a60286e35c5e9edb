"""Every path on which money moves, killed at each of its points: in the end all is right, once."""

import datetime as dt
import json
from collections import Counter
from contextlib import suppress

import pytest
import stripe
from django.conf import settings
from django.test import Client

from accounts.actors import Actor
from accounts.models import Account, Letter
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Attempt, Bill, Book, Collection, Difference, JournalEntry, StripeEvent
from billing.services import cards, events, ledger, paying, reconcile, runs, sweep
from billing.services.issue import opens_at
from billing.verification import books
from tests import make
from tests.billing import killing
from tests.billing.killing import Path, unlike
from tests.children import fork, wait

MARCH = Month(2026, 3, "America/New_York")
FIRST = opens_at(MARCH)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLERK = Actor(label="a clerk")
SECRET = "whsec_of_this_test"
#: At how many points of each path the ordinary run kills; the full one kills at each.
SAMPLE = 5
PATHS = {}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def webhooks(quick_retries, settings):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]


def path(declare):
    """Take up a path, under the name of the function that declares it."""
    PATHS[declare.__name__.replace("_", " ")] = declare
    return declare


def one_bill(standin, *, terms="card", token="pm_card_visa"):
    """Let there be one bill of $25.00 for March, not yet paid, and one reader of it."""
    killing.empty_all_tables()
    standin.reset()
    account = make.account(terms=terms, plan=make.rate_plan(local="0.25"))
    make.user(account=account, role="admin", email="admin@aurora.example")
    if token:
        make.stripe_card(account, token=token)
    line = make.conference(account=account)
    make.session(conference=line, legs=[(6000, "local")])
    make.session(conference=line, started_at=MARCH.end + DAY, legs=[(6000, "local")])
    bill_month(MARCH)
    return account


def bill_month(month):
    runs.open_runs(month, now=opens_at(month))
    for _ in runs.issue_waiting(gateway=gateway(), now=opens_at(month)):
        pass


def in_child(work):
    assert wait(fork(work)) == 0


def charge(now=FIRST):
    for _ in sweep.collect_due(gateway=gateway(), now=now):
        pass


def later(since=FIRST):
    """Do what the timetable does in the hours after."""
    for hours in (1, 3):
        list(runs.issue_waiting(gateway=gateway(), now=since + hours * HOUR))
        list(events.work_events(gateway=gateway(), now=since + hours * HOUR))
        charge(since + hours * HOUR)


def wrong(standin, *, charges, balance=0, letters=None, **more):
    """Name what is not as it ought to be; `letters` are counted by their kind."""
    found = books.verify(now=FIRST + HOUR)
    return unlike(
        charges=(standin.charges(), charges),
        balance=(ledger.balance_cents(Account.objects.get()), balance),
        letters=(
            dict(Counter(Letter.objects.values_list("kind", flat=True))),
            letters if letters is not None else {"payment_received": len(charges)},
        ),
        live_attempts=(Attempt.objects.filter(state__in=Attempt.LIVE).count(), 0),
        events_waiting=(StripeEvent.objects.waiting().count(), 0),
        findings=([one.check.name for one in found if one.check.serious], []),
        **more,
    )


def press_pay():
    """Let a customer press Pay for the card on file; paid already is an answer, too."""
    bill = Bill.objects.order_by("number").last()
    with suppress(paying.NothingToPay, paying.PaymentUnderWay):
        paying.pay_by_stored_card(bill, gateway=gateway(), by=CLERK, now=FIRST)


@path
def pay_pressed_by_a_card_payer(standin):
    """If the press is lost, the automatic charge takes the money."""
    return Path(
        arrange=lambda: one_bill(standin),
        happen=press_pay,
        follow=later,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


@path
def pay_pressed_by_a_check_payer(standin):
    """Nothing is charged by itself: who sees the bill open presses again."""

    def again():
        later()
        press_pay()

    return Path(
        arrange=lambda: one_bill(standin, terms="check"),
        happen=press_pay,
        follow=again,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def pay_by_link():
    """Let whoever holds the link of a letter type a card into Stripe's fields."""
    bill = Bill.objects.get()
    paying.note_outcome(bill, gateway=gateway(), now=FIRST)
    with suppress(paying.NothingToPay, paying.PaymentUnderWay):
        intent = paying.prepare(bill, gateway=gateway(), now=FIRST)
        confirm_in_the_browser(intent.id)
        paying.note_outcome(bill, gateway=gateway(), now=FIRST)


def confirm_in_the_browser(intent_id):
    client_of_stripe().payment_intents.confirm(
        intent_id, {"payment_method": "pm_card_visa", "return_url": "https://portal.example/"}
    )


def client_of_stripe():
    return stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}
    ).v1


@path
def payment_by_link(standin):
    return Path(
        arrange=lambda: one_bill(standin, terms="check", token=None),
        happen=pay_by_link,
        follow=pay_by_link,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def tell_all(standin):
    """Let Stripe tell every event so far; it tells again until it is answered."""
    for event in standin.objects("event"):
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        answer = Client().post(
            "/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        assert answer.status_code == 200
    list(events.work_events(gateway=gateway(), now=FIRST))


@path
def payment_by_link_of_which_only_stripe_tells(standin):
    """Whoever paid closed the browser at once."""

    def arrange():
        one_bill(standin, terms="check", token=None)
        in_child(paid_and_gone)

    def paid_and_gone():
        intent = paying.prepare(Bill.objects.get(), gateway=gateway(), now=FIRST)
        confirm_in_the_browser(intent.id)

    return Path(
        arrange=arrange,
        happen=lambda: tell_all(standin),
        follow=lambda: tell_all(standin),
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def charge_and_lose_the_answer(standin):
    """Take the money, of which only Stripe then knows."""
    standin.drop_next_answer("confirm", times=3)
    in_child(charge)
    assert Attempt.objects.get().state == "unknown"


@path
def event_about_a_lost_answer(standin):
    def arrange():
        one_bill(standin)
        charge_and_lose_the_answer(standin)

    def follow():
        tell_all(standin)
        later()

    return Path(
        arrange=arrange,
        happen=lambda: tell_all(standin),
        follow=follow,
        wrong=lambda: wrong(standin, charges=[2500]),
    )


def enter_check():
    make.check(Account.objects.get(), check_number="1", amount_cents=2500, now=FIRST)


@path
def check_entered(standin):
    """The account also has a card on file: nothing is left to be charged to it."""

    def again():
        enter_check()
        later()

    return Path(
        arrange=lambda: one_bill(standin),
        happen=enter_check,
        follow=again,
        wrong=lambda: wrong(
            standin,
            charges=[],
            letters={},
            payments=(JournalEntry.objects.payments().count(), 1),
            unpaid=(Bill.objects.unpaid().count(), 0),
            state=(Collection.objects.get().state, "settled"),
        ),
    )


def bounce():
    check = JournalEntry.objects.payments().get()
    ledger.take_back(check, kind=JournalEntry.Kind.BOUNCED, reference="bounced:1", now=FIRST)


@path
def check_bounced(standin):
    def arrange():
        one_bill(standin, terms="check", token=None)
        enter_check()

    return Path(
        arrange=arrange,
        happen=bounce,
        follow=bounce,
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=2500,
            letters={},
            unpaid=(Bill.objects.unpaid().count(), 1),
            in_the_bank=(in_book(Book.BANK), 0),
        ),
    )


def in_book(book):
    account = Account.objects.get()
    postings = [entry.postings.filter(book=book) for entry in account.journal.all()]
    return sum(posting.amount_cents for found in postings for posting in found)


def declined_bill(standin, code="insufficient_funds"):
    """Let the first charge be declined."""
    account = one_bill(standin)
    standin.decline(account.card.payment_method_id, code)
    in_child(charge)
    return account


@path
def retry_that_succeeds(standin):
    def arrange():
        account = declined_bill(standin)
        standin.decline(account.card.payment_method_id, None)

    return Path(
        arrange=arrange,
        happen=lambda: charge(FIRST + 3 * DAY),
        follow=lambda: later(FIRST + 3 * DAY),
        wrong=lambda: wrong(
            standin, charges=[2500], letters={"payment_declined": 1, "payment_received": 1}
        ),
    )


@path
def retry_that_is_declined_again(standin):
    return Path(
        arrange=lambda: declined_bill(standin),
        happen=lambda: charge(FIRST + 3 * DAY),
        follow=lambda: later(FIRST + 3 * DAY),
        wrong=lambda: wrong(
            standin,
            charges=[],
            balance=2500,
            letters={"payment_declined": 2},
            tries=(Attempt.objects.filter(state="declined").count(), 2),
            tries_at_stripe=(len(standin.objects("charge")), 2),
        ),
    )


@path
def new_card_in_place_of_a_declined_one(standin):
    def arrange():
        account = declined_bill(standin, "stolen_card")
        setup = {"customer": account.card.customer_id, "metadata": {"account": account.number}}
        saved = client_of_stripe().setup_intents.create(setup | {"usage": "off_session"})
        client_of_stripe().setup_intents.confirm(
            saved.id, {"payment_method": "pm_card_mastercard", "return_url": "https://x.example/"}
        )

    def happen():
        account = Account.objects.get()
        setup = cards.finished_setup(
            account, standin.objects("setup_intent")[0]["id"], gateway=gateway()
        )
        cards.store_card(account, setup=setup, by=CLERK, now=FIRST + HOUR)
        charge(FIRST + HOUR)
        list(cards.detach_replaced(gateway=gateway(), now=FIRST + HOUR))

    return Path(
        arrange=arrange,
        happen=happen,
        follow=happen,
        wrong=lambda: wrong(
            standin,
            charges=[2500],
            letters={"payment_declined": 1, "card_changed": 1, "payment_received": 1},
            attached=(len(attached(standin)), 1),
        ),
    )


def attached(standin):
    return [method for method in standin.objects("payment_method") if method["customer"]]


APRIL = MARCH.next()


def bill_april():
    bill_month(APRIL)
    charge(opens_at(APRIL))


def later_in_april():
    bill_april()
    later(opens_at(APRIL))


@path
def next_bill_after_a_declined_one(standin):
    """It holds what the older one left; one charge takes both."""

    def arrange():
        account = declined_bill(standin, "stolen_card")
        standin.decline(account.card.payment_method_id, None)

    return Path(
        arrange=arrange,
        happen=bill_april,
        follow=later_in_april,
        wrong=lambda: wrong(
            standin,
            charges=[5000],
            letters={"payment_declined": 1, "payment_received": 1},
            states=(states_of_collections(), ["superseded", "paid"]),
        ),
    )


@path
def next_bill_after_a_lost_answer(standin):
    """The older one turns out paid; the next charge takes only its own."""

    def arrange():
        one_bill(standin)
        charge_and_lose_the_answer(standin)

    return Path(
        arrange=arrange,
        happen=bill_april,
        follow=later_in_april,
        wrong=lambda: wrong(
            standin, charges=[2500, 2500], states=(states_of_collections(), ["paid", "paid"])
        ),
    )


def states_of_collections():
    return list(Collection.objects.order_by("bill__number").values_list("state", flat=True))


def reconcile_tonight():
    reconcile.reconcile(gateway=gateway(), now=dt.datetime.now(dt.UTC) + 2 * HOUR)


@path
def night_that_finds_a_charge_nobody_booked(standin):
    def arrange():
        account = one_bill(standin, terms="check", token=None)
        strange = {"amount": 700, "currency": "usd", "confirm": True, "off_session": True}
        card = make.stripe_card(account)
        client_of_stripe().payment_intents.create(
            strange
            | {"customer": card.customer_id, "payment_method": card.payment_method_id}
            | {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
        )

    return Path(
        arrange=arrange,
        happen=reconcile_tonight,
        follow=reconcile_tonight,
        wrong=lambda: wrong(
            standin,
            charges=[700],
            balance=2500,
            letters={},
            differences=(list(Difference.objects.values_list("theirs_cents", flat=True)), [700]),
        ),
    )


@pytest.mark.parametrize("name", PATHS)
def test_path_killed_at_some_points_is_finished(name, stripe_standin, tmp_path):
    chosen = PATHS[name](stripe_standin)
    points = killing.points(chosen, tmp_path / "points.json")

    assert killing.kill_at_each(chosen, killing.sample(points, SAMPLE)) == []


@pytest.mark.full
@pytest.mark.parametrize("name", PATHS)
def test_path_killed_at_every_point_is_finished(name, stripe_standin, tmp_path):
    chosen = PATHS[name](stripe_standin)
    points = killing.points(chosen, tmp_path / "points.json")

    assert killing.kill_at_each(chosen, points) == []
