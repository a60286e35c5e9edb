"""The back office's pages of checks: recording, applying what is left over, and bouncing."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from billing.models import Check
from billing.open_items import open_items
from billing.services import checks
from billing.standing import billing_day
from tests import make
from tests.pages import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def owing(account):
    """An account that owes $10.00 for February and $25.00 for March."""
    make.issued(account, "2026-02", dollars=10)
    make.issued(account, "2026-03", dollars=25)
    return account


@pytest.fixture
def record(client, clerk, owing):
    """Fill in the form about a check, as a clerk, and send it."""
    sign_in(client, clerk)

    def record(**typed):
        today = billing_day(timezone.now())
        form = {"number": "1001", "amount": "15.00", "received_on": today, "how": "oldest"}
        url = reverse("admin:billing_check_record", args=[owing.pk])
        return client.post(url, {**form, **typed}, follow=True)

    return record


def unpaid(account):
    return [bill.unpaid_cents for bill in account.bills.with_unpaid().order_by("number")]


def fields(account):
    return [f"settle-{item.key}" for item in open_items(account)]


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_check_is_recorded_and_settles_the_oldest_bill(record, owing, clerk):
    response = record(amount="$1,015.00", memo="lock box")

    assert told(response) == ["Check 1001 of $1,015.00 is recorded."]
    assert unpaid(owing) == [0, 0]
    assert Check.objects.get().entered_by == clerk
    assert AuditEntry.objects.get(verb="recorded").actor == clerk


def test_check_settles_what_is_filled_in(record, owing):
    february, march = fields(owing)

    record(how="chosen", **{february: "2.00", march: "13"})

    assert unpaid(owing) == [800, 1200]


def test_same_form_sent_twice_is_one_check(record, owing):
    february, _ = fields(owing)
    form = {"how": "chosen", february: "10.00"}
    record(**form)

    response = record(**form)

    assert told(response) == ["Check 1001 of $15.00 was recorded already; it counts once."]
    assert Check.objects.count() == 1
    assert unpaid(owing) == [0, 2000]


def test_number_of_another_check_is_refused_and_what_was_typed_is_kept(record, owing):
    record()

    response = record(number="01001", amount="15.01", memo="lock box")

    form = response.context["form"]
    (sentence,) = form.errors["number"]
    assert sentence.startswith("Check 1001 of this account is recorded already: $15.00, received")
    assert (form["amount"].value(), form["memo"].value()) == ("15.01", "lock box")
    assert Check.objects.count() == 1


@pytest.mark.parametrize(("typed", "field", "sentence"), [
    ({"amount": "x"}, "amount", "Write an amount such as 1,234.50."),
    ({"amount": "1e9999999"}, "amount", "Write an amount such as 1,234.50."),
    ({"amount": "9" * 20}, "amount", "Write an amount above zero, and below a billion."),
    ({"amount": "1.005"}, "amount", "Write an amount such as 1,234.50."),
    ({"amount": "-5"}, "amount", "Write an amount such as 1,234.50."),
    ({"amount": "0"}, "amount", "Write an amount above zero, and below a billion."),
    ({"number": "10 01"}, "number", "Only digits, letters and hyphens."),
    ({"received_on": "2199-01-01"}, "received_on", "This day is still to come."),
    ({"received_on": "2020-01-01"}, "received_on", "This day is more than a year ago."),
])  # fmt: skip
def test_slip_is_told_beside_its_field(record, owing, typed, field, sentence):
    response = record(**typed)

    assert response.context["form"].errors == {field: [sentence]}
    assert Check.objects.count() == 0


def test_amounts_that_do_not_fit_are_told(record, owing):
    february, march = fields(owing)

    response = record(how="chosen", **{february: "10.01", march: "5"})

    assert response.context["form"].errors == {
        february: ["Only $10.00 of it is open."],
        "how": ["The amounts below add up to $15.01, and the check has only $15.00."],
    }
    assert Check.objects.count() == 0


def test_amounts_are_not_passed_over_where_the_oldest_are_chosen(record, owing):
    response = record(**{fields(owing)[1]: "5"})

    assert list(response.context["form"].errors) == ["how"]


def test_rest_is_kept_and_applied_later(record, client, owing):
    record(how="chosen", is_rest_kept="on", **{fields(owing)[1]: "5"})
    check = Check.objects.get()
    url = reverse("admin:billing_check_apply", args=[check.pk])
    assert b"$10.00 of $15.00 settles nothing yet" in client.get(url).content

    refused = client.post(url, {"how": "chosen"})
    client.post(url, {"how": "chosen", fields(owing)[0]: "4"})
    assert unpaid(owing) == [600, 2000]
    client.post(url, {"how": "oldest"})

    assert list(refused.context["form"].errors) == ["how"]
    assert unpaid(owing) == [0, 2000]
    assert client.get(url).status_code == 404


def test_somebody_who_settled_meanwhile_is_noticed(record, client, owing, monkeypatch):
    record(how="chosen", is_rest_kept="on")
    url = reverse("admin:billing_check_apply", args=[Check.objects.get().pk])

    def refuse(*_, **__):
        raise checks.TooMuchAllocated

    monkeypatch.setattr(checks, "apply_rest", refuse)
    response = client.post(url, {"how": "oldest"})

    assert "Meanwhile" in str(response.context["form"].non_field_errors())


def test_bounce_is_asked_before_it_is_noted(record, client, owing, admin):
    record()
    check = Check.objects.get()
    url = reverse("admin:billing_check_bounce", args=[check.pk])

    assert b"Did the bank return check 1001" in client.get(url).content
    assert unpaid(owing) == [0, 2000]
    client.post(url, {"reason": "no funds"})
    client.post(url, {"reason": "no funds"})

    assert unpaid(owing) == [1000, 2500]
    assert Letter.objects.filter(kind="check_bounced").count() == 1
    page = client.get(reverse("admin:billing_check_change", args=[check.pk])).content
    assert b"Bounced" in page
    assert b"It bounced" not in page


def test_account_is_chosen_by_its_number(client, clerk, owing):
    sign_in(client, clerk)
    url = reverse("admin:billing_check_choose")

    assert client.get(url).status_code == 200
    assert b"No account has this number." in client.get(url, {"account": "7"}).content
    assert client.get(url, {"account": f" {owing.number} "}).headers["Location"] == reverse(
        "admin:billing_check_record", args=[owing.pk]
    )


def test_only_who_may_reaches_the_pages(client, admin, owing):
    entry = make.check(owing, check_number="1", amount_cents=100, now=timezone.now())
    pk = entry.paper_check.pk
    urls = [
        reverse("admin:billing_check_choose"),
        reverse("admin:billing_check_record", args=[owing.pk]),
        reverse("admin:billing_check_apply", args=[pk]),
        reverse("admin:billing_check_bounce", args=[pk]),
    ]

    assert {client.get(url).status_code for url in urls} == {302}
    sign_in(client, make.user(email="new@meridian.example"))
    assert {client.post(url, {}).status_code for url in urls} == {403}
    sign_in(client, admin)
    assert {client.post(url, {}).status_code for url in urls} == {404}
    assert unpaid(owing) == [900, 2500]


def test_page_of_an_account_leads_to_its_checks(client, clerk, owing):
    sign_in(client, clerk)

    page = client.get(reverse("admin:accounts_account_change", args=[owing.pk])).content

    assert reverse("admin:billing_check_record", args=[owing.pk]).encode() in page


def test_day_of_the_billing_zone_is_offered(client, clerk, owing):
    sign_in(client, clerk)

    form = client.get(reverse("admin:billing_check_record", args=[owing.pk])).context["form"]

    assert form["received_on"].value() == billing_day(timezone.now()) <= dt.date.max
