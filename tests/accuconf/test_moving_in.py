"""Moving in: what a file of customers brings, and what it cannot change."""

import datetime as dt
import json
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AuditEntry
from accuconf.moving_in.taking_in import document_of, take_in
from billing.models import AccountPlan, Rate, RatePlan, StoredCard
from conferences.models import Conference, DialInNumber, Pin, Schedule
from conferences.models.pin import digest_of
from tests.accuconf.customers_file import ADMIN, another_account, whole_file
from users.models import ConferenceRight, User

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

ALL_TABLES = [
    Account, AccountPlan, AuditEntry, Conference, ConferenceRight, DialInNumber, Pin, Rate,
    RatePlan, Schedule, StoredCard, User,
]  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    return whole_file()


def everything():
    """All rows of all tables, as they are."""
    return {table: list(table.objects.order_by("pk").values()) for table in ALL_TABLES}


def test_account_comes_in_with_its_address_terms_plan_and_card(document):
    take_in(document, now=NOW)

    account = Account.objects.get()
    assert (account.number, account.terms) == ("40012", "card")
    assert account.address_lines == [
        "1 Main Street",
        "Boston, MA",
        "United States of America",
    ]
    assert account.phone.as_e164 == "+16175550123"
    assert account.activated_on == dt.date(2025, 3, 1)
    assert account.plans.get().plan.name == "Standard"
    assert account.plans.get().starts_on == account.activated_on
    assert account.card.label == "Visa •••• 4242"


def test_people_come_in_with_roles_and_rights(document):
    take_in(document, now=NOW)

    ana = User.objects.get(email="ana@aurora.example")
    ben = User.objects.get(email="ben@aurora.example")
    assert (ana.role, ana.receives_bills, ana.is_staff) == ("admin", True, False)
    assert ana.check_password("a long enough password")
    assert (ben.role, ben.receives_bills, str(ben.time_zone)) == ("basic", False, "Europe/Zurich")
    assert not ben.has_usable_password()
    assert ben.rights_on(Conference.objects.get(number="30001")) == {"view", "recording"}


def test_conferences_come_in_with_pins_options_rates_and_schedule(document):
    take_in(document, now=NOW)

    sales, town_hall = Conference.objects.order_by("number")
    assert (sales.name, sales.billing_code) == ("Sales — Zürich", "CC-7")
    assert (sales.mutes_on_entry, sales.plays_entry_tones) == (True, True)
    assert sales.own_rates.get().rate_per_minute == Decimal("0.02")
    assert {(pin.kind, pin.digits, pin.holder_name) for pin in sales.pins.all()} == {
        ("moderator", "481516234", "Ana"),
        ("participant", "90210", ""),
    }
    assert sales.pins.get(digest=digest_of("90210")).kind == "participant"
    assert town_hall.schedule.minutes == 90


def test_days_of_a_conference_are_those_of_the_account(document):
    take_in(document, now=NOW)

    town_hall = Conference.objects.get(number="30002")
    assert town_hall.created_at == dt.datetime(2026, 1, 5, 5, tzinfo=dt.UTC)
    assert town_hall.closed_at == dt.datetime(2026, 1, 21, 5, tzinfo=dt.UTC)


def test_conference_closed_today_is_closed_now(document):
    document["accounts"][0]["conferences"][1]["closed_on"] = "2026-11-22"

    first, second = take_in(document, now=NOW), take_in(document, now=NOW)

    assert Conference.objects.get(number="30002").closed_at == NOW
    assert (first.refusals, second.differences) == ([], [])


def test_audit_log_names_what_was_imported(document):
    take_in(document, now=NOW)

    entries = AuditEntry.objects.values_list("actor_label", "verb", "subject", "account__number")
    assert set(entries) == {
        ("import_customers", "imported", "Rate plan Standard", None),
        ("import_customers", "imported", "Dial-in number 18005550100 (Toll-free)", None),
        ("import_customers", "imported", "Account Aurora Robotics (40012)", "40012"),
    }


def test_importing_twice_changes_nothing(document):
    take_in(document, now=NOW)
    before = everything()

    report = take_in(document, now=NOW + dt.timedelta(days=1))

    assert everything() == before
    assert report.there_already == Counter(rate_plans=1, dial_in_numbers=1, accounts=1)
    assert (report.refusals, report.differences, +report.taken_in) == ([], [], Counter())


def test_account_comes_in_with_its_bank_account(document):
    document["accounts"][0]["stripe"] = {
        "customer": "cus_1", "payment_method": "pm_bank", "kind": "us_bank_account",
        "bank_name": "First Bank", "last4": "6789",
    }  # fmt: skip

    first, again = take_in(document, now=NOW), take_in(document, now=NOW)

    assert Account.objects.get().card.label == "Bank account •••• 6789, First Bank"
    assert (first.refusals, again.differences) == ([], [])


def test_pins_are_known_again_while_their_keys_are_changed(document, settings):
    take_in(document, now=NOW)
    settings.PIN_HASH_KEYS = ["new", *settings.PIN_HASH_KEYS]

    report = take_in(document, now=NOW)

    assert report.there_already["accounts"] == 1
    assert report.differences == []


