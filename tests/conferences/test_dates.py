"""Setting, changing and clearing a date: what is refused in words, and two people at once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.models import AuditEntry
from conferences.models import Schedule
from conferences.services.dates import (
    DateIsPast,
    OneTimeNeedsItsDate,
    clear_date,
    seen_of,
    set_date,
    values_of,
)
from conferences.services.holding import ConferenceClosed
from tests import make
from tests.pages import card, facts, filled, read, sign_in

NOW = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
DATE = {
    "starts_on": dt.date(2026, 10, 6),
    "starts_at_time": dt.time(9),
    "time_zone": "America/New_York",
    "minutes": 60,
    "repeats": "weekly",
    "ends_on": None,
    "expected_participants": 10,
}


def by(user):
    return Actor(user=user)


def put(conference, admin, *, now=NOW, seen=None, **changes):
    schedule = Schedule.objects.filter(conference=conference).first()
    seen = seen_of(schedule) if seen is None else seen
    return set_date(conference, date=DATE | changes, seen=seen, by=by(admin), now=now)


def entries():
    return list(AuditEntry.objects.values_list("verb", "before", "after").order_by("pk"))


def test_a_date_is_set_then_changed_and_the_log_says_from_what_to_what(conference, admin):
    put(conference, admin)
    schedule = put(conference, admin, starts_at_time=dt.time(10, 30))

    assert (schedule.sequence, schedule.starts_at_time) == (1, dt.time(10, 30))
    assert [verb for verb, _, _ in entries()] == ["set the date of"] * 2
    assert entries()[1][1:] == ({"starts_at_time": "09:00:00"}, {"starts_at_time": "10:30:00"})


def test_setting_what_is_there_already_changes_and_logs_nothing(conference, admin):
    put(conference, admin)

    schedule = put(conference, admin, seen="whatever")

    assert schedule.sequence == 0
    assert len(entries()) == 1


def test_the_second_of_two_people_overwrites_nothing_unseen(conference, admin):
    put(conference, admin)

    with pytest.raises(ChangedMeanwhile):
        put(conference, admin, seen=seen_of(None), minutes=30)

    assert Schedule.objects.get().minutes == 60


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": dt.date(2026, 9, 30)},
        {"starts_on": dt.date(2026, 9, 30), "repeats": "once"},
        {"starts_on": dt.date(2026, 10, 1), "starts_at_time": dt.time(7, 59), "repeats": "once"},
    ],
)
def test_past_dates_are_refused(conference, admin, changes):
    with pytest.raises(DateIsPast):
        put(conference, admin, **changes)


def test_a_repetition_under_way_keeps_its_first_date(conference, admin):
    put(conference, admin)
    later = NOW + dt.timedelta(days=60)

    schedule = put(conference, admin, minutes=30, now=later)

    assert schedule.starts_on == DATE["starts_on"]
    with pytest.raises(DateIsPast):
        put(conference, admin, ends_on=dt.date(2026, 10, 30), now=later)


def test_nothing_is_changed_of_a_closed_conference(conference, admin):
    put(conference, admin)
    type(conference).objects.update(closed_at=NOW)

    with pytest.raises(ConferenceClosed):
        put(conference, admin, minutes=30)
    with pytest.raises(ConferenceClosed):
        clear_date(conference, by=by(admin), now=NOW)


def test_a_cleared_date_is_gone_and_cleared_again_nothing_happens(conference, admin):
    put(conference, admin)

    for _ in range(2):
        clear_date(conference, by=by(admin), now=NOW)

    assert not Schedule.objects.exists()
    verb, before, after = entries()[1]
    assert (verb, before["starts_on"], after) == ("cleared the date of", "2026-10-06", {})
    assert len(entries()) == 2


def test_a_one_time_conference_keeps_its_date(account, admin):
    once = make.conference(account=account, kind="one_time")

    with pytest.raises(OneTimeNeedsItsDate):
        clear_date(once, by=by(admin), now=NOW)


def page_of(conference):
    return reverse("conferences:date_edit", args=[conference.pk])


def form_of(page, **changes):
    return filled(page.one("form", **{"class": "card date-form"}), **changes)


def next_year(month, day):
    return dt.date(timezone.now().year + 1, month, day)


def test_the_page_offers_the_readers_zone_and_leads_to_the_conference(client, admin, conference):
    sign_in(client, admin)
    page = read(client.get(page_of(conference)))
    day = next_year(6, 1)

    typed = form_of(page, starts_on=day.isoformat(), starts_at_time="09:30", repeats="weekly")
    response = client.post(page_of(conference), typed, follow=True)

    assert response.request["PATH_INFO"] == conference.get_absolute_url()
    schedule = Schedule.objects.get(conference=conference)
    assert values_of(schedule) == DATE | {"starts_on": day, "starts_at_time": dt.time(9, 30)}
    assert facts(card(response, "schedule"))["Time zone"] == "America/New York"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"starts_on": "2020-01-01"}, "starts_on", "This date and time has passed."),
        ({"starts_on": "2999-01-01"}, "starts_on", "This is more than 5 years ahead."),
        ({"starts_on": "0001-01-01", "time_zone": "Asia/Kathmandu"}, "starts_on", "has passed."),
        ({"ends_on": "9999-12-31", "repeats": "daily"}, "ends_on", "more than 5 years ahead."),
        ({"starts_on": "31.02."}, "starts_on", "Enter a valid date."),
        (
            {"starts_on": "2027-03-14", "starts_at_time": "02:30"},
            "starts_at_time",
            "The clocks in America/New York are put forward on Mar 14, 2027 and do not show",
        ),
        ({"ends_on": "2027-01-01", "repeats": "daily"}, "ends_on", "The last date is before"),
        ({"minutes": "1440", "repeats": "daily"}, "minutes", "Held every day, a meeting of more"),
        ({"expected_participants": "51"}, "expected_participants", "call us, so that we make room"),
    ],
)
def test_wrong_dates_are_refused_beside_the_field_and_kept(
    client, admin, conference, changes, field, sentence
):
    sign_in(client, admin)
    page = read(client.get(page_of(conference)))
    typed = {"starts_on": "2027-06-01", "starts_at_time": "09:30", **changes}

    answer = read(client.post(page_of(conference), form_of(page, **typed)))

    assert sentence in answer.one("span", id=f"error_1_id_{field}").text
    kept = form_of(answer)
    assert {name: kept[name] for name in typed} == typed
    assert not Schedule.objects.exists()


def test_a_zone_that_is_none_is_refused(client, admin, conference):
    sign_in(client, admin)

    answer = read(client.post(page_of(conference), {"time_zone": "Mars/Base"}))

    assert answer.one("span", id="error_1_id_time_zone").text != ""


def test_the_second_of_two_is_told_and_may_save_all_the_same(client, admin, conference):
    sign_in(client, admin)
    first = read(client.get(page_of(conference)))
    day = next_year(6, 1).isoformat()
    put(conference, admin, starts_on=next_year(7, 1), now=timezone.now())

    answer = read(
        client.post(page_of(conference), form_of(first, starts_on=day, starts_at_time="08:00"))
    )
    client.post(page_of(conference), form_of(answer))

    assert "Somebody else set it to Jul 1" in answer.text
    assert Schedule.objects.get().starts_on == next_year(6, 1)


def test_other_conferences_at_that_time_are_named_where_they_may_be_seen(
    client, scheduler, account, conference
):
    seen, unseen = (make.conference(account=account, name=name) for name in ("Seen", "Unseen"))
    make.rights(scheduler, conference, "view")
    make.rights(scheduler, seen, "view")
    day = next_year(6, 1)
    for other in (seen, unseen):
        put(other, scheduler, starts_on=day, starts_at_time=dt.time(9, 30), now=timezone.now())
    sign_in(client, scheduler)
    page = read(client.get(page_of(conference)))

    typed = form_of(page, starts_on=day.isoformat(), starts_at_time="10:29")
    response = client.post(page_of(conference), typed, follow=True)

    said = [message.text for message in read(response).all("div", role="status")]
    assert said == ["The date and time are set.", "At the same time there is also: Seen."]


def test_basic_user_may_see_the_date_and_not_set_it(client, basic, conference):
    make.rights(basic, conference, "full")
    sign_in(client, basic)

    assert client.get(page_of(conference)).status_code == 403
    links = card(client.get(conference.get_absolute_url()), "schedule").all("a")
    assert links == []
