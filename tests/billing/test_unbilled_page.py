"""Unbilled activity in the browser: what the next bill will say, rated by what will bill it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from tests import make
from tests.pages import card, read, rows, sign_in

UNBILLED = reverse("billing:unbilled_view")
APRIL_10 = dt.datetime(2026, 4, 10, 16, tzinfo=dt.UTC)
JUNE_10 = dt.datetime(2026, 6, 10, 16, tzinfo=dt.UTC)
pytestmark = pytest.mark.usefixtures("april_10")


def test_unbilled_activity_is_what_the_next_bill_will_say(client, biller, account, conference):
    make.session(conference=conference, started_at=APRIL_10 - dt.timedelta(days=1))
    sign_in(client, biller)

    response = client.get(UNBILLED)

    assert read(response).one("h1").text == "Bills"
    assert rows(card(response, "detail")) == [
        ["Weekly meeting , sub-total", "", "", "1", "10", "", "$0.49"],
        ["Apr 9, 2026, 12:00 PM Toll-free", "Toll-free", "–", "1", "10", "$0.0490", "$0.49"],
        ["Total", "", "", "1", "10", "", "$0.49"],
    ]


def test_billed_activity_is_not_unbilled(client, biller, account):
    make.issued(account, "2026-03", dollars=5)
    sign_in(client, biller)

    assert card(client.get(UNBILLED), "detail").one("h3").text == "No calls"


def test_calls_without_a_rate_are_named_and_left_out_of_the_sums(client, admin):
    unrated = make.account(name="No plan")
    admin.account = unrated
    admin.save()
    make.session(conference=make.conference(account=unrated), started_at=APRIL_10)
    with time_machine.travel(JUNE_10):
        sign_in(client, admin)
        response = client.get(UNBILLED)

    (warning,) = read(response).all("div", role="status")
    assert warning.text.startswith("1 call has no rate yet and is not in these sums.")
    assert read(response).all("dd", **{"class": "value"})[0].text == "$0.00"


@pytest.mark.parametrize("count", [1, 3])
def test_more_unbilled_activity_takes_no_more_queries(
    client, admin, account, count, django_assert_num_queries
):
    for number in range(count):
        line = make.conference(account=account, name=f"Line {number}")
        make.session(conference=line, started_at=APRIL_10 - dt.timedelta(days=1))
    sign_in(client, admin)

    with django_assert_num_queries(10):
        response = client.get(UNBILLED)

    assert len(rows(card(response, "detail"))) == 2 * count + 1
