"""What two people do to a conference's date or guests at the same moment."""

import datetime as dt
import uuid
from contextlib import suppress

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.models import AuditEntry
from conferences.models import Conference, Invitation, Schedule
from conferences.services import dates, invitations, one_time
from tests import make
from tests.children import run_together
from tests.conferences.test_dates import DATE, NOW
from tests.conferences.test_one_time import ABOUT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by():
    return Actor(user=make.user(account=make.account(), role="admin"))


@pytest.fixture
def line(by):
    made = make.conference(account=by.user.account)
    make.pin(conference=made)
    return made


def slowly(monkeypatch, room, name):
    """Let each caller of `name` wait, so that the other comes in between where nothing is held."""
    at_once = getattr(room, name)

    def after_a_moment(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return at_once(*args, **kwargs)

    monkeypatch.setattr(room, name, after_a_moment)


def test_of_two_dates_set_from_the_same_page_one_holds(line, by, monkeypatch):
    slowly(monkeypatch, dates, "refuse_the_past")

    def put(minutes):
        date = DATE | {"minutes": minutes}
        with suppress(ChangedMeanwhile):
            dates.set_date(line, date=date, seen=dates.seen_of(None), by=by, now=NOW)

    run_together(lambda: put(30), lambda: put(45))

    assert Schedule.objects.get().sequence == 0
    assert AuditEntry.objects.count() == 1


def test_a_guest_whom_two_invite_is_invited_once(line, by, monkeypatch):
    slowly(monkeypatch, invitations, "record")

    def invite():
        guest = invitations.Guest("pat@guest.example", "")
        invitations.invite(line, [guest], by=by, now=NOW)

    run_together(invite, invite)

    assert Invitation.objects.count() == AuditEntry.objects.count() == 1


def test_a_double_click_makes_one_conference(by, monkeypatch):
    slowly(monkeypatch, one_time, "record")
    token = uuid.uuid4()
    date = DATE | {"repeats": "once"}

    def schedule():
        one_time.schedule_conference(
            by.user.account, about=ABOUT, date=date, token=token, by=by, now=NOW
        )

    run_together(schedule, schedule)

    assert Conference.objects.count() == AuditEntry.objects.count() == 1


def test_two_rounds_close_a_conference_once(by, monkeypatch):
    date = DATE | {"repeats": "once"}
    one_time.schedule_conference(
        by.user.account, about=ABOUT, date=date, token=uuid.uuid4(), by=by, now=NOW
    )
    slowly(monkeypatch, one_time, "record")
    later = NOW + dt.timedelta(days=30)

    def close():
        list(one_time.close_used_conferences(now=later))

    run_together(close, close)

    assert AuditEntry.objects.filter(verb="closed").count() == 1
