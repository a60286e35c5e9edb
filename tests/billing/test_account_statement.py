"""The statement of account: it is the ledger read out, and adds up whatever was booked."""

import datetime as dt
import io
import random

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Terms
from billing.account_statement import statement_between
from billing.models import Book, JournalEntry
from billing.services import ledger
from tests import make
from tests.pages import card, complaints, read, rows, sign_in

PAGE, PDF = reverse("billing:statement_view"), reverse("billing:statement_pdf")
APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)
YEAR = dt.date(2026, 1, 1), dt.date(2026, 4, 10)
pytestmark = pytest.mark.usefixtures("april_10")


@pytest.fixture
def account(plan):
    """A check payer who owes $10.00 since February 1, $25.00 since April 1."""
    account = make.account(name="Übersee GmbH", number="40:7", plan=plan, terms=Terms.CHECK)
    make.issued(account, "2026-01", dollars=10)
    make.issued(account, "2026-03", dollars=25)
    return account


@pytest.fixture
def admin(account):
    return make.user(account=account, role="admin")


def at(month, day, hour=16):
    return dt.datetime(2026, month, day, hour, tzinfo=dt.UTC)


def lines(statement):
    return [
        (str(line.day), f"{line.described.what} {line.described.how}".strip(), line.balance_cents)
        for line in statement.lines
    ]


def ages(statement):
    return [aged.cents for aged in statement.ages]


def bounce(check, *, now, number=1):
    return ledger.take_back(
        check, kind=JournalEntry.Kind.BOUNCED, reference=f"bounced:{number}", now=now
    )


def test_every_entry_stands_with_the_balance_after_it(account):
    check = make.check(account, check_number="1:1", amount_cents=1500, now=at(4, 2))
    bounce(check, now=at(4, 5))

    statement = statement_between(account, *YEAR)

    first, second = account.bills.order_by("number")
    assert lines(statement) == [
        ("2026-02-01", f"Bill {first} January 2026", 1000),
        ("2026-04-01", f"Bill {second} March 2026", 3500),
        ("2026-04-02", "Payment Check 1:1", 2000),
        ("2026-04-05", "Bounced check Check 1:1", 3500),
    ]
    assert statement.closing_cents == ledger.balance_cents(account)
    assert (statement.charges_cents, statement.credits_cents) == (5000, 1500)


def test_what_came_before_is_the_opening_balance(account):
    statement = statement_between(account, dt.date(2026, 2, 2), dt.date(2026, 3, 1))

    assert (statement.opening_cents, lines(statement), statement.closing_cents) == (1000, [], 1000)


def test_days_begin_at_midnight_of_the_billing_zone(account):
    late = dt.datetime(2026, 4, 3, 3, 59, tzinfo=dt.UTC)  # 11:59 PM of the day before in New York
    make.check(account, check_number="1", amount_cents=100, now=late)

    assert len(statement_between(account, dt.date(2026, 4, 2), dt.date(2026, 4, 2)).lines) == 1
    assert statement_between(account, dt.date(2026, 4, 3), dt.date(2026, 4, 3)).lines == []


def test_ages_say_how_old_the_balance_is_on_the_last_day(account):
    assert ages(statement_between(account, *YEAR)) == [2500, 0, 1000, 0, 0]
    assert ages(statement_between(account, dt.date(2026, 1, 1), dt.date(2026, 3, 3))) == [
        1000, 0, 0, 0, 0
    ]  # fmt: skip
    assert ages(statement_between(account, dt.date(2026, 1, 1), dt.date(2026, 3, 4))) == [
        0, 1000, 0, 0, 0
    ]  # fmt: skip


def test_payment_of_later_leaves_the_ages_of_before(account):
    make.check(account, check_number="1", amount_cents=3600, now=at(4, 5))

    before = statement_between(account, dt.date(2026, 1, 1), dt.date(2026, 4, 4))
    after = statement_between(account, *YEAR)

    assert (ages(before), before.unapplied_cents) == ([2500, 0, 1000, 0, 0], 0)
    assert (ages(after), after.unapplied_cents, after.closing_cents) == ([0] * 5, 100, -100)


def test_bounced_check_leaves_the_bills_as_old_as_they_were(account):
    check = make.check(account, check_number="1", amount_cents=3600, now=at(4, 2))
    bounce(check, now=at(4, 5))

    statement = statement_between(account, *YEAR)

    assert ages(statement) == [2500, 0, 1000, 0, 0]
    assert (statement.unapplied_cents, statement.closing_cents) == (0, 3500)


@pytest.mark.parametrize("until", [dt.date(2026, 3, 31), dt.date(2026, 4, 2), dt.date(2026, 4, 9)])
def test_statements_that_follow_each_other_make_one(account, until):
    check = make.check(account, check_number="1", amount_cents=1500, now=at(4, 2))
    make.check(account, check_number="2", amount_cents=9900, now=at(4, 3))
    bounce(check, now=at(4, 5))
    whole = statement_between(account, *YEAR)

    first = statement_between(account, YEAR[0], until)
    then = statement_between(account, until + dt.timedelta(days=1), YEAR[1])

    assert (first.opening_cents, first.closing_cents) == (0, then.opening_cents)
    assert then.closing_cents == whole.closing_cents == ledger.balance_cents(account)
    assert lines(first) + lines(then) == lines(whole)
    assert ages(then) == ages(whole)


