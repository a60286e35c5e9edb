"""View Account: the company, how it pays, and its people."""

import datetime as dt

import pytest
from django.urls import reverse

from tests import make
from tests.pages import card, facts, rows, sign_in

URL = reverse("accounts:account_view")


def test_admin_sees_the_company(client, admin):
    sign_in(client, admin)

    assert facts(card(client.get(URL), "company")) == {
        "Company name": "Aurora Robotics",
        "Account number": admin.account.number,
        "Customer since": "Jan 1, 2025",
        "Address": "1 Main Street Boston, MA 02110 United States of America",
        "Phone": "+1 617-555-0123",
        "Time zone": "America/New_York",
    }


def test_admin_sees_the_terms_and_no_card_where_there_is_none(client, admin):
    sign_in(client, admin)

    assert facts(card(client.get(URL), "payment")) == {
        "Payment terms": "Card or bank account, charged on the 1st",
        "Card or bank account": "None on file",
    }


def test_card_is_shown_by_brand_last_four_and_expiry(client, admin):
    make.card(account=admin.account, expiry_month=3, expiry_year=2031)
    sign_in(client, admin)

    assert facts(card(client.get(URL), "payment")) == {
        "Payment terms": "Card or bank account, charged on the 1st",
        "Card or bank account": "Visa •••• 4242 Expires 03/2031",
    }


def test_bank_account_is_shown_by_last_four_and_bank(client, admin):
    make.bank_account(account=admin.account)
    sign_in(client, admin)

    assert facts(card(client.get(URL), "payment")) == {
        "Payment terms": "Card or bank account, charged on the 1st",
        "Card or bank account": "Bank account •••• 6789, STRIPE TEST BANK",
    }


def test_people_are_listed_with_role_rights_and_last_sign_in(
    client, admin, basic, biller, scheduler, stranger, staff
):
    board = make.conference(account=admin.account, name="Board")
    sales = make.conference(account=admin.account, name="Sales")
    make.rights(basic, board, "view", "recording")
    make.rights(basic, sales, "full")
    biller.is_active = False
    biller.last_login = dt.datetime(2026, 3, 10, 14, 5, tzinfo=dt.UTC)
    biller.save()
    sign_in(client, admin)

    listed = rows(card(client.get(URL), "people"))

    assert [(name.split(" ")[0], *rest) for name, _, *rest in listed[1:]] == [
        ("Ben", "View and Recording on Board Full Rights on Sales", "Never", "Off", "Active"),
        ("Bill", "No conferences", "Mar 10, 2026, 10:05 AM", "Off", "Disabled"),
        ("Sam", "No conferences yet", "Never", "Off", "Active"),
    ]
    assert listed[0][:3] == [
        "Ana Admin admin@aurora.example Customer Admin",
        "Customer Admin",
        "Full Rights on every conference",
    ]


def test_many_conferences_are_counted_instead_of_named(client, admin, basic):
    for name in ("A", "B", "C"):
        make.rights(basic, make.conference(account=admin.account, name=name), "moderate")
    sign_in(client, admin)

    assert rows(card(client.get(URL), "people"))[1][2] == "Moderate on 3 conferences"


@pytest.mark.parametrize("people", [1, 3])
def test_a_longer_list_takes_no_more_queries(client, admin, people, django_assert_num_queries):
    for number in range(people):
        person = make.user(account=admin.account, name=f"Person {number}")
        make.rights(person, make.conference(account=admin.account, name=f"C {number}"), "view")
    sign_in(client, admin)

    with django_assert_num_queries(7):
        response = client.get(URL)

    assert len(rows(card(response, "people"))) == people + 1


def test_fifty_people_fill_a_page(client, admin):
    for number in range(50):
        make.user(account=admin.account, name=f"Person {number:02}")
    sign_in(client, admin)

    first, second = (client.get(URL, {"page": page}) for page in (1, 2))

    assert [len(rows(card(page, "people"))) for page in (first, second)] == [50, 1]
    assert [link.attributes["href"] for link in card(first, "people").all("a", rel="next")] == [
        "?page=2"
    ]


@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_only_admins_may_open_it(client, account, role):
    sign_in(client, make.user(account=account, role=role))

    assert client.get(URL).status_code == 403
