"""The sample world: the same each time, readable to the last record, and of every kind."""

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import pytest

from accuconf.sandbox import world
from conferences.records import formats
from conferences.records.leg import LegRecord, Unreadable

UNTIL = dt.date(2026, 11, 22)
#: How the ids of records begin that are there to be quarantined.
STRAY = "stray-"
ACCESS_TYPES = {"toll_free", "local", "international", "out_dial"}


@pytest.fixture(scope="module")
def document():
    return world.customers(UNTIL, {"10418": {"customer": "cus_1", "payment_method": "pm_1"}})


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return world.write_calls(tmp_path_factory.mktemp("calls"), UNTIL)


@pytest.fixture(scope="module")
def parsed(files):
    return [
        (path, parsed, list(parsed.records)) for path in files for parsed in [formats.read(path)]
    ]


@pytest.fixture(scope="module")
def records(parsed):
    return [record for _, _, records in parsed for record in records]


@pytest.fixture(scope="module")
def legs(records):
    """What can be billed: all but the strays."""
    return [record for record in records if not record.external_id.startswith(STRAY)]


def accounts(document):
    return {account["number"]: account for account in document["accounts"]}


def digest(folder):
    files = world.write_calls(folder, UNTIL)
    together = b"".join(path.name.encode() + path.read_bytes() for path in files)
    return hashlib.sha256(together).hexdigest()


def month_of(instant):
    return instant.astimezone(ZoneInfo("America/New_York")).month


def test_the_same_day_gives_the_same_world(tmp_path, document):
    again = world.customers(UNTIL, {"10418": {"customer": "cus_1", "payment_method": "pm_1"}})

    assert again == document
    assert json.loads(json.dumps(document)) == document
    assert digest(tmp_path / "one") == digest(tmp_path / "two")


def test_a_later_day_only_adds_calls(tmp_path, legs):
    files = world.write_calls(tmp_path, UNTIL + dt.timedelta(days=1))
    later = {record.external_id for path in files for record in formats.read(path).records}

    assert {leg.external_id for leg in legs} < later


def test_every_record_can_be_read_and_belongs_to_a_conference_that_was_open(document, legs):
    open_lines = {
        conference["number"]: account
        for account in document["accounts"]
        for conference in account["conferences"]
    }

    assert [leg for leg in legs if isinstance(leg, Unreadable)] == []
    assert {leg.conference_number for leg in legs} <= open_lines.keys()
    for leg in legs:
        account = open_lines[leg.conference_number]
        assert leg.joined_at.date().isoformat() >= account["activated_on"]
        assert account["closed_on"] is None or (
            leg.joined_at.date() <= dt.date.fromisoformat(account["closed_on"]) + dt.timedelta(1)
        )


def test_no_leg_comes_twice_and_none_from_the_future(legs):
    midnight = dt.datetime.combine(UNTIL, dt.time(), tzinfo=dt.UTC)

    assert max(Counter((leg.bridge, leg.external_id) for leg in legs).values()) == 1
    assert max(leg.left_at for leg in legs) < midnight
    assert 10_000 < len(legs) < 25_000


def test_some_records_are_there_for_the_quarantine(document, records):
    known = {number["number"] for number in document["dial_in_numbers"]}
    strays = [record for record in records if record.external_id.startswith(STRAY)]

    assert {(stray.dialled_number in known, stray.left_at is None) for stray in strays} == {
        (False, False),
        (True, True),
    }


def test_the_months_are_fourteen_and_the_last_is_not_over(legs):
    months = sorted({f"{leg.joined_at:%Y-%m}" for leg in legs})

    assert (len(months), months[0], months[-1]) == (14, "2025-10", "2026-11")


def test_every_way_of_calling_in_is_there(document, legs):
    access = {number["number"]: number["access_type"] for number in document["dial_in_numbers"]}
    ways = {"out_dial" if leg.is_outdial else access[leg.dialled_number] for leg in legs}

    assert ways == ACCESS_TYPES


