"""My Profile: name, time zone, and whether one gets the e-bill."""

import contextlib

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Account, AuditEntry
from tests import make
from tests.children import run_together
from tests.pages import card, facts, menu, read, sign_in, submit_password
from tests.users import factors
from users.models import User
from users.services import locks, profile
from users.services.profile import LastRecipient, change_profile

VIEW = reverse("profile:profile_view")
EDIT = reverse("profile:profile_edit")


def change(user, **changes):
    given = {"name": user.name, "time_zone": user.time_zone, "receives_bills": False, **changes}
    return change_profile(user, **given, by=Actor(user=user), now=timezone.now())


def test_everybody_finds_it_in_the_menu(client, basic):
    sign_in(client, basic)

    response = client.get(VIEW)

    assert menu(response) == ["Home", "Conferences", "My Profile"]
    assert read(response).one("a", **{"aria-current": "page"}).text == "My Profile"


def test_staff_have_one_with_a_way_back_to_their_office(client, staff):
    sign_in(client, staff)

    response = client.get(VIEW)

    assert menu(response) == ["Back office", "My Profile"]
    assert facts(card(response, "about")) == {
        "Name": "Stefan Staff",
        "Time zone": "America/New_York",
    }


def test_it_says_who_one_is(client, admin):
    sign_in(client, admin)

    assert facts(card(client.get(VIEW), "about")) == {
        "Name": "Ana Admin",
        "Company": "Aurora Robotics",
        "Role": "Customer Admin",
        "Time zone": "America/New_York",
        "Monthly bill by e-mail": "You get it",
    }


@pytest.mark.parametrize("role", ["basic", "scheduler"])
def test_those_without_bills_read_nothing_of_them(client, request, role):
    sign_in(client, request.getfixturevalue(role))

    assert "Monthly bill by e-mail" not in facts(card(client.get(VIEW), "about"))
    assert read(client.get(EDIT)).all("input", name="receives_bills") == []


def test_it_says_how_one_signs_in(client, admin):
    submit_password(client, admin.email)
    factors.app(admin)
    factors.passkey(admin, name="Büro <Laptop>")

    text = card(client.get(VIEW), "signing-in").text

    assert "Second factor On Authenticator app, Büro <Laptop> Manage" in text
    assert "Signed in with 1 browser See sign-ins" in text


def test_name_and_zone_are_changed_and_noted(client, basic):
    sign_in(client, basic)

    response = client.post(EDIT, {"name": "Béa Basic", "time_zone": "Europe/Paris"})

    basic.refresh_from_db()
    assert response["Location"] == VIEW
    assert (basic.name, basic.time_zone, basic.receives_bills) == (
        "Béa Basic",
        "Europe/Paris",
        True,
    )
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.account) == (basic, "changed", basic.account)
    assert entry.before == {"name": "Ben Basic", "time_zone": "America/New_York"}
    assert entry.after == {"name": "Béa Basic", "time_zone": "Europe/Paris"}


def test_pages_show_times_in_the_new_zone(client, basic):
    sign_in(client, basic)
    client.post(EDIT, {"name": "Ben", "time_zone": "Asia/Tokyo"})

    assert "Times in Asia/Tokyo" in read(client.get(VIEW)).text


def test_nothing_changed_is_not_noted(client, admin):
    sign_in(client, admin)

    client.post(EDIT, {"name": admin.name, "time_zone": admin.time_zone, "receives_bills": "on"})

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 151), ("time_zone", "Mars/Olympus"), ("time_zone", "")],
)
def test_bad_input_gets_a_sentence_and_is_kept(client, basic, field, value):
    sign_in(client, basic)

    response = client.post(EDIT, {"name": "Kept", "time_zone": "UTC", field: value})

    page = read(response)
    assert "invalid-feedback" in response.content.decode()
    assert page.one("input", name="name").attributes.get("value", "") in {"Kept", value}
    assert User.objects.get(pk=basic.pk).name == "Ben Basic"
    assert "Ben Basic" in page.one("nav", id="menu").text


