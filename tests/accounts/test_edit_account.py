"""Edit Account: what an Admin may change, by one, by two at once, and who is told."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.forms import AccountForm
from accounts.models import AuditEntry, Letter
from accounts.services.accounts import editable, update_account
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import card, facts, filled, read, sign_in
from users.models import User

VIEW, EDIT = reverse("accounts:account_view"), reverse("billing:account_edit")


def form_of(page, **changes):
    return filled(page.one("form", **{"class": "account-form"}), **changes)


def error_beside(page, name):
    return page.one("span", id=f"error_1_id_{name}").text


def entries():
    return list(AuditEntry.objects.values_list("verb", "before", "after"))


def test_edit_stands_at_the_heading_of_view_account(client, admin):
    sign_in(client, admin)

    links = read(client.get(VIEW)).all("a", href=EDIT)

    assert [link.text for link in links] == ["Edit"]


def test_terms_and_card_are_shown_and_the_company_is_not_to_be_changed(client, admin):
    make.card(account=admin.account)
    sign_in(client, admin)

    response = client.get(EDIT)

    assert facts(card(response, "payment")) == {
        "Payment terms": "Card or bank account, charged on the 1st",
        "Card or bank account": "Visa •••• 4242 Expires 12/2034",
    }
    assert {"name", "number", "terms", "currency"}.isdisjoint(form_of(read(response)))


def test_change_is_saved_as_its_country_writes_it_and_logged(client, admin, account):
    sign_in(client, admin)
    typed = form_of(
        read(client.get(EDIT)), region="new york", postal_code="10001", phone="(212) 555-0199"
    )

    response = client.post(EDIT, typed | {"name": "Another, Inc.", "terms": "check"}, follow=True)

    assert response.request["PATH_INFO"] == VIEW
    account.refresh_from_db()
    assert (account.region, account.postal_code, str(account.phone)) == (
        "NY",
        "10001",
        "+12125550199",
    )
    assert (account.name, account.terms) == ("Aurora Robotics", "card")
    assert entries() == [
        (
            "changed",
            {"region": "MA", "postal_code": "02110", "phone": "+16175550123"},
            {"region": "NY", "postal_code": "10001", "phone": "+12125550199"},
        )
    ]


def test_phone_is_read_in_the_country_of_the_address(client, admin, account):
    sign_in(client, admin)
    page = read(client.get(EDIT))

    client.post(
        EDIT,
        form_of(
            page,
            city="London",
            region="",
            postal_code="EC1Y 8SY",
            country="GB",
            phone="020 7946 0958",
        ),
    )

    account.refresh_from_db()
    assert (account.country.code, str(account.phone)) == ("GB", "+442079460958")


def test_saving_what_is_there_already_changes_and_logs_nothing(client, admin):
    sign_in(client, admin)

    response = client.post(EDIT, form_of(read(client.get(EDIT))))

    assert response.status_code == 302
    assert entries() == []
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("address_line1", "", "This field is required."),
        ("city", "", "This field is required."),
        ("region", "Bavaria", "“Bavaria” is not a state or region of United States of America."),
        (
            "postal_code",
            "9021",
            "“9021” is not a postal code in MA, United States of America; one there is 01000.",
        ),
        (
            "phone",
            "123",
            "This is not a phone number in the country of the address. A number elsewhere begins"
            " with + and the code of its country.",
        ),
        ("address_line1", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)  # fmt: skip
def test_bad_input_is_said_beside_its_field_and_kept(client, admin, name, value, sentence):
    sign_in(client, admin)
    typed = form_of(read(client.get(EDIT)), **{name: value, "address_line2": "Floor 7"})

    page = read(client.post(EDIT, typed))

    assert error_beside(page, name) == sentence
    assert page.one("input", name=name).attributes.get("value", "") == value
    assert page.one("input", name="address_line2").attributes["value"] == "Floor 7"
    assert entries() == []


@pytest.mark.parametrize(("name", "value"), [("time_zone", "Mars/Base"), ("country", "XX")])
def test_choice_that_is_not_offered_is_refused(client, admin, name, value):
    sign_in(client, admin)

    response = client.post(EDIT, form_of(read(client.get(EDIT)), **{name: value}))

    assert response.status_code == 200
    assert error_beside(read(response), name)


def test_null_character_is_refused(client, admin):
    sign_in(client, admin)

    response = client.post(EDIT, form_of(read(client.get(EDIT)), city="Bos\0ton", seen="\0"))

    assert response.status_code == 200
    assert entries() == []


def test_second_of_two_is_told_by_whom_and_saves_knowingly(client, admin, account):
    ben = make.user(account=account, role="admin", name="Ben Both")
    other = Client()
    for window, person in ((client, admin), (other, ben)):
        sign_in(window, person)
    hers, his = (read(window.get(EDIT)) for window in (client, other))
    other.post(EDIT, form_of(his, city="Cambridge"))

    told = read(client.post(EDIT, form_of(hers, phone="617 555 0199")))

    alert = told.one("div", role="alert")
    assert alert.text.startswith("Ben Both changed this account on ")
    assert error_beside(told, "city") == "It is now “Cambridge”."
    assert error_beside(told, "phone") == "It is now “+1 617-555-0123”."
    assert told.one("input", name="phone").attributes["value"] == "(617) 555-0199"
    account.refresh_from_db()
    assert (account.city, str(account.phone)) == ("Cambridge", "+16175550123")

    client.post(EDIT, form_of(told))

    account.refresh_from_db()
    assert (account.city, str(account.phone)) == ("Boston", "+16175550199")


def test_pressing_again_after_a_lost_answer_is_no_conflict(client, admin):
    sign_in(client, admin)
    typed = form_of(read(client.get(EDIT)), city="Salem")
    client.post(EDIT, typed)

    assert client.post(EDIT, typed).status_code == 302
    assert len(entries()) == 1


def test_service_refuses_what_was_not_seen(account, admin):
    with pytest.raises(ChangedMeanwhile):
        update_account(
            account, changes={"city": "Salem"}, seen="", by=Actor(user=admin), now=timezone.now()
        )


def test_every_active_admin_is_written_what_changed(client, admin, account, basic, stranger):
    second = make.user(account=account, role="admin", email="second@aurora.example")
    make.user(account=account, role="admin", email_confirmed_at=None)
    make.user(account=account, role="admin", is_active=False)
    sign_in(client, admin)

    client.post(EDIT, form_of(read(client.get(EDIT)), city="Salem", address_line2="Floor 7"))
    list(send_due_letters(now=timezone.now()))

    assert sorted(letter.to for letter in mail.outbox) == [[admin.email], [second.email]]
    letter = mail.outbox[0]
    assert letter.subject == "The account of Aurora Robotics was changed"
    assert "Ana Admin changed the account of Aurora Robotics:" in letter.body
    assert "City: Boston → Salem" in letter.body
    assert "Address, second line: – → Floor 7" in letter.body


@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_only_admins_may_edit(client, account, role):
    sign_in(client, make.user(account=account, role=role))

    answers = [
        client.get(EDIT).status_code,
        client.post(EDIT, {"city": "Salem"}).status_code,
        client.post(EDIT, {"card": "new"}).status_code,
    ]

    assert answers == [403, 403, 403]


def test_time_zone_that_is_no_longer_offered_stays_chosen(account):
    account.time_zone = "US/Eastern"

    form = AccountForm(instance=account)

    choices = dict(form.fields["time_zone"].widget.choices)
    assert choices["Other"] == [("US/Eastern", "US/Eastern"), ("UTC", "UTC")]
    assert editable(account)["time_zone"] == "US/Eastern"


def test_letter_is_not_sent_to_who_is_no_admin_any_more(client, admin, account):
    sign_in(client, admin)
    client.post(EDIT, form_of(read(client.get(EDIT)), city="Salem"))
    User.objects.filter(pk=admin.pk).update(role="basic")

    list(send_due_letters(now=timezone.now()))

    assert mail.outbox == []
