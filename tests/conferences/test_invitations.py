"""Inviting people: what comes by mail and for their calendar, and what keeps off floods."""

import datetime as dt
import io
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from dateutil.tz import tzical
from django.core import mail
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from conferences.models import Invitation, Schedule
from conferences.schedules import next_starts
from conferences.services import invitations
from conferences.services.dates import clear_date, seen_of, set_date, values_of
from conferences.services.invitations import Guest, NoPinToShare, NotInvited
from tests import make
from tests.conferences.calendars import calendar_of, event_of
from tests.pages import read, sign_in
from users.throttling import TooManyTries

NOW = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
PIN = "483920175"
PAT = Guest("pat@guest.example", "Pat Doe")


@pytest.fixture
def line(conference):
    """A conference with a weekly date, a PIN to share, and others that must stay unsaid."""
    make.dial_in_number(number="18005550100", label="Toll-free")
    make.pin(conference=conference, kind="moderator", digits="590217348")
    make.pin(conference=conference, holder_name="Renée", digits="275016498")
    make.pin(conference=conference, maximum_uses=1, digits="306928571")
    make.pin(conference=conference, digits=PIN)
    Schedule.objects.create(
        conference=conference,
        starts_on=dt.date(2026, 10, 6),
        starts_at_time=dt.time(9),
        time_zone="America/New_York",
        minutes=90,
        repeats="weekly",
        ends_on=dt.date(2027, 3, 30),
    )
    return conference


def by(user):
    return Actor(user=user)


def sent(now=NOW):
    """Send what is due, and return it."""
    mail.outbox.clear()
    list(send_due_letters(now=now))
    return list(mail.outbox)


def invited(conference, user, *guests, now=NOW):
    made = invitations.invite(conference, guests or [PAT], by=by(user), now=now)
    return made, sent(now)


def move(conference, user, *, now=NOW, **changes):
    conference.refresh_from_db()
    schedule = Schedule.objects.get(conference=conference)
    date = values_of(schedule) | changes
    return set_date(conference, date=date, seen=seen_of(schedule), by=by(user), now=now)


def test_invitation_says_how_to_call_and_bears_the_shared_pin_alone(line, scheduler):
    _, [letter] = invited(line, scheduler)

    assert letter.to == ["pat@guest.example"]
    assert letter.reply_to == ["schedule@aurora.example"]
    assert letter.subject == "Invitation: Weekly meeting, Oct 6, 2026, 9:00 AM"
    assert "Hello Pat Doe,\nSam Schedule of Aurora Robotics invites you" in letter.body
    assert "Oct 6, 2026, 9:00\xa0AM (America/New York), 1 hour 30 minutes" in letter.body
    assert "Every Tuesday, until Mar 30, 2027" in letter.body
    assert "Toll-free: +1 800-555-0100" in letter.body
    assert f"Your PIN: {PIN}" in letter.body
    everything = letter.message().as_string()
    assert [pin for pin in ("590217348", "275016498", "306928571") if pin in everything] == []
    assert PIN not in str(Letter.objects.values())


def test_calendar_reads_the_invitation_back(line, scheduler):
    _, [letter] = invited(line, scheduler)

    method, calendar = calendar_of(letter)
    event = event_of(calendar)
    schedule = line.schedule
    assert (method, calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "REQUEST", "2.0")
    assert event["UID"] == str(schedule.uid)
    assert event["SEQUENCE"] == 0
    assert event["DTSTAMP"].dt == NOW
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert event["DURATION"].dt == dt.timedelta(minutes=90)
    assert event["SUMMARY"] == "Weekly meeting"
    assert event["STATUS"] == "CONFIRMED"
    assert event["ORGANIZER"] == "mailto:bills@meridian.example"
    assert event["ORGANIZER"].params["CN"] == "Aurora Robotics"
    assert event["ATTENDEE"] == "mailto:pat@guest.example"
    assert event["ATTENDEE"].params["CN"] == "Pat Doe"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert f"Your PIN: {PIN}" in event["DESCRIPTION"]
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["America/New_York"]


def test_calendar_and_portal_agree_on_every_meeting_over_the_clock_change(line, scheduler):
    """By dateutil's reading of RRULE and DTSTART, and by the zone that the calendar brings."""
    _, [letter] = invited(line, scheduler)
    _, calendar = calendar_of(letter)
    event = event_of(calendar)

    here = ZoneInfo("America/New_York")
    start = event["DTSTART"].dt.replace(tzinfo=here)
    rule = rrule.rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)

    portal = next_starts(line.schedule, now=NOW, count=100)
    assert [one.astimezone(dt.UTC) for one in rule] == portal
    assert len(portal) == 26
    brought = tzical(io.StringIO(calendar.walk("VTIMEZONE")[0].to_ical().decode())).get()
    walls = [one.replace(tzinfo=None) for one in rule]
    assert [wall.replace(tzinfo=brought).astimezone(dt.UTC) for wall in walls] == portal


def test_changed_date_updates_the_same_event(line, scheduler):
    invited(line, scheduler)

    move(line, scheduler, starts_at_time=dt.time(10))

    [letter] = sent()
    method, calendar = calendar_of(letter)
    event = event_of(calendar)
    assert letter.subject == "New date: Weekly meeting, Oct 6, 2026, 10:00 AM"
    assert method == "REQUEST"
    assert (event["UID"], event["SEQUENCE"]) == (str(line.schedule.uid), 1)
    assert event["DTSTART"].dt.hour == 10