def test_what_differs_is_named_and_left_as_it_is(document):
    take_in(document, now=NOW)
    before = everything()
    document["rate_plans"][0]["rates"][0]["rate_per_minute"] = "0.050"
    document["dial_in_numbers"][0]["label"] = "Free"
    changed = document["accounts"][0]
    changed["address"]["city"] = "Salem"
    changed["stripe"]["last4"] = "1881"
    changed["users"][1]["rights"] = {"30001": ["full"]}
    changed["users"].append({**ADMIN, "email": "new@aurora.example"})
    changed["conferences"][0]["options"]["announces_names"] = True
    changed["conferences"][0]["pins"][1]["digits"] = "777777"
    changed["conferences"][1]["schedule"] = None

    report = take_in(document, now=NOW)

    assert everything() == before
    assert [str(note) for note in report.differences] == [
        "rate_plans[0].rates[0].rate_per_minute: differs from what is there",
        "dial_in_numbers[0].label: differs from what is there",
        "accounts[0].address.city: differs from what is there",
        "accounts[0].stripe.last4: differs from what is there",
        "accounts[0].users[1].rights: differs from what is there",
        "accounts[0].users[2]: is not there, or no longer",
        "accounts[0].conferences[0].options.announces_names: differs from what is there",
        "accounts[0].conferences[0].pins[1]: is not there, or no longer",
        "accounts[0].conferences[1].schedule: differs from what is there",
    ]


def test_pin_removed_in_the_portal_does_not_come_back(document):
    take_in(document, now=NOW)
    Pin.objects.filter(kind="participant").update(removed_at=NOW)

    report = take_in(document, now=NOW)

    assert Pin.objects.active().get().kind == "moderator"
    assert [str(note) for note in report.differences] == [
        "accounts[0].conferences[0].pins[1]: is not there, or no longer"
    ]


def test_refused_account_leaves_nothing_behind_and_others_go_in(document):
    document["accounts"][0]["conferences"][1]["schedule"]["minutes"] = 3
    document["accounts"].append(another_account())

    report = take_in(document, now=NOW)

    assert Account.objects.get().number == "40013"
    assert User.objects.get().email == "bo@borealis.example"
    assert (Conference.objects.count(), Pin.objects.count()) == (0, 0)
    assert [str(note) for note in report.refusals] == [
        "accounts[0].conferences[1].schedule.minutes: must be a whole number from 5 to 1440"
    ]
    assert report.taken_in["accounts"] == report.refused["accounts"] == 1


def test_account_that_was_mended_goes_in(document):
    document["accounts"][0]["rate_plan"] = "None such"
    take_in(document, now=NOW)
    document["accounts"][0]["rate_plan"] = "Standard"

    report = take_in(document, now=NOW)

    assert report.taken_in == Counter(accounts=1)


def test_more_accounts_than_are_stored_together_all_go_in(document, monkeypatch):
    monkeypatch.setattr("accuconf.moving_in.taking_in.TOGETHER", 2)
    people = [[{**ADMIN, "email": f"a{number}@x.example"}] for number in range(5)]
    document["accounts"] = [
        another_account(number=str(number), users=users) for number, users in enumerate(people)
    ]

    report = take_in(document, now=NOW)

    assert (report.taken_in["accounts"], Account.objects.count()) == (5, 5)


def test_accounts_are_stored_with_as_many_queries_as_one(document, django_assert_max_num_queries):
    people = [[{**ADMIN, "email": f"a{number}@x.example"}] for number in range(20)]
    document["accounts"] = [
        another_account(number=str(number), users=users) for number, users in enumerate(people)
    ]

    with django_assert_max_num_queries(45):
        take_in(document, now=NOW)


def test_production_takes_no_passwords(document, settings):
    settings.SANDBOX = False

    report = take_in(document, now=NOW)

    assert [str(note) for note in report.refusals] == [
        "accounts[0].users[0].password: must be null: people choose their own by"
        " “Forgot your password?”"
    ]


def test_command_ends_with_zero_when_all_is_in(document, tmp_path, capsys):
    file = tmp_path / "customers.json"
    file.write_text(json.dumps(document))

    call_command("import_customers", str(file))

    assert capsys.readouterr().out.splitlines() == [
        "Rate plans: 1 taken in, 0 there already, 0 refused",
        "Dial in numbers: 1 taken in, 0 there already, 0 refused",
        "Accounts: 1 taken in, 0 there already, 0 refused",
    ]


def test_command_names_what_was_refused_and_ends_with_one(document, tmp_path, capsys):
    document["accounts"][0]["terms"] = "cash"
    file = tmp_path / "customers.json"
    file.write_text(json.dumps(document))

    with pytest.raises(CommandError, match="1 refused") as ended:
        call_command("import_customers", str(file))

    assert ended.value.returncode == 1
    assert capsys.readouterr().err.splitlines() == [
        "Refused: accounts[0].terms: must be one of card, check"
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This is not JSON"),
        (b"\xff\xfe\x00", "This is not JSON"),
        (b"[1, 2", "This is not JSON"),
        (b"[" * 100_000, "This is not JSON"),
        (b"9" * 5000, "This is not JSON"),
        (b'{"accounts": NaN}', "NaN is no value"),
        (b"[]", "must be one object"),
        (b'{"accounts": [{"number": "1", "number": "2"}]}', "names 'number' twice"),
    ],
)
def test_file_that_is_no_file_of_customers_is_refused_whole(content, sentence, tmp_path):
    file = tmp_path / "customers.json"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        call_command("import_customers", str(file))

    assert everything() == {table: [] for table in ALL_TABLES}


def test_missing_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_customers", str(tmp_path / "none.json"))


def test_empty_object_is_an_empty_file():
    assert take_in(document_of(b"{}"), now=NOW).refusals == []
