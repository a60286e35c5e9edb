"""One-time conferences: how they are scheduled, cancelled, and closed after their use."""

import datetime as dt
import uuid
from types import SimpleNamespace

import pytest
from django.core import mail
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from conferences.models import Admission, Conference, Schedule
from conferences.schedules import is_open_for
from conferences.services import one_time
from conferences.services.dates import DateIsPast
from conferences.services.invitations import Guest, invite, queue_reminders
from conferences.services.one_time import (
    NotOneTime,
    cancel_conference,
    close_used_conferences,
    schedule_conference,
)
from tests import make
from tests.conferences.calendars import calendar_of
from tests.conferences.test_dates import next_year
from tests.pages import card, facts, read, rows, sign_in

NOW = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
START = dt.datetime(2026, 10, 6, 13, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ABOUT = {
    "name": "Customer briefing",
    "billing_code": "CC-1",
    "records_automatically": True,
    "plays_entry_tones": True,
    "announces_names": False,
    "mutes_on_entry": False,
    "waits_for_moderator": True,
}
DATE = {
    "starts_on": dt.date(2026, 10, 6),
    "starts_at_time": dt.time(9),
    "time_zone": "America/New_York",
    "minutes": 60,
    "expected_participants": 10,
}
NEW = reverse("conferences:conference_new")


def by(user):
    return Actor(user=user)


def made(user, *, token=None, **date):
    return schedule_conference(
        user.account,
        about=ABOUT,
        date=DATE | date,
        token=token or uuid.uuid4(),
        by=by(user),
        now=NOW,
    )


def closed(now):
    return [conference.pk for conference in close_used_conferences(now=now)]


def call(conference, *, minutes, ends, callers=2):
    legs = [(minutes * 60, "local")] * callers
    return make.session(conference=conference, started_at=ends - minutes * MINUTE, legs=legs)


def test_scheduling_makes_a_number_two_pins_and_full_rights(scheduler):
    conference = made(scheduler)

    assert (conference.kind, conference.account) == ("one_time", scheduler.account)
    assert len(conference.number) == one_time.NUMBER_LENGTH
    assert [pin.kind for pin in conference.pins.all()] == ["moderator", "participant"]
    assert scheduler.has_perm("conferences.change_conference", conference)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.after["name"]) == ("scheduled", "Customer briefing")
    assert entry.after["full rights"] == str(scheduler)
    assert [pin.digits for pin in conference.pins.all() if pin.digits in str(entry.after)] == []


def test_the_form_sent_twice_makes_one_conference(scheduler):
    token = uuid.uuid4()

    first, second = made(scheduler, token=token), made(scheduler, token=token)

    assert first == second
    assert AuditEntry.objects.count() == 1


def test_another_accounts_token_gives_nothing_of_theirs(scheduler, stranger):
    theirs = made(stranger)

    ours = made(scheduler, token=theirs.schedule.uid)

    assert ours.account == scheduler.account
    assert ours.schedule.uid != theirs.schedule.uid


def test_a_number_that_is_taken_is_drawn_again(monkeypatch, scheduler, conference):
    type(conference).objects.update(number="1000005")
    drawn = iter([5, 5, 6])
    draw = SimpleNamespace(randbelow=lambda bound: next(drawn))
    monkeypatch.setattr(one_time, "secrets", draw)

    assert made(scheduler).number == "1000006"


def test_a_past_date_makes_nothing(scheduler):
    with pytest.raises(DateIsPast):
        made(scheduler, starts_on=dt.date(2026, 9, 30))

    assert not Conference.objects.exists()


def test_cancelled_it_closes_and_its_guests_are_told(scheduler):
    make.dial_in_number()
    conference = made(scheduler)
    invite(conference, [Guest("pat@guest.example", "")], by=by(scheduler), now=NOW)
    list(send_due_letters(now=NOW))
    mail.outbox.clear()

    cancel_conference(conference, by=by(scheduler), now=NOW)

    list(send_due_letters(now=NOW))
    assert [calendar_of(letter)[0] for letter in mail.outbox] == ["CANCEL"]
    conference.refresh_from_db()
    assert not is_open_for(conference, "moderator", now=START)


def test_an_on_demand_line_is_not_cancelled(conference, admin):
    with pytest.raises(NotOneTime):
        cancel_conference(conference, by=by(admin), now=NOW)


def test_it_closes_a_quarter_of_an_hour_after_its_window_once(scheduler):
    conference = made(scheduler)
    end = START + 60 * MINUTE

    assert closed(end + 14 * MINUTE) == []
    assert closed(end + 15 * MINUTE) == [conference.pk]
    assert closed(end + 16 * MINUTE) == []
    entry = AuditEntry.objects.first()
    assert (entry.verb, entry.actor_label) == ("closed", "timetable")


def test_it_closes_a_quarter_of_an_hour_after_people_have_met_and_left(scheduler):
    conference = made(scheduler)
    call(conference, minutes=20, ends=START + 20 * MINUTE)

    assert closed(START + 34 * MINUTE) == []
    assert closed(START + 35 * MINUTE) == [conference.pk]


def test_who_dials_in_too_early_or_alone_does_not_close_it(scheduler):
    conference = made(scheduler)
    call(conference, minutes=5, ends=START - 5 * MINUTE)
    call(conference, minutes=3, ends=START + 2 * MINUTE, callers=1)

    assert closed(START + 40 * MINUTE) == []