def test_other_number_of_participants_is_no_news_for_calendars(line, scheduler):
    invited(line, scheduler)

    schedule = move(line, scheduler, expected_participants=20)

    assert sent() == []
    assert schedule.sequence == 0


def test_cleared_date_takes_the_event_out_of_the_calendars(line, scheduler):
    invited(line, scheduler)
    uid = line.schedule.uid

    clear_date(line, by=by(scheduler), now=NOW)

    [letter] = sent()
    method, calendar = calendar_of(letter)
    event = event_of(calendar)
    assert letter.subject == "Cancelled: Weekly meeting"
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (str(uid), 1)
    assert PIN not in letter.message().as_string()
    assert not Invitation.objects.standing().exists()


def test_one_invitation_is_taken_back_and_given_anew(line, scheduler):
    [[pat, _], _] = invited(line, scheduler, PAT, Guest("sue@guest.example", ""))

    invitations.cancel_invitation(pat, by=by(scheduler), now=NOW)

    [letter] = sent()
    assert (letter.to, calendar_of(letter)[0]) == (["pat@guest.example"], "CANCEL")
    with pytest.raises(NotInvited):
        invitations.invite_again(pat, by=by(scheduler), now=NOW)
    later = NOW + dt.timedelta(minutes=1)
    [_, [letter]] = invited(line, scheduler, now=later)
    assert event_of(calendar_of(letter)[1])["SEQUENCE"] == 1


def test_without_a_date_there_is_nothing_for_the_calendar(line, scheduler):
    line.schedule.delete()
    line.refresh_from_db()

    _, [letter] = invited(line, scheduler)

    assert letter.subject == "Invitation: Weekly meeting"
    assert f"Your PIN: {PIN}" in letter.body
    assert "text/calendar" not in letter.message().as_string()


def test_whoever_is_invited_already_is_not_written_to_again(line, scheduler):
    invited(line, scheduler)

    made, letters = invited(line, scheduler, PAT, now=NOW + dt.timedelta(hours=1))

    assert (made, letters) == ([], [])
    assert AuditEntry.objects.count() == 1


def test_letter_of_a_cancelled_invitation_is_not_sent(line, scheduler):
    [pat] = invitations.invite(line, [PAT], by=by(scheduler), now=NOW)
    invitations.cancel_invitation(pat, by=by(scheduler), now=NOW)

    assert [letter.subject for letter in sent()] == ["Cancelled: Weekly meeting"]


def test_nobody_is_invited_without_a_pin_to_share(line, scheduler):
    line.pins.filter(holder_name="", maximum_uses=None).update(removed_at=NOW)

    with pytest.raises(NoPinToShare):
        invitations.invite(line, [PAT], by=by(scheduler), now=NOW)


def test_name_cannot_write_headers_or_calendar_lines(line, scheduler):
    evil = "Board\r\nBcc: all@victims.example\r\nATTENDEE:mailto:x@y.example"
    type(line).objects.filter(pk=line.pk).update(name=evil)

    _, [letter] = invited(line, scheduler, Guest("pat@guest.example", "A\nB: c"))

    assert letter.message()["Bcc"] is None
    event = event_of(calendar_of(letter)[1])
    assert event["SUMMARY"] == "Board Bcc: all@victims.example ATTENDEE:mailto:x@y.example"
    assert event["ATTENDEE"] == "mailto:pat@guest.example"


def test_nobody_is_flooded(line, scheduler):
    [[pat], _] = invited(line, scheduler)
    for _ in range(invitations.TO_A_GUEST.tries - 1):
        invitations.invite_again(pat, by=by(scheduler), now=NOW)

    with pytest.raises(TooManyTries):
        invitations.invite_again(pat, by=by(scheduler), now=NOW)
    with pytest.raises(TooManyTries):
        move(line, scheduler, starts_at_time=dt.time(11))

    assert Schedule.objects.get(conference=line).starts_at_time == dt.time(9)
    assert invitations.invite_again(pat, by=by(scheduler), now=NOW + dt.timedelta(days=1))


def typed(client, line, people):
    url = reverse("conferences:invitation_list", args=[line.pk])
    return client.post(url, {"people": people}, follow=True)


def test_people_are_invited_as_they_are_pasted(client, line, scheduler):
    make.rights(scheduler, line, "view")
    sign_in(client, scheduler)

    pasted = '"Doe, Pat" <Pat@Guest.example>\nsue@guest.example; a@b.example,c@b.example\n\n'
    page = read(typed(client, line, pasted))

    assert page.one("div", role="status").text == "4 people are invited."
    assert list(Invitation.objects.values_list("email", "name")) == [
        ("a@b.example", ""),
        ("c@b.example", ""),
        ("pat@guest.example", "Doe, Pat"),
        ("sue@guest.example", ""),
    ]


def test_one_wrong_address_keeps_all_from_being_invited(client, line, scheduler):
    make.rights(scheduler, line, "view")
    sign_in(client, scheduler)

    response = typed(client, line, "pat@guest.example\nPat Doe\nx@")

    page = read(response)
    assert page.one("textarea", name="people").text == "pat@guest.example Pat Doe x@"
    assert "“Pat Doe” is no e-mail address." in page.text
    assert "“x@” is no e-mail address." in page.text
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_more_invitations_take_no_more_queries(
    client, line, admin, count, django_assert_num_queries
):
    Invitation.objects.bulk_create(
        Invitation(conference=line, email=f"{n}@x.example", invited_by=admin, invited_at=NOW)
        for n in range(count)
    )
    sign_in(client, admin)

    with django_assert_num_queries(6):
        client.get(reverse("conferences:invitation_list", args=[line.pk]))
