"""The sample world's staff, wallets and checks; filling all of it is what `demo --check` does."""

import datetime as dt

import pytest

from accounts.models import Terms
from accounts.periods import Month
from accuconf.sandbox import charges, latest_days, seed, wallets, world
from accuconf.sandbox.world.charges import FEES
from accuconf.sandbox.world.companies import AURORA, BRIGHTWATER, COMPANIES, US_STANDARD
from accuconf.sandbox.world.lines import UPCOMING, lines_of
from billing.models import JournalEntry, RatePlan, StoredCard
from billing.services import runs
from conferences.models import Invitation, Recording, Schedule, Session
from tests import make
from users.models import User

UNTIL = dt.date(2026, 11, 22)
MAY = Month(2026, 5, "America/New_York")


@pytest.fixture
def check_bills(plan):
    """The May bills of twenty companies that pay by check."""
    accounts = [
        make.account(plan=plan, terms=Terms.CHECK, number=str(number))
        for number in range(50001, 50021)
    ]
    return [make.issued(account, "2026-05", dollars=100) for account in accounts]


@pytest.mark.django_db
def test_staff_are_added_once():
    seed.add_staff()
    seed.add_staff()

    assert User.objects.get(email=seed.STAFF).check_password("conference demo")


@pytest.mark.django_db
def test_most_checks_come_before_the_next_bill(check_bills):
    seed.receive_checks(MAY, now=MAY.end)
    seed.receive_checks(MAY, now=MAY.end)

    came = JournalEntry.objects.filter(kind=JournalEntry.Kind.PAYMENT)
    days = [(entry.booked_at - MAY.end).days for entry in came]
    assert 10 < len(days) < 20
    assert 9 <= min(days) <= max(days) <= 27


@pytest.mark.django_db
def test_checks_of_the_future_have_not_come(check_bills):
    seed.receive_checks(MAY, now=dt.datetime.now(dt.UTC))

    assert not JournalEntry.objects.filter(kind=JournalEntry.Kind.PAYMENT).exists()


@pytest.mark.django_db
def test_one_bill_is_questioned_and_corrected_once(account, admin):
    line = make.conference(account=account)
    for seconds in (600, 1200):
        make.session(conference=line, legs=[(seconds, "local")])
    bill = make.issued(account, "2026-03", dollars=10)
    seed.add_staff()

    for _ in range(2):
        seed.correct_a_bill()

    assert bill.questions.count() == 2
    assert bill.questions.open().count() == 1
    assert bill.credit_notes.get().total_cents == 1000


@pytest.mark.django_db
def test_only_closed_months_are_lived_through():
    today = dt.datetime.now(dt.UTC)

    months = seed.closed_months(today.date())

    assert months[-1] == runs.last_closed_month(today)
    assert months == sorted(months)


def test_wallets_are_opened_once(stripe_standin, tmp_path):
    note = tmp_path / "stripe.json"

    opened = wallets.open_wallets(note)

    assert wallets.open_wallets(note) == opened
    assert set(opened) == {company.number for company in COMPANIES if company.terms == "card"}


def test_bank_account_is_opened_with_its_mandate(stripe_standin, tmp_path):
    opened = wallets.open_wallets(tmp_path / "stripe.json")

    (company,) = [company for company in COMPANIES if company.bank]
    (mandate,) = stripe_standin.objects("mandate")
    assert mandate["payment_method"] == opened[company.number]["payment_method"]
    shown = world.customers(UNTIL, opened)["accounts"]
    (stripe,) = [one["stripe"] for one in shown if one["number"] == company.number]
    assert (stripe["kind"], stripe["last4"]) == ("us_bank_account", "6789")


@pytest.mark.django_db
def test_debits_of_a_month_end_before_the_next(account, stripe_standin):
    make.stripe_bank(account)
    collection = make.issued(account, "2026-03", dollars=25).collection
    now = collection.bill.issued_at
    seed.collect(now=now)

    wallets.answer_of_the_banks()
    seed.collect(now=now + seed.DEBITS_TAKE)

    collection.refresh_from_db()
    assert collection.state == "paid"


@pytest.mark.django_db
def test_recordings_come_in_with_their_sound_and_once(tmp_path):
    for line in lines_of(AURORA, UNTIL):
        make.conference(account=make.account(), number=line.number)

    for _ in range(2):
        seed.bring_recordings(tmp_path, UNTIL)

    lengths = Recording.objects.values_list("seconds", flat=True)
    assert len(lengths) == 18
    assert 8 <= min(lengths) <= max(lengths) <= 24


@pytest.mark.django_db
def test_charges_are_set_once_and_one_account_is_exempt():
    for name in FEES:
        make.rate_plan(name=name, local="1")
    standard = RatePlan.objects.get(name=US_STANDARD)
    aurora = make.account(number=AURORA.number, plan=standard, region="MA")
    brightwater = make.account(number=BRIGHTWATER.number, plan=standard, region="IL")

    for _ in range(2):
        charges.set_charges(MAY.first_day)

    assert [
        list(make.issued(one, "2026-05", dollars=100).charges.values_list("name", "amount_cents"))
        for one in (aurora, brightwater)
    ] == [
        [
            ("Monthly service", 1995),
            ("Regulatory recovery surcharge", 450),
            ("Massachusetts sales tax", 778),
        ],
        [("Monthly service", 1995), ("Regulatory recovery surcharge", 450)],
    ]


@pytest.mark.django_db
def test_latest_days_are_lived_once_however_often():
    account = make.account(number=AURORA.number)
    make.user(account=account, role="admin", email=f"admin@{AURORA.domain}")
    for name in (*latest_days.DATES, UPCOMING):
        make.session(conference=make.conference(account=account, name=name))
        make.pin(conference=account.conferences.get(name=name))

    for _ in range(2):
        latest_days.live_latest_days(now=dt.datetime.now(dt.UTC))

    assert Schedule.objects.count() == len(latest_days.DATES)
    assert Invitation.objects.standing().count() == len(latest_days.GUESTS) - 1
    assert set(Session.objects.values_list("billing_code", flat=True)) == {latest_days.CODE}


@pytest.mark.django_db
def test_card_is_swapped_for_one_that_is_declined(stripe_standin):
    card = make.stripe_card(make.account(number=AURORA.number))

    for _ in range(2):
        wallets.swap_card(AURORA, seed.DECLINED)

    swapped = StoredCard.objects.get()
    assert swapped.label == "Visa •••• 0341"
    assert swapped.payment_method_id != card.payment_method_id
