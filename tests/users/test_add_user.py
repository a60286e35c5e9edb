"""Add Users: somebody is invited, and nobody learns who signs in elsewhere."""

import datetime as dt

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import complaints, read, sign_in
from users.codes import is_proof_code, proof_code
from users.models import User
from users.services import people
from users.services.people import add_user, invite_again
from users.throttling import INVITATION

URL = reverse("users:user_add")
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
NEW = {"email": "zoe@aurora.example", "name": "Zoë Łukasiewicz", "time_zone": "Europe/Warsaw"}


def add(account, admin, **fields):
    given = {**NEW, **fields}
    return add_user(account, **given, by=Actor(user=admin), now=NOW)


def posted():
    """Send what is due; return the letters to the new person."""
    list(send_due_letters(now=timezone.now() + dt.timedelta(days=400)))
    return [letter for letter in mail.outbox if letter.to == [NEW["email"]]]


def test_somebody_added_is_invited_without_rights(client, admin):
    sign_in(client, admin)

    response = client.post(URL, NEW)

    person = User.objects.get(email=NEW["email"])
    assert response["Location"] == reverse("users:rights_edit", args=[person.pk])
    assert (person.account, person.role, person.state) == (admin.account, "basic", "invited")
    assert (person.name, person.time_zone) == ("Zoë Łukasiewicz", "Europe/Warsaw")
    assert not person.has_usable_password()
    assert person.password_expires_at is None
    assert list(person.rights.all()) == []


def test_typed_password_is_temporary(client, admin):
    sign_in(client, admin)
    before = timezone.now()

    client.post(URL, {**NEW, "password": "correct horse battery"})

    person = User.objects.get(email=NEW["email"])
    assert person.check_password("correct horse battery")
    assert person.must_choose_password
    assert person.password_expires_at - before >= dt.timedelta(hours=72)


