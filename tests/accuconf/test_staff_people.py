"""The back office's pages of people: nobody becomes staff, and no account loses its last admin."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from tests import make
from tests.accuconf.staff_forms import add, change, do
from tests.pages import sign_in
from users.models import User

PEOPLE = reverse("admin:users_user_changelist")
pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.mark.parametrize("who", ["admin", "staff"])
def test_password_hash_is_never_shown(client, staff, admin, request, who):
    person = request.getfixturevalue(who)
    sign_in(client, staff)

    content = client.get(reverse("admin:users_user_change", args=[person.pk])).content.decode()

    assert person.password not in content
    assert person.password.split("$")[-1] not in content


def test_customer_s_user_never_becomes_staff(client, staff, basic):
    sign_in(client, staff)

    change(client, basic, is_active="on", is_staff="on", is_superuser="on", account="", role="")

    basic.refresh_from_db()
    assert (basic.is_staff, basic.is_superuser, basic.role) == (False, False, "basic")


def test_customer_s_user_is_added_with_a_role_and_no_password(client, clerk, account):
    sign_in(client, clerk)

    add(client, email="New@Aurora.example", account=account.pk, role="admin", password="chosen")

    person = User.objects.get(email="new@aurora.example")
    assert (person.account, person.role, person.is_staff) == (account, "admin", False)
    assert not person.has_usable_password()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account) == ("added", account)
    assert entry.after["role"] == "admin"


def test_staff_are_added_by_a_superuser(client, staff):
    sign_in(client, staff)

    add(client, email="second@meridian.example")

    person = User.objects.get(email="second@meridian.example")
    assert (person.account, person.role, person.is_staff, person.is_superuser) == (
        None,
        "",
        True,
        False,
    )


def test_staff_are_not_added_by_others(client, clerk):
    sign_in(client, clerk)

    response = add(client, email="second@meridian.example")

    assert "account" in response.context["adminform"].form.errors
    assert User.objects.count() == 1


@pytest.mark.parametrize("with_account", [True, False])
def test_account_and_role_go_together(client, staff, account, with_account):
    sign_in(client, staff)
    halves = {"account": account.pk} if with_account else {"role": "admin"}

    response = add(client, email="half@aurora.example", **halves)

    assert response.context["adminform"].form.non_field_errors() == [
        "A customer's user has an account and a role; staff neither."
    ]


def test_e_mail_that_signs_in_already_is_refused_in_any_case(client, clerk, admin):
    sign_in(client, clerk)

    response = add(client, email="ADMIN@aurora.example", account=admin.account_id, role="basic")

    assert response.context["adminform"].form.errors["email"] == [
        "Somebody signs in with this e-mail already."
    ]


def test_staff_are_changed_by_superusers_only(client, clerk, staff):
    sign_in(client, clerk)

    assert change(client, staff, is_active="").status_code == 403
    assert change(client, clerk, is_active="on", is_superuser="on").status_code == 403
    clerk.refresh_from_db()
    assert not clerk.is_superuser


def test_groups_given_to_staff_are_in_the_log(client, staff, clerk):
    second = make.user(email="second@meridian.example")
    sign_in(client, staff)
    group = Group.objects.get(name="Billing staff")

    change(client, second, is_active="on", groups=group.pk)

    assert second.groups.get() == group
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"groups": []}, {"groups": ["Billing staff"]})


def test_role_is_changed_and_its_rights_go_with_view_billing(client, clerk, basic, conference):
    make.rights(basic, conference, "view", "recording")
    sign_in(client, clerk)

    change(client, basic, is_active="on", role="billing")

    basic.refresh_from_db()
    assert basic.role == "billing"
    assert basic.rights.count() == 0
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "before", "account")) == [
        (
            "cleared the rights of",
            {
                "rights": [
                    f"Ben Basic: Recording on {conference}",
                    f"Ben Basic: View on {conference}",
                ]
            },
            basic.account_id,
        ),
        ("changed", {"role": "basic"}, basic.account_id),
    ]


def test_rights_stay_with_any_other_role(client, clerk, basic, conference):
    make.rights(basic, conference, "view")
    sign_in(client, clerk)

    change(client, basic, is_active="on", role="schedule")

    assert basic.rights.count() == 1


@pytest.mark.parametrize("role", ["", "owner"])
def test_customer_s_user_always_has_a_role(client, clerk, basic, role):
    sign_in(client, clerk)

    response = change(client, basic, is_active="on", role=role)

    assert "role" in response.context["adminform"].form.errors


def test_only_what_was_typed_is_written(client, clerk, basic):
    sign_in(client, clerk)

    with CaptureQueriesContext(connection) as queries:
        change(client, basic, is_active="on", name="Benjamin")

    written = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "users_user"')]
    assert written == [
        f"""UPDATE "users_user" SET "name" = 'Benjamin' WHERE "users_user"."id" = {basic.pk}"""
    ]


def test_disabling_ends_the_sign_ins_for_good(client, clerk, basic):
    theirs = Client()
    sign_in(theirs, basic)
    sign_in(client, clerk)

    change(client, basic)
    change(client, basic, is_active="on")

    basic.refresh_from_db()
    assert basic.is_active
    assert theirs.get("/customer/").status_code == 302


def test_sign_ins_of_a_person_are_ended(client, clerk, basic, admin):
    theirs, others = Client(), Client()
    sign_in(theirs, basic)
    sign_in(others, admin)
    sign_in(client, clerk)

    do(client, "end_sign_ins", basic)

    assert theirs.get("/customer/").status_code == 302
    assert others.get("/customer/").status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.account) == ("ended the sign-ins of", basic.account)


@pytest.mark.parametrize("action", ["send_link", "end_sign_ins"])
def test_nothing_is_done_to_staff_by_others_nor_to_the_removed(
    client, clerk, staff, removed, action
):
    sign_in(client, clerk)

    do(client, action, staff, removed)

    assert (Letter.objects.count(), AuditEntry.objects.count()) == (0, 0)
    assert not User.objects.filter(sign_in_epoch__gt=0).exists()


@pytest.fixture
def removed(account):
    return make.user(
        account=account, name="Rita Removed", is_active=False, removed_at=timezone.now()
    )


def test_removed_people_are_shown_as_such_and_stay_as_they_are(client, staff, removed):
    sign_in(client, staff)

    listed = client.get(reverse("admin:users_user_changelist"), {"state": "removed"})
    response = change(client, removed, is_active="on")

    assert [person.name for person in listed.context["cl"].result_list] == ["Rita Removed"]
    assert "Removed" in listed.content.decode()
    assert response.status_code == 403


def test_staff_cannot_confirm_an_address_or_lengthen_a_password(client, clerk, account):
    person = make.user(account=account, email_confirmed_at=None)
    sign_in(client, clerk)

    change(
        client, person, is_active="on", email_confirmed_at_0="2026-01-01",
        email_confirmed_at_1="00:00", password_expires_at_0="2030-01-01", email="x@x.example",
    )  # fmt: skip

    before = (person.email, None, None)
    person.refresh_from_db()
    assert (person.email, person.email_confirmed_at, person.password_expires_at) == before


def test_nobody_is_found_by_the_beginning_of_a_password_hash(client, clerk, staff):
    """Asked letter by letter, the list would tell a superuser's whole hash."""
    sign_in(client, clerk)

    answers = [
        client.get(PEOPLE, {lookup: staff.password[:12]}).status_code
        for lookup in ("password", "password__startswith", "password__regex")
    ]

    assert answers == [400, 400, 400]
    assert client.get(PEOPLE, {"account__id__exact": 1}).status_code == 200


def test_staff_change_their_password_where_everybody_does(client, staff):
    sign_in(client, staff)

    response = client.get(reverse("admin:password_change"))

    assert response["Location"] == reverse("account_change_password")


def test_staff_s_signing_out_is_in_the_log(client, staff):
    sign_in(client, staff)

    by_a_link = client.get(reverse("admin:logout"))
    client.post(reverse("admin:logout"))

    assert by_a_link.status_code == 405
    assert AuditEntry.objects.get().verb == "signed out"
    assert client.get(PEOPLE).status_code == 302
