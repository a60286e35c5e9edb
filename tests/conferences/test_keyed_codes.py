"""Billing codes that callers keyed in: a session has the least of them, in whatever order."""

import datetime as dt
from itertools import permutations

import pytest

from conferences.models import QuarantinedRecord, Session
from conferences.records import intake
from conferences.records.intake import Intake
from tests import make
from tests.conferences.call_tables import write_tables
from tests.undoing import undone

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def line(account):
    make.dial_in_number(number="18005550100")
    return make.conference(account=account, number="30125")


def take_in(folder, *tables):
    return intake.take_in(write_tables(folder, *tables), now=NOW)


def codes():
    return dict(Session.objects.values_list("external_id", "keyed_code"))


def test_a_table_may_tell_codes_and_an_older_one_need_not(tmp_path):
    rows = [{"leg_id": "a"}, {"leg_id": "b", "session_id": "s-2", "billing_code": " 7001 "}]

    take_in(tmp_path, rows)

    assert codes() == {"s-1": "", "s-2": "7001"}


def test_the_least_code_is_the_session_s_whatever_came_first(tmp_path):
    def outcome(order, size):
        rows = [{"leg_id": f"l-{code}", "billing_code": code} for code in order]
        tables = write_tables(tmp_path, *(rows[n : n + size] for n in range(0, len(rows), size)))
        with undone():
            intake.take_in(tables, now=NOW)
            return codes()

    orders = [*permutations(["B", "10", "9", ""])][::3]

    assert [outcome(order, size=1) for order in orders] == [{"s-1": "10"}] * len(orders)
    assert outcome(["B", "10", "9", ""], size=4) == {"s-1": "10"}


def test_a_leg_that_comes_again_with_a_code_is_the_same_leg(tmp_path):
    without, with_code = {"leg_id": "a"}, {"leg_id": "a", "billing_code": "7001"}

    assert take_in(tmp_path, [without]) == Intake(accepted=1)
    assert take_in(tmp_path, [with_code]) == Intake(duplicates=1)
    assert take_in(tmp_path, [{**with_code, "billing_code": "7"}]) == Intake(duplicates=1)

    assert codes() == {"s-1": "7"}


def test_what_is_kept_aside_tells_no_code(tmp_path):
    rows = [{"leg_id": "a"}, {"leg_id": "b", "left_at": "", "billing_code": "1"}]

    take_in(tmp_path, rows)

    assert codes() == {"s-1": ""}


def test_a_code_longer_than_any_is_kept_aside_with_its_leg(tmp_path):
    assert take_in(tmp_path, [{"billing_code": "1" * 51}]) == Intake(quarantined=1)

    detail = QuarantinedRecord.objects.get().detail
    assert detail == "billing_code is longer than 50 characters."
