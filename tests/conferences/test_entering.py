"""Who is let into a conference by telephone, as what, and how often."""

import datetime as dt
import threading
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models import QuerySet

from conferences.entering import Entry, Reason, Refusal, parted, plain_number
from conferences.models import Admission, Schedule
from conferences.services.entering import admit
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def ask(bridge, digits, *, call="call-1", caller="12125550123", dialled="18005550100", now=NOW):
    return admit(
        digits, bridge=bridge, call=call, caller_number=caller, dialled_number=dialled, now=now
    )


def test_right_pin_enters_as_its_kind_with_the_options(bridge, account):
    line = make.conference(account=account, mutes_on_entry=True, waits_for_moderator=True)
    kinds = {
        kind: make.pin(conference=line, kind=kind, digits=digits)
        for kind, digits in [("moderator", "111"), ("speaker", "222"), ("participant", "333")]
    }

    entries = {digits: ask(bridge, digits) for digits in ("111", "222", "333")}

    assert [entry.pin for entry in entries.values()] == list(kinds.values())
    assert [(entry.is_moderator, entry.is_muted, entry.waits) for entry in entries.values()] == [
        (True, False, False),
        (False, False, True),
        (False, True, True),
    ]


def test_unknown_and_removed_look_alike(bridge, conference):
    make.pin(conference=conference, digits="111", removed_at=NOW)

    assert ask(bridge, "111") == ask(bridge, "999") == Refusal(Reason.UNKNOWN)
    assert not Admission.objects.exists()


def test_billing_code_is_keyed_in_after_a_star(bridge, conference):
    make.pin(conference=conference, digits="111")

    assert ask(bridge, "111*4711#").billing_code == "4711"


@pytest.mark.parametrize(
    ("keyed_in", "understood"),
    [
        ("111", ("111", "")),
        ("111#", ("111", "")),
        ("111*", ("111", "")),
        ("111*47#", ("111", "47")),
        ("", ("", "")),
        ("*47", ("", "")),
        ("1\n", ("", "")),
        ("١٢٣", ("", "")),
        ("1" * 21, ("", "")),
        ("1 OR 1=1", ("", "")),
    ],
)
def test_what_is_keyed_in(keyed_in, understood):
    assert parted(keyed_in) == understood


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("+1 (212) 555-0123", "12125550123"),
        ("anonymous", ""),
        ("<unknown>", ""),
        ("0000000000", ""),
        ("", ""),
    ],
)
def test_withheld_number_is_none(number, plain):
    assert plain_number(number) == plain


def test_closed_conference_refuses(bridge, conference):
    make.pin(conference=conference, digits="111")
    conference.closed_at = NOW
    conference.save()

    assert ask(bridge, "111") == Refusal(Reason.CLOSED)


@pytest.mark.parametrize(("last_day", "is_let_in"), [(dt.date(2026, 4, 1), True), (None, True)])
def test_account_is_let_in_until_its_last_day_has_passed(bridge, conference, last_day, is_let_in):
    make.pin(conference=conference, digits="111")
    conference.account.closed_on = last_day
    conference.account.save()

    assert isinstance(ask(bridge, "111"), Entry) == is_let_in
    if last_day:
        assert ask(bridge, "111", now=NOW + dt.timedelta(days=1)) == Refusal(Reason.CLOSED)


def test_pin_works_from_its_start_until_before_its_end(bridge, conference):
    make.pin(conference=conference, digits="111", starts_at=NOW, ends_at=NOW + MINUTE)

    outcomes = [ask(bridge, "111", now=NOW + seconds * MINUTE / 60) for seconds in (-1, 0, 59, 60)]

    assert outcomes[0] == Refusal(Reason.NOT_YET, opens_at=NOW)
    assert [isinstance(outcome, Entry) for outcome in outcomes] == [False, True, True, False]
    assert outcomes[3] == Refusal(Reason.OVER)


def test_scheduled_conference_opens_early_for_moderators_and_closes_with_its_time(
    bridge, conference
):
    Schedule.objects.create(
        conference=conference,
        starts_on=dt.date(2026, 4, 1),
        starts_at_time=dt.time(12, 30),
        time_zone="UTC",
        minutes=60,
    )
    make.pin(conference=conference, kind="moderator", digits="111")
    make.pin(conference=conference, kind="participant", digits="333")

    def let_in(digits, minutes):
        return isinstance(ask(bridge, digits, now=NOW + minutes * MINUTE), Entry)

    assert [let_in("111", minutes) for minutes in (14, 15, 89, 90)] == [False, True, True, False]
    assert [let_in("333", minutes) for minutes in (24, 25, 89, 90)] == [False, True, True, False]
    assert ask(bridge, "333") == Refusal(Reason.NOT_YET, opens_at=NOW + 25 * MINUTE)
    assert ask(bridge, "333", now=NOW + 90 * MINUTE) == Refusal(Reason.OVER)


def test_uses_are_counted_by_call(bridge, conference):
    make.pin(conference=conference, digits="111", maximum_uses=2)

    outcomes = [ask(bridge, "111", call=call) for call in ("a", "a", "b", "c", "a")]

    assert [isinstance(outcome, Entry) for outcome in outcomes] == [True, True, True, False, True]
    assert outcomes[3] == Refusal(Reason.USED_UP)
    assert Admission.objects.count() == 2


def test_calls_of_one_name_on_two_bridges_are_two(bridge, conference):
    make.pin(conference=conference, digits="111", maximum_uses=1)
    ask(bridge, "111", call="a")

    assert ask(make.bridge(), "111", call="a") == Refusal(Reason.USED_UP)


@pytest.mark.parametrize(("holds_the_row", "let_in"), [(True, 1), (False, 2)])
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_the_last_use(holds_the_row, let_in, monkeypatch):
    """Without the lock, the control, both do."""
    line = make.conference(account=make.account())
    make.pin(conference=line, digits="111", maximum_uses=1)
    bridge = make.bridge()
    if not holds_the_row:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    both_have_counted = threading.Barrier(2)
    outcomes = []

    def wait_after_counting(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if sql.startswith("SELECT COUNT"):
            with suppress(threading.BrokenBarrierError):  # the other one waits for the row
                both_have_counted.wait(0.5)
        return found

    def call_in(call):
        with connection.execute_wrapper(wait_after_counting):
            outcomes.append(ask(bridge, "111", call=call))
        connection.close()

    callers = [threading.Thread(target=call_in, args=[call]) for call in "ab"]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert sum(isinstance(outcome, Entry) for outcome in outcomes) == let_in