def test_smuggled_fields_change_nothing(client, basic, stranger):
    sign_in(client, basic)

    client.post(
        EDIT,
        {
            "name": "Ben",
            "time_zone": "UTC",
            "role": "admin",
            "account": stranger.account_id,
            "email": "x@example.com",
            "is_staff": "on",
            "receives_bills": "",
        },
    )

    after = User.objects.get(pk=basic.pk)
    assert (after.role, after.account_id, after.email, after.is_staff, after.receives_bills) == (
        "basic",
        basic.account_id,
        "basic@aurora.example",
        False,
        True,
    )


def test_admin_declines_the_bill_while_another_gets_it(client, admin, biller):
    sign_in(client, admin)

    client.post(EDIT, {"name": admin.name, "time_zone": admin.time_zone})

    assert facts(card(client.get(VIEW), "about"))["Monthly bill by e-mail"] == "You do not get it"
    assert AuditEntry.objects.get().after == {"receives_bills": False}


@pytest.mark.parametrize(
    "other",
    [
        {"role": "basic"},
        {"role": "billing", "is_active": False},
        {"role": "admin", "receives_bills": False},
        {"role": "admin", "email_confirmed_at": None},
    ],
    ids=["not entitled", "disabled", "declined too", "invited"],
)
def test_last_recipient_cannot_decline(client, admin, other):
    make.user(account=admin.account, **other)
    sign_in(client, admin)

    response = client.post(EDIT, {"name": "New name", "time_zone": admin.time_zone})

    admin.refresh_from_db()
    assert (admin.receives_bills, admin.name) == (True, "Ana Admin")
    assert "Nobody else gets the bills of your account." in read(response).text
    assert read(response).one("input", name="name").attributes["value"] == "New name"


def test_whoever_views_billing_always_gets_it(client, admin, biller):
    sign_in(client, biller)

    client.post(EDIT, {"name": biller.name, "time_zone": biller.time_zone})

    biller.refresh_from_db()
    assert biller.receives_bills
    assert read(client.get(EDIT)).all("input", name="receives_bills") == []


def test_another_account_s_recipient_does_not_count(admin, stranger):
    with pytest.raises(LastRecipient):
        change(admin)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_both_decline(account):
    both = [make.user(account=account, role="admin") for _ in range(2)]

    decline_together(both)

    assert account.users.filter(receives_bills=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would(account, monkeypatch):
    """The control of the test before."""
    monkeypatch.setattr(locks, "hold_account", lambda pk: Account.objects.get(pk=pk))
    both = [make.user(account=account, role="admin") for _ in range(2)]

    decline_together(both)

    assert account.users.filter(receives_bills=True).count() == 0


def decline_together(people):
    """Let each decline in a process of its own, all held at the last check until all are there."""

    def decline(person):
        slow = "SELECT set_config('accuconf.test', pg_sleep(0.4)::text, false)"
        refuse = profile._refuse_last_recipient

        def refuse_slowly(person):
            refuse(person)
            with connection.cursor() as cursor:
                cursor.execute(slow)

        profile._refuse_last_recipient = refuse_slowly
        with contextlib.suppress(LastRecipient):
            change(person)

    run_together(*(lambda person=person: decline(person) for person in people))


def test_every_zone_can_be_chosen_and_the_own_is_kept(client, basic):
    User.objects.filter(pk=basic.pk).update(time_zone="US/Eastern")
    sign_in(client, basic)

    zones = read(client.get(EDIT)).one("select", name="time_zone")

    assert [one.attributes["value"] for one in zones.all("option", selected=None)] == ["US/Eastern"]
    assert {"UTC", "Asia/Kolkata", "America/Argentina/Buenos_Aires"} <= {
        one.attributes["value"] for one in zones.all("option")
    }


def test_name_stays_on_one_line(client, basic):
    sign_in(client, basic)

    typed = {"name": "Ben\n\nhttps://evil.example/\n\n\rBcc: all", "time_zone": "UTC"}
    client.post(EDIT, typed)

    basic.refresh_from_db()
    assert basic.name == "Ben https://evil.example/ Bcc: all"
