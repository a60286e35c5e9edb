"""The start page: each role finds there what it may see, and nothing else."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from conferences.models import Schedule
from tests import make
from tests.pages import card, menu, read, rows, sign_in

HOME = reverse("home")
APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(APRIL_10, tick=False):
        yield


def figures(response):
    """Return the figures at the top as {name: [value, note]}."""
    return {
        figure.one("dt").text: [fact.text for fact in figure.all("dd")]
        for figure in read(response).all("div", **{"class": "figure"})
    }


def cards(response):
    return [section.attributes["aria-labelledby"] for section in read(response).all("section")]


def meets(conference, day, **fields):
    Schedule.objects.create(
        conference=conference,
        starts_on=dt.date(2026, 4, day),
        starts_at_time=dt.time(14, 30),
        time_zone="America/New_York",
        minutes=30,
        **fields,
    )


def test_admin_finds_money_conferences_and_people(client, admin, basic, conference):
    make.issued(admin.account, "2026-02", dollars=40)
    make.issued(admin.account, "2026-03", dollars=2)
    make.session(conference=conference, started_at=APRIL_10 - dt.timedelta(days=1))
    make.user(account=admin.account, is_active=False)
    sign_in(client, admin)

    response = client.get(HOME)

    assert menu(response) == [
        "Home", "Conferences", "Recordings", "Bills", "My Account", "My Profile", "Audit log"
    ]  # fmt: skip
    assert figures(response) == {
        "Amount due": ["$42.00", "$42.00 overdue"],
        "This month so far": ["$0.49", "10 minutes"],
        "Conferences": ["3", "open for callers"],
        "People": ["2", "can sign in"],
    }
    assert [row[0][:8] for row in rows(card(response, "bills"))] == ["Mar 2026", "Feb 2026"]
    assert cards(response) == ["advice", "bills", "charges", "next"]


def test_amount_due_tells_the_next_due_date(client, admin):
    admin.account.terms = "check"
    admin.account.save()
    make.issued(admin.account, "2026-03", dollars=2)
    sign_in(client, admin)

    assert figures(client.get(HOME))["Amount due"] == ["$2.00", "due May 1, 2026"]


def test_billing_user_finds_money_and_nothing_else(client, biller):
    make.issued(biller.account, "2026-03", dollars=2)
    sign_in(client, biller)

    response = client.get(HOME)

    assert menu(response) == ["Home", "Bills", "My Profile"]
    assert list(figures(response)) == ["Amount due", "This month so far"]
    assert cards(response) == ["advice", "bills", "charges"]


def test_basic_user_finds_their_conferences_and_no_money(client, basic, conference):
    make.dial_in_number()
    other = make.conference(account=basic.account, name="Zulu", number="30900")
    make.conference(account=basic.account, name="Not ticked")
    make.rights(basic, conference, "view")
    make.rights(basic, other, "recording")
    for line in (conference, other):
        make.session(conference=line, started_at=APRIL_10 - dt.timedelta(days=1))
    sign_in(client, basic)

    response = client.get(HOME)

    assert menu(response) == ["Home", "Conferences", "Recordings", "My Profile"]
    assert figures(response) == {}
    assert rows(card(response, "conferences")) == [
        [f"Weekly meeting {conference.number}", "On demand", "Apr 9, 2026, 12:00 PM"],
        ["Zulu 30900 · recordings only", "On demand", "–"],
    ]
    assert cards(response) == ["conferences", "next", "numbers"]
    assert "$" not in response.content.decode()


def test_what_is_coming_up_is_in_order_and_only_what_one_may_see(client, scheduler):
    for name, day, fields in (
        ("Past", 9, {}),
        ("Later", 20, {}),
        ("Weekly", 1, {"repeats": "weekly"}),
        ("Not ticked", 11, {}),
    ):
        line = make.conference(account=scheduler.account, name=name)
        meets(line, day, **fields)
        if name != "Not ticked":
            make.rights(scheduler, line, "view")
    sign_in(client, scheduler)

    items = [item.text for item in card(client.get(HOME), "next").all("li")]

    assert items == [
        "Weekly Apr 15, 2026, 2:30 PM · 30 min",
        "Later Apr 20, 2026, 2:30 PM · 30 min",
    ]


def test_new_people_and_new_accounts_find_words_instead_of_lists(client, admin, basic):
    sign_in(client, admin)
    of_admin = [heading.text for heading in read(client.get(HOME)).all("h3")]
    sign_in(client, basic)
    of_basic = [heading.text for heading in read(client.get(HOME)).all("h3")]

    assert of_admin == ["No bills yet", "Nothing scheduled"]
    assert of_basic == ["No conferences yet", "Nothing scheduled"]


def test_chart_says_in_words_what_it_draws(client, admin):
    make.issued(admin.account, "2026-02", dollars=40)
    make.issued(admin.account, "2026-03", dollars=20)
    sign_in(client, admin)

    chart = card(client.get(HOME), "charges").one("svg")

    assert chart.attributes["aria-label"] == "Charges by month: Feb $40.00, Mar $20.00"
    assert [bar.attributes["height"] for bar in chart.all("rect")] == ["122.0", "61.0"]


@pytest.mark.parametrize("count", [1, 3])
def test_more_of_everything_takes_no_more_queries(client, admin, count, django_assert_num_queries):
    for number in range(1, count + 1):
        make.issued(admin.account, f"2026-0{number}", dollars=1)
        line = make.conference(account=admin.account, name=f"Line {number}")
        meets(line, 20)
        make.session(conference=line, started_at=APRIL_10 - dt.timedelta(days=1))
    sign_in(client, admin)

    with django_assert_num_queries(19):
        response = client.get(HOME)

    assert len(rows(card(response, "bills"))) == count


def test_staff_are_sent_to_the_back_office(client, staff):
    sign_in(client, staff)

    response = client.get(HOME)

    assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))


def test_front_door_leads_to_the_start_page(client, admin):
    sign_in(client, admin)

    assert client.get("/")["Location"] == HOME


def test_pages_of_signed_in_people_stay_out_of_caches(client, admin):
    sign_in(client, admin)

    assert client.get(HOME)["Cache-Control"] == "private, no-store"