def let_in(conference, *channels, at):
    bridge = make.bridge()
    for channel in channels:
        Admission.objects.create(
            pin=conference.pins.first(), bridge=bridge, call=channel, admitted_at=at
        )


def test_it_stays_open_while_people_come_back(scheduler):
    conference = made(scheduler)
    call(conference, minutes=20, ends=START + 20 * MINUTE)
    let_in(conference, "channel", at=START + 22 * MINUTE)

    assert closed(START + 40 * MINUTE) == []


def test_it_stays_open_while_others_talk_on(scheduler):
    conference = made(scheduler)
    let_in(conference, "1.1", "1.2", "1.3", at=START)
    held = call(conference, minutes=20, ends=START + 20 * MINUTE, callers=0)
    for channel in ("1.1", "1.2"):
        make.add_legs(held, (1200, "local"), external_id=f"{channel}/5.0")
    held.ended_at = START + 20 * MINUTE
    held.save()

    assert closed(START + 40 * MINUTE) == []
    make.add_legs(held, (1500, "local"), external_id="1.3/5.0")
    assert closed(START + 40 * MINUTE) == [conference.pk]


def test_on_demand_lines_and_those_to_come_stay_open(scheduler, conference):
    made(scheduler)
    Schedule.objects.create(conference=conference, **DATE)

    assert closed(START - MINUTE) == []
    assert [one.number for one in close_used_conferences(now=START + 999 * MINUTE)] != []
    conference.refresh_from_db()
    assert conference.closed_at is None


@pytest.mark.parametrize(
    ("invited_before", "asked_before", "queued"),
    [(120, 61, 0), (120, 60, 1), (120, 1, 1), (120, 0, 1), (120, -1, 0), (59, 30, 0)],
)
def test_guests_are_reminded_an_hour_before_and_never_after(
    scheduler, invited_before, asked_before, queued
):
    conference = made(scheduler)
    invited_at = START - invited_before * MINUTE
    invite(conference, [Guest("pat@guest.example", "")], by=by(scheduler), now=invited_at)

    assert queue_reminders(now=START - asked_before * MINUTE) == queued
    assert queue_reminders(now=START - asked_before * MINUTE) == 0


def test_reminder_says_when_and_how_and_late_it_is_not_sent(scheduler):
    make.dial_in_number()
    conference = made(scheduler)
    guests = [Guest("pat@guest.example", ""), Guest("sue@guest.example", "")]
    invite(conference, guests, by=by(scheduler), now=NOW)
    list(send_due_letters(now=NOW))
    mail.outbox.clear()
    conference.invitations.filter(email__startswith="sue").update(cancelled_at=NOW)

    assert queue_reminders(now=START - 60 * MINUTE) == 1
    list(send_due_letters(now=START - 59 * MINUTE))

    [letter] = mail.outbox
    assert letter.subject == "Reminder: Customer briefing, Oct 6, 2026, 9:00 AM"
    assert "begins at Oct 6, 2026, 9:00\xa0AM (America/New York)." in letter.body


def test_reminder_of_a_meeting_that_has_begun_is_not_sent(scheduler):
    conference = made(scheduler)
    invite(conference, [Guest("pat@guest.example", "")], by=by(scheduler), now=NOW)
    list(send_due_letters(now=NOW))
    mail.outbox.clear()
    queue_reminders(now=START - 10 * MINUTE)

    list(send_due_letters(now=START))

    assert mail.outbox == []


def test_form_leads_to_the_new_conference(client, scheduler):
    sign_in(client, scheduler)
    form = read(client.get(NEW)).one("form", **{"class": "date-form"})
    typed = {one.attributes["name"]: one.attributes.get("value", "") for one in form.all("input")}
    ticked = {"records_automatically": "on", "waits_for_moderator": "on"}
    date = {"starts_on": next_year(6, 1).isoformat(), "starts_at_time": "09:30"}

    response = client.post(
        NEW,
        typed | date | ticked | {"name": "Brief\r\ning", "time_zone": "Asia/Kathmandu"},
        follow=True,
    )

    conference = Conference.objects.get()
    assert response.request["PATH_INFO"] == conference.get_absolute_url()
    assert (conference.name, conference.schedule.time_zone) == ("Brief ing", "Asia/Kathmandu")
    assert conference.options == ["record automatically", "wait for the moderator"]
    assert len(rows(card(response, "pins"))) == 2
    assert facts(card(response, "schedule"))["Repeats"] == "Once"


def test_more_than_fifty_are_for_the_operator(client, admin, settings):
    sign_in(client, admin)

    page = read(client.post(NEW, {"expected_participants": "51"}))

    error = page.one("span", id="error_1_id_expected_participants").text
    assert settings.OPERATOR_PHONE in error
    assert not Conference.objects.exists()


def test_cancelling_asks_first_and_the_page_says_that_it_is_closed(client, scheduler):
    conference = made(scheduler, starts_on=next_year(6, 1))
    sign_in(client, scheduler)
    url = reverse("conferences:conference_cancel", args=[conference.pk])

    asked = read(client.get(url))
    response = client.post(url, follow=True)

    assert asked.one("h1").text == "Cancel Customer briefing?"
    assert "Closed: no PIN lets callers in any more." in card(response, "schedule").text
    assert card(response, "schedule").all("a") == []