def test_the_odd_calls_are_there_too(parsed, legs):
    sessions = defaultdict(set)
    for path, _, records in parsed:
        for record in records:
            sessions[record.session_external_id].add(path.suffix)

    assert any(leg.left_at == leg.joined_at for leg in legs)
    assert any("<" in leg.caller_name for leg in legs)
    assert any(not leg.caller_name.isascii() for leg in legs)
    assert any(leg.caller_name == "" for leg in legs)
    assert any(leg.is_moderator for leg in legs)
    assert {leg.left_because for leg in legs} >= {"", "removed", "conference_ended", "hung_up"}
    assert any(month_of(leg.joined_at) != month_of(leg.left_at) for leg in legs)
    assert any(suffixes == {".xml", ".csv"} for suffixes in sessions.values())
    assert sum(parsed.recording_nodes for _, parsed, _ in parsed) > 100
    assert {r.reason for _, parsed, _ in parsed for r in parsed.rejected_attempts} == {
        "invalid_pin",
        "conference_locked",
        "max_members_reached",
    }
    assert all(isinstance(leg, LegRecord) for leg in legs)


def test_the_companies_are_of_every_size_and_kind(document, legs):
    found = accounts(document)
    owner = {c["number"]: a["number"] for a in found.values() for c in a["conferences"]}
    calls = defaultdict(set)
    for leg in legs:
        if f"{leg.joined_at:%Y-%m}" == "2026-10":
            calls[owner[leg.conference_number]].add(leg.session_external_id)

    assert len(found) == 12
    assert "10731" not in calls
    assert 250 < len(calls["10007"]) < 350
    assert {account["terms"] for account in found.values()} == {"card", "check"}
    assert len({account["time_zone"] for account in found.values()}) >= 7
    assert len({account["address"]["country"] for account in found.values()}) >= 6
    assert max(len(account["name"]) for account in found.values()) > 100
    assert found["10366"]["closed_on"] == "2026-07-20"
    assert found["10688"]["activated_on"] == "2026-05-17"
    assert {c["kind"] for a in found.values() for c in a["conferences"]} == {
        "on_demand",
        "one_time",
    }
    assert {len(a["conferences"]) for a in found.values()} >= {3, 41}


def test_rates_change_once_and_one_conference_has_its_own(document):
    for plan in document["rate_plans"]:
        assert {rate["access_type"] for rate in plan["rates"]} == ACCESS_TYPES
        assert {rate["starts_on"] for rate in plan["rates"]} == {"2022-09-01", "2026-05-01"}
        assert all(len(rate["rate_per_minute"]) == 8 for rate in plan["rates"])

    own = [c["name"] for a in document["accounts"] for c in a["conferences"] if c["rates"]]
    assert own == ["Depositions"]


def test_numbers_pins_and_addresses_are_given_once(document):
    conferences = [c for a in document["accounts"] for c in a["conferences"]]
    pins = [pin["digits"] for c in conferences for pin in c["pins"]]
    emails = [user["email"] for a in document["accounts"] for user in a["users"]]

    for things in ([c["number"] for c in conferences], pins, emails):
        assert max(Counter(things).values()) == 1
    assert all(len(digits) == 9 and digits.isdecimal() for digits in pins)
    assert all(email.endswith(".example") and email.isascii() for email in emails)


def test_rights_are_ticked_on_the_account_s_own_conferences_where_ticks_count(document):
    for account in document["accounts"]:
        numbers = {conference["number"] for conference in account["conferences"]}
        for user in account["users"]:
            assert user["rights"].keys() <= numbers
            assert not user["rights"] or user["role"] in ("basic", "schedule")
        assert "admin" in {user["role"] for user in account["users"]}


def test_the_demo_account_has_one_sign_in_of_each_role(document):
    aurora = accounts(document)["10418"]

    assert aurora["name"] == "Aurora Robotics"
    assert {user["email"]: user["role"] for user in aurora["users"]} == {
        f"{role}@aurora.example": role for role in ("admin", "basic", "billing", "schedule")
    }
    assert {user["password"] for user in aurora["users"]} == {world.PASSWORD}
    assert [u["rights"] for u in aurora["users"] if u["role"] == "basic"] == [{"31000": ["view"]}]


def test_only_the_accounts_named_have_a_card_on_file(document):
    assert accounts(document)["10418"]["stripe"] == {
        "customer": "cus_1",
        "payment_method": "pm_1",
        "brand": "visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2029,
    }
    assert accounts(document)["10007"]["stripe"] is None