def test_adding_is_in_the_log_without_the_password(client, admin):
    sign_in(client, admin)

    client.post(URL, {**NEW, "password": "correct horse battery"})

    entry = AuditEntry.objects.get(verb="added")
    assert (entry.actor, entry.account, entry.subject) == (
        admin,
        admin.account,
        "User Zoë Łukasiewicz",
    )
    assert entry.after == {
        "e-mail": "zoe@aurora.example",
        "name": "Zoë Łukasiewicz",
        "time zone": "Europe/Warsaw",
    }


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": ""}, "email"),
        ({"email": f"{'a' * 250}@x.example"}, "email"),
        ({"name": " \n "}, "name"),
        ({"name": "n" * 151}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"password": "short"}, "password"),
        ({"password": "zoe@aurora.example"}, "password"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(client, admin, bad, field):
    sign_in(client, admin)

    response = client.post(URL, {**NEW, **bad})

    page = read(response)
    wrong = [box.attributes["name"] for box in page.all("input") + page.all("select")
             if "is-invalid" in box.attributes.get("class", "")]  # fmt: skip
    kept = {box.attributes["name"]: box.attributes.get("value", "") for box in page.all("input")}
    assert wrong == [field]
    assert User.objects.filter(account=admin.account).count() == 1
    assert {**NEW, **bad}.get("email").strip() == kept["email"]
    assert kept["password"] == ""


def test_address_that_is_in_the_own_list_is_said_so(client, admin, basic):
    sign_in(client, admin)

    response = client.post(URL, {**NEW, "email": "BASIC@aurora.example"})

    assert "is in your user list already" in response.content.decode()
    assert User.objects.filter(account=admin.account).count() == 2


def test_name_is_kept_on_one_line(client, admin):
    sign_in(client, admin)

    client.post(URL, {**NEW, "name": "Zoë\r\n\r\nhttps://evil.example/\u2028x"})

    assert User.objects.get(email=NEW["email"]).name == "Zoë https://evil.example/ x"


def test_smuggled_fields_change_nothing(client, admin, stranger):
    sign_in(client, admin)

    client.post(
        URL,
        {
            **NEW,
            "account": stranger.account.pk,
            "role": "admin",
            "is_staff": "on",
            "is_superuser": "on",
            "email_confirmed_at": "2026-01-01",
            "by": "1",
        },
    )

    person = User.objects.get(email=NEW["email"])
    assert (person.account, person.role) == (admin.account, "basic")
    assert (person.is_staff, person.is_superuser, person.email_confirmed_at) == (False, False, None)


def test_address_that_signs_in_elsewhere_gets_the_same_answer_by_the_same_work(
    client, admin, stranger, staff
):
    sign_in(client, admin)
    answers = []
    for email in ("nobody@known.example", stranger.email, staff.email):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = client.post(URL, {**NEW, "email": email})
        person = User.objects.get(email=email, account=admin.account)
        assert response["Location"] == reverse("users:rights_edit", args=[person.pk])
        answers.append((response.status_code, person.state, len(asked)))

    assert len(set(answers)) == 1


@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_only_admins_add_people(client, account, role):
    sign_in(client, make.user(account=account, role=role))

    assert client.post(URL, NEW).status_code == 403
    assert User.objects.count() == 1


def test_invitation_has_a_link_to_choose_a_password(account, admin):
    person = add(account, admin)

    (letter,) = posted()

    assert letter.subject == "Your sign-in to the conferences of Aurora Robotics"
    assert "Ana Admin has added you" in letter.body
    assert f"/customer/password/reset/{user_pk_to_url_str(person)}-" in letter.body


def test_invitation_with_a_typed_password_has_a_code_and_no_password(account, admin):
    person = add(account, admin, password="correct horse battery")

    (letter,) = posted()

    assert f"\n{proof_code(person)}\n" in letter.body
    assert "/password/reset/" not in letter.body
    assert "correct horse" not in str(letter.message())


def test_address_that_signs_in_elsewhere_is_told_so_in_its_own_mail_only(account, admin, stranger):
    make.user(account=stranger.account, email=NEW["email"])
    add(account, admin)

    (letter,) = posted()

    assert letter.subject == "Aurora Robotics would like to add you"
    assert "You already sign in with zoe@aurora.example on another account" in letter.body
    assert "/password/reset/" not in letter.body


@pytest.mark.parametrize(
    "change",
    [
        {"removed_at": NOW, "is_active": False},
        {"is_active": False},
        {"email_confirmed_at": NOW},
    ],
)
def test_invitation_taken_back_or_accepted_is_not_sent(account, admin, change):
    person = add(account, admin)
    User.objects.filter(pk=person.pk).update(**change)

    assert posted() == []
    assert Letter.objects.get(kind="invitation").state == "refused"


def test_admins_are_told_who_was_added_by_whom(account, admin):
    second = make.user(account=account, role="admin", name="Ada")
    add(account, admin)

    list(send_due_letters(now=NOW))

    told = {letter.to[0]: letter for letter in mail.outbox if "has been added" in letter.subject}
    assert set(told) == {admin.email, second.email}
    body = " ".join(told[second.email].body.split())
    assert "on Nov 22, 2026, 7:00\N{NO-BREAK SPACE}AM" in told[second.email].body
    assert "Ana Admin added Zoë Łukasiewicz (zoe@aurora.example)" in body


def test_invitation_is_sent_again(client, account, admin):
    person = add(account, admin)
    sign_in(client, admin)

    client.post(reverse("users:user_invite", args=[person.pk]))

    assert len(posted()) == 2
    assert AuditEntry.objects.get(verb="invited again").subject == "User Zoë Łukasiewicz"


def test_password_that_is_over_gives_way_to_a_link(account, admin):
    person = add(account, admin, password="correct horse battery")

    invite_again(person, by=Actor(user=admin), now=NOW + dt.timedelta(hours=73))

    person.refresh_from_db()
    assert not person.has_usable_password()
    assert person.password_expires_at is None


def test_whoever_has_accepted_is_not_invited_again(client, admin, basic):
    sign_in(client, admin)

    response = client.post(reverse("users:user_invite", args=[basic.pk]), follow=True)

    assert "has accepted already" in response.content.decode()
    assert not Letter.objects.exists()


def test_code_belongs_to_one_person_address_and_password(account):
    person, other = (make.user(account=account) for _ in range(2))
    code = proof_code(person)

    assert (len(code), code.isdigit()) == (8, True)
    assert is_proof_code(person, code)
    assert not is_proof_code(other, code)
    assert not is_proof_code(person, "١٢٣٤٥٦٧٨")
    person.set_password("another")
    assert not is_proof_code(person, code)


def test_one_address_is_not_flooded_with_invitations(client, account, admin):
    person = add(account, admin)
    sign_in(client, admin)
    invite = reverse("users:user_invite", args=[person.pk])
    with time_machine.travel(NOW):
        answers = [client.post(invite, follow=True) for _ in range(INVITATION.tries)]
        people.remove_user(person, by=Actor(user=admin), now=NOW)
        again = client.post(URL, NEW)
        another = client.post(URL, {**NEW, "email": "other@aurora.example"})

    words = "This address was invited many times today. Invite it again tomorrow."
    said = [words in read(answer).text for answer in answers]
    assert said == [False] * (INVITATION.tries - 1) + [True]
    assert complaints(again) == [words]
    assert another.status_code == 302
