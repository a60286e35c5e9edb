"""Moving in: every bad row is refused by a sentence that names its place."""

import copy
import datetime as dt

import pytest

from accounts.models import Account
from accuconf.moving_in.taking_in import take_in
from billing.models import RatePlan
from tests.accuconf.customers_file import (
    ACCOUNT,
    ON_DEMAND,
    put,
    whole_file,
)

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    return whole_file()


def refusals(document):
    return [str(note) for note in take_in(document, now=NOW).refusals]


ACCOUNT_AT = ("accounts", 0)
USER_AT = (*ACCOUNT_AT, "users", 1)
LINE_AT = (*ACCOUNT_AT, "conferences", 0)
PIN_AT = (*LINE_AT, "pins", 0)
SCHEDULE_AT = (*ACCOUNT_AT, "conferences", 1, "schedule")
RATE_AT = ("rate_plans", 0, "rates", 0)
CARD_AT = (*ACCOUNT_AT, "stripe")

BAD_VALUES = [
    ((*ACCOUNT_AT, "number"), ..., "is missing"),
    ((*ACCOUNT_AT, "number"), 40012, "must be text, in quotes"),
    ((*ACCOUNT_AT, "number"), "x" * 21, "at most 20 characters (it has 21)"),
    ((*ACCOUNT_AT, "name"), "  ", "must not be empty"),
    ((*ACCOUNT_AT, "name"), None, "must be text, in quotes"),
    ((*ACCOUNT_AT, "name"), "Aurora\u0000", "must not hold control characters"),
    ((*ACCOUNT_AT, "name"), "Aurora\r\nBcc: all", "must not hold control characters"),
    ((*ACCOUNT_AT, "name"), "Aurora \ud800", "must not hold control characters"),
    ((*ACCOUNT_AT, "address"), "1 Main Street", "must be an object"),
    ((*ACCOUNT_AT, "address", "country"), "USA", "must be a country's code"),
    ((*ACCOUNT_AT, "address", "country"), "XX", "must be a country's code"),
    ((*ACCOUNT_AT, "address", "country"), "", "must be a country's code"),
    ((*ACCOUNT_AT, "phone"), "+1 555", "must be a telephone number"),
    ((*ACCOUNT_AT, "terms"), "cash", "must be one of card, check"),
    ((*ACCOUNT_AT, "terms"), ["card"], "must be one of card, check"),
    ((*ACCOUNT_AT, "time_zone"), "Mars/Olympus", "is not a time zone"),
    ((*ACCOUNT_AT, "time_zone"), "../../etc/passwd", "is not a time zone"),
    ((*ACCOUNT_AT, "currency"), "usd", "must be the code of a currency"),
    ((*ACCOUNT_AT, "currency"), "ABC", "must be the code of a currency"),
    ((*ACCOUNT_AT, "currency"), "JPY", "must be the code of a currency with cents"),
    ((*ACCOUNT_AT, "activated_on"), "2026-02-30", "must be a day"),
    ((*ACCOUNT_AT, "activated_on"), "03/01/2025", "must be a day"),
    ((*ACCOUNT_AT, "activated_on"), "\u0662025-03-01", "must be a day"),
    ((*ACCOUNT_AT, "activated_on"), "0001-01-01", "must be a day"),
    ((*ACCOUNT_AT, "activated_on"), 20250301, "must be a day"),
    ((*ACCOUNT_AT, "closed_on"), "2025-02-28", "must not be before activated_on"),
    ((*ACCOUNT_AT, "rate_plan"), "Gold", "names no rate plan of the portal or of this file"),
    ((*CARD_AT, "last4"), "424", "must be the last four digits"),
    ((*CARD_AT, "exp_month"), 13, "must be a whole number from 1 to 12"),
    ((*CARD_AT, "exp_month"), True, "must be a whole number from 1 to 12"),
    ((*CARD_AT, "exp_year"), 2034.0, "must be a whole number from 2000 to 2100"),
    ((*CARD_AT, "exp_year"), ..., "is missing: every card has one"),
    ((*CARD_AT, "brand"), "", "is missing: every card has one"),
    ((*CARD_AT, "kind"), "sepa_debit", "must be one of card, us_bank_account"),
    ((*CARD_AT, "bank_name"), "First Bank", "must be left out: it is a bank account's"),
    ((*CARD_AT, "bank_name"), "B" * 101, "at most 100 characters"),
    ((*ACCOUNT_AT, "users"), {}, "must be a list"),
    ((*ACCOUNT_AT, "users"), [], "at least one person whose role is admin"),
    ((*USER_AT, "email"), "ben", "Enter a valid email address"),
    ((*USER_AT, "email"), f"{'b' * 250}@x.io", "is not accepted"),
    ((*USER_AT, "email"), "ANA@aurora.example", "is the same as accounts[0].users[0].email"),
    ((*USER_AT, "role"), "owner", "must be one of admin, basic, schedule, billing"),
    ((*USER_AT, "password"), "", "must be text of 1 to 128 characters, or null"),
    ((*USER_AT, "receives_ebill"), "no", "must be true or false"),
    ((*USER_AT, "rights"), ["view"], "must be an object of conference numbers"),
    ((*USER_AT, "rights"), {"30001": []}, "at least one right for each conference"),
    ((*USER_AT, "rights"), {"30001": ["own"]}, "must be one of view, recording, moderate, full"),
    ((*USER_AT, "rights"), {"39999": ["view"]}, "names '39999', which is no conference"),
    ((*LINE_AT, "number"), "3" * 21, "at most 20 characters"),
    ((*LINE_AT, "kind"), "forever", "must be one of on_demand, one_time"),
    ((*LINE_AT, "created_on"), ..., "is missing"),
    ((*LINE_AT, "closed_on"), "2025-03-08", "must be from created_on to today"),
    ((*LINE_AT, "closed_on"), "2026-11-23", "must be from created_on to today"),
    ((*LINE_AT, "options", "mutes_on_entry"), 1, "must be true or false"),
    ((*LINE_AT, "rates", 0, "rate_per_minute"), "-0.02", "must be a rate in quotes"),
    ((*SCHEDULE_AT, "time"), "25:00", "must be a time of day"),
    ((*SCHEDULE_AT, "minutes"), 10**30, "must be a whole number from 5 to 1440"),
    ((*PIN_AT, "kind"), "owner", "must be one of moderator, speaker, participant"),
    ((*PIN_AT, "digits"), "123", "must be 4 to 20 digits"),
    ((*PIN_AT, "digits"), "\uff1123456", "must be 4 to 20 digits"),
    ((*PIN_AT, "digits"), 481516234, "must be 4 to 20 digits"),
    ((*RATE_AT, "rate_per_minute"), 0.049, "must be a rate in quotes"),
    ((*RATE_AT, "rate_per_minute"), "0.0490001", "must be a rate in quotes"),
    ((*RATE_AT, "rate_per_minute"), "1e3", "must be a rate in quotes"),
    (("dial_in_numbers", 0, "number"), "1-800-555-0100", "must be 3 to 20 digits"),
    (("dial_in_numbers", 0, "access_type"), "out_dial", "must be a way in"),
    (("accounts", 0), "Aurora", "must be an object"),
    (("accounts",), {}, "must be a list"),
]