def test_credit_note_has_its_number_and_memos_stay_with_the_staff(account):
    for kind, reference in (("credit_note", "credit-note:C000001"), ("write_off", "write-off:7")):
        ledger.book(
            account,
            kind=kind,
            reference=reference,
            now=at(4, 3),
            sides=[(Book.BAD_DEBT, 300), (Book.RECEIVABLE, -300)],
            memo="they never pay",
        )

    assert lines(statement_between(account, *YEAR))[-2:] == [
        ("2026-04-03", "Credit note C000001", 3200),
        ("2026-04-03", "Write-off", 2900),
    ]


def test_what_adds_nothing_to_the_balance_is_no_entry(account):
    sides = [(Book.REVENUE, 300), (Book.CREDIT_NOTES, -300)]
    ledger.book(account, kind="adjustment", reference="adjustment:1", now=at(4, 4), sides=sides)

    assert len(statement_between(account, *YEAR).lines) == 2


@pytest.mark.parametrize(
    "seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(4, 40))]
)
def test_whatever_was_booked_adds_up_on_every_day(account, seed):
    chance = random.Random(seed)
    checks = []
    for number, day in enumerate(sorted(chance.choices(range(2, 10), k=12))):
        if checks and chance.random() < 0.4:
            bounce(checks.pop(chance.randrange(len(checks))), now=at(4, day), number=number)
        else:
            cents = chance.randrange(1, 3000)
            paid = make.check(account, check_number=str(number), amount_cents=cents, now=at(4, day))
            checks.append(paid)
    days = [dt.date(2026, 4, day) for day in range(1, 11)]

    daily = [statement_between(account, day, day) for day in days]

    assert [one.closing_cents for one in daily[:-1]] == [one.opening_cents for one in daily[1:]]
    assert daily[-1].closing_cents == ledger.balance_cents(account)
    for one in daily:
        assert one.opening_cents + one.charges_cents - one.credits_cents == one.closing_cents
        assert one.unapplied_cents >= 0
        assert one.unapplied_cents == 0 or sum(ages(one)) == 0


def test_page_shows_the_last_three_months_unless_asked_otherwise(client, admin, account):
    make.check(account, check_number="12", amount_cents=500, now=at(4, 2))
    sign_in(client, admin)

    response = client.get(PAGE)

    january, march = (f"Bill {bill}" for bill in account.bills.order_by("number"))
    entries = card(response, "entries")
    assert "Feb 1, 2026 – Apr 10, 2026" in entries.text
    assert rows(entries) == [
        ["Feb 1, 2026", "Opening balance Feb 1, 2026", "", "", "", "$0.00"],
        [
            "Feb 1, 2026",
            f"{january} January 2026 Feb 1, 2026",
            "$10.00",
            "",
            "+$10.00",
            "$10.00",
        ],
        ["Apr 1, 2026", f"{march} March 2026 Apr 1, 2026", "$25.00", "", "+$25.00", "$35.00"],
        ["Apr 2, 2026", "Payment Check 12 Apr 2, 2026", "", "$5.00", "−$5.00", "$30.00"],
        ["Apr 10, 2026", "Closing balance Apr 10, 2026", "$35.00", "$5.00", "", "$30.00"],
    ]
    assert rows(card(response, "ages"))[-1] == ["Balance", "$30.00"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"since": "2026-04-02", "until": "2026-04-01"}, "The last day lies before the first."),
        ({"since": "2026-04-02", "until": "2026-04-11"}, "Choose a day that has come already."),
        ({"since": "1999-12-31", "until": "2026-04-01"}, "Choose a day of this century."),
        ({"since": "April", "until": "2026-04-01"}, "Write a day like 11/25/2026."),
        ({"since": "", "until": "2026-04-01"}, "Choose a day."),
    ],
)
def test_days_that_make_no_sense_are_refused_beside_the_field(client, admin, asked, sentence):
    sign_in(client, admin)

    response = client.get(PDF, asked, follow=True)

    assert complaints(response) == [sentence]
    assert read(response).all("section", **{"aria-labelledby": "entries"}) == []


def test_pdf_says_the_same_tagged_and_under_its_name(client, admin, account):
    make.check(account, check_number="12", amount_cents=500, now=at(4, 2))
    sign_in(client, admin)

    response = client.get(PDF, {"since": "2026-01-01", "until": "2026-04-10"})

    reader = PdfReader(io.BytesIO(b"".join(response.streaming_content)))
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Übersee GmbH" in words
    assert "Payment, Check 12 $5.00 $30.00" in words
    assert "Closing balance $35.00 $5.00 $30.00" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "Statement of account, Jan 1, 2026 – Apr 10, 2026"
    assert "statement-40" in response["Content-Disposition"]
    assert response["Cache-Control"] == "private, no-store"


def test_nobody_has_any_entries_of_another_account(client, stranger, account):
    sign_in(client, stranger)

    assert len(rows(card(client.get(PAGE), "entries"))) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_more_entries_take_no_more_queries(
    client, admin, account, count, django_assert_num_queries
):
    for number in range(count):
        make.check(account, check_number=str(number), amount_cents=1, now=at(4, 2))
    sign_in(client, admin)

    with django_assert_num_queries(8):
        response = client.get(PAGE)

    assert len(rows(card(response, "entries"))) == 4 + count
