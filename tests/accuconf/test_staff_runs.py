"""The bill run in the back office: rehearsed, and bills that are held as absurd."""

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import Bill
from billing.services import runs
from billing.services.issue import opens_at
from tests import make
from tests.pages import sign_in

FEBRUARY = Month(2026, 2, "America/New_York")
MARCH = FEBRUARY.next()

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture(autouse=True)
def first_of_april():
    with time_machine.travel(opens_at(MARCH)):
        yield


@pytest.fixture
def account():
    """An account that called for twelve times as much in March as in February."""
    account = make.account(terms="check", plan=make.rate_plan(local="1"))
    called(account, FEBRUARY, 50)
    run(FEBRUARY)
    called(account, MARCH, 600)
    return account


def called(account, month, dollars):
    line = make.conference(account=account)
    make.session(conference=line, started_at=month.start, legs=[(60 * dollars, "local")])


def run(month):
    runs.open_runs(month, now=opens_at(month))
    return list(runs.issue_waiting(gateway=gateway(), now=opens_at(month)))[-1]


@pytest.fixture
def allowing(client, clerk, account):
    """The address at which the clerk allows the held bill."""
    sign_in(client, clerk)
    return reverse("admin:billing_billjob_allow", args=[run(MARCH).pk])


def test_staff_see_what_the_next_run_would_issue(client, clerk, account):
    sign_in(client, clerk)

    page = client.get(reverse("admin:billing_billrun_rehearsal")).content.decode()

    assert "Rehearsal of the bill run for 2026-03" in page
    assert "+$550.00" in page
    assert "over 10 times the $50.00" in page


def test_rehearsal_leads_from_the_list_of_runs(client, clerk):
    sign_in(client, clerk)

    page = client.get(reverse("admin:billing_billrun_changelist")).content.decode()

    assert reverse("admin:billing_billrun_rehearsal") in page


def test_rehearsal_is_for_staff_who_see_runs(client, db):
    sign_in(client, make.user(email="new@meridian.example"))

    assert client.get(reverse("admin:billing_billrun_rehearsal")).status_code == 403


def test_held_bill_is_issued_once_somebody_says_why_it_is_right(client, allowing):
    job_page = client.get(allowing.replace("allow/", "change/")).content.decode()
    page = client.get(allowing).content.decode()
    client.post(allowing, {"cents": 60_000, "reason": "A big event"})

    assert allowing in job_page
    assert "Issue it with charges of $600.00" in page
    assert Bill.objects.get(month_start=MARCH.start).current_charges_cents == 60_000


def test_charges_that_have_grown_are_shown_anew(client, allowing, account):
    called(account, MARCH, 1)

    answer = client.post(allowing, {"cents": 60_000, "reason": "A big event"}).content.decode()

    assert "The charges have grown meanwhile" in answer
    assert "Issue it with charges of $601.00" in answer
    assert 'name="cents" value="60100"' in answer
    assert "A big event" in answer
    assert Bill.objects.count() == 1


@pytest.mark.parametrize("reason", ["", " "])
def test_a_reason_is_asked_for(client, allowing, reason):
    answer = client.post(allowing, {"cents": 60_000, "reason": reason})

    assert answer.context["form"].errors == {"reason": ["This field is required."]}
    assert Bill.objects.count() == 1


def test_bill_that_is_issued_cannot_be_allowed(client, allowing):
    client.post(allowing, {"cents": 60_000, "reason": "A big event"})

    assert client.get(allowing).status_code == 404


def test_allowing_is_for_staff_who_may_try_again(client, allowing):
    looker = make.user(email="looker@meridian.example")
    looker.user_permissions.add(Permission.objects.get(codename="view_billjob"))
    sign_in(client, looker)

    assert client.get(allowing).status_code == 403