def test_bank_account_with_what_only_cards_have_is_refused(document):
    put(document, (*CARD_AT, "kind"), "us_bank_account")

    assert refusals(document) == [
        f"accounts[0].stripe.{name}: must be left out: a bank account has none"
        for name in ("brand", "exp_month", "exp_year")
    ]


def named(place):
    """Write a place as the sentences do: accounts[0].users[1].email."""
    name = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return name.removeprefix(".")


@pytest.mark.parametrize(("place", "value", "sentence"), BAD_VALUES)
def test_bad_value_is_refused_by_its_place(document, place, value, sentence):
    put(document, place, value)

    found = refusals(document)

    assert [line for line in found if line.startswith(f"{named(place)}: ") and sentence in line]


@pytest.mark.parametrize(
    ("place", "value", "sentences"),
    [
        (
            (*ACCOUNT_AT, "users", 0, "role"),
            "billing",
            ["accounts[0].users: must hold at least one person whose role is admin"],
        ),
        (
            (*USER_AT, "role"),
            "admin",
            [
                "accounts[0].users[1].rights: must be empty: rights count only for the role"
                " basic or schedule"
            ],
        ),
        (
            (*LINE_AT, "number"),
            "30002",
            [
                "accounts[0].users[1].rights: names '30001', which is no conference of this"
                " account",
                "accounts[0].conferences[1].number: is the same as"
                " accounts[0].conferences[0].number",
            ],
        ),
        (
            (*LINE_AT, "rates"),
            ON_DEMAND["rates"] * 2,
            ["accounts[0].conferences[0].rates[1]: has the access type and day of an earlier rate"],
        ),
        (
            (*PIN_AT, "digits"),
            "90210",
            [
                "accounts[0].conferences[0].pins[1].digits: is the same as"
                " accounts[0].conferences[0].pins[0].digits"
            ],
        ),
    ],
)
def test_values_that_do_not_fit_together_are_refused(document, place, value, sentences):
    put(document, place, value)

    assert refusals(document) == sentences


@pytest.mark.parametrize(
    "place",
    [
        (),
        ACCOUNT_AT,
        (*ACCOUNT_AT, "address"),
        USER_AT,
        LINE_AT,
        (*LINE_AT, "options"),
        PIN_AT,
        RATE_AT,
        CARD_AT,
    ],
)
def test_smuggled_field_is_refused_by_name(document, place):
    put(document, (*place, "is_staff"), True)

    found = refusals(document)

    where = named(place) or "the file"
    assert f"{where}: has a field that is not known here: 'is_staff'" in found


def test_refused_plan_takes_its_accounts_with_it(document):
    put(document, (*RATE_AT, "rate_per_minute"), 0.049)

    found = refusals(document)

    assert len(found) == 2
    assert "accounts[0].rate_plan: names no rate plan of the portal or of this file" in found
    assert (RatePlan.objects.count(), Account.objects.count()) == (0, 0)


def test_everything_wrong_with_an_account_is_said_at_once(document):
    put(document, (*ACCOUNT_AT, "terms"), "cash")
    put(document, (*USER_AT, "email"), "ben")
    put(document, (*PIN_AT, "digits"), "1")

    assert len(refusals(document)) == 3


def test_secrets_are_never_quoted(document):
    put(document, (*PIN_AT, "digits"), "987654321987654321987")
    put(document, (*USER_AT, "password"), "s3cret" * 50)

    told = " ".join(refusals(document))

    assert "9876" not in told
    assert "s3cret" not in told


def test_plan_of_another_currency_is_refused(document):
    put(document, (*ACCOUNT_AT, "currency"), "EUR")

    assert refusals(document) == ["accounts[0].rate_plan: is in another currency than the account"]


def test_same_account_twice_in_a_file_goes_in_once(document):
    document["accounts"].append(copy.deepcopy(ACCOUNT))

    assert refusals(document) == ["accounts[1].number: is the same as accounts[0].number"]
    assert Account.objects.count() == 1
