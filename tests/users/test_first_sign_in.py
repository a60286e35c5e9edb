"""The first sign-in, by a temporary password: nothing opens but the choice of an own one."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import complaints, read, sign_in, submit_password
from users.codes import proof_code
from users.models import User

FIRST = reverse("account_first_sign_in")
SEND_AGAIN = reverse("account_first_sign_in_code")
SIGN_IN = reverse("account_login")
HOME = reverse("home")
TEMPORARY = "typed by an admin"
OWN = "chosen by myself"


@pytest.fixture(autouse=True)
def in_the_middle_of_a_quarter():
    """Tries are counted by the quarter of an hour: let none end during a test."""
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, 5, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def invited(account):
    return invite(account)


@pytest.fixture
def newcomer(client, invited):
    """The browser of the invited person, signed in by the temporary password."""
    submit_password(client, invited.email, TEMPORARY)
    return client


def invite(account, *, email="new@aurora.example", role="admin", **fields):
    return make.user(
        account=account,
        role=role,
        email=email,
        name="Nia New",
        password=TEMPORARY,
        password_expires_at=timezone.now() + dt.timedelta(hours=72),
        **{"email_confirmed_at": None, **fields},
    )


def choose(client, code, password=OWN):
    typed = {"code": code, "password1": password, "password2": password}
    return client.post(FIRST, typed, follow=True)


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08}"


def test_code_and_own_password_make_the_person_active(newcomer, invited):
    code = proof_code(invited)

    response = choose(newcomer, f"{code[:4]} {code[4:]}")

    invited.refresh_from_db()
    assert response.redirect_chain == [(HOME, 302)]
    assert (invited.state, invited.password_expires_at) == ("active", None)
    assert invited.check_password(OWN)
    assert newcomer.get(HOME).status_code == 200
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "signed in",
        "accepted the invitation",
    ]


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "name",
    ["home", "accounts:account_view", "account_change_password", "account_reauthenticate"],
)
def test_everything_else_leads_to_the_choice(newcomer, method, name):
    response = getattr(newcomer, method)(reverse(name))

    assert (response.status_code, response["Location"]) == (302, FIRST)


def test_staff_with_a_temporary_password_choose_their_own_without_a_code(client, db):
    person = invite(None, role="", email="new@meridian.example", email_confirmed_at=timezone.now())
    sign_in(client, person)
    office = client.get(reverse("admin:index"))

    choose(client, "")

    assert office["Location"] == FIRST
    assert User.objects.get(pk=person.pk).check_password(OWN)


def test_signing_out_stays_open(newcomer):
    assert newcomer.post(reverse("account_logout"))["Location"] == SIGN_IN


def test_wrong_code_gets_a_sentence_and_five_tries(newcomer, invited):
    code = proof_code(invited)

    answers = [complaints(choose(newcomer, wrong(code))) for _ in range(6)]
    right_but_late = complaints(choose(newcomer, code))

    assert (
        answers[:5] == [["This is not the code in your invitation. The newest letter counts."]] * 5
    )
    assert answers[5][0].startswith("Too many tries. Wait ")
    assert right_but_late[0].startswith("Too many tries. Wait ")
    assert not User.objects.get(pk=invited.pk).email_confirmed_at


def test_a_quarter_of_an_hour_later_the_code_is_taken(newcomer, invited):
    code = proof_code(invited)
    for _ in range(6):
        choose(newcomer, wrong(code))

    with time_machine.travel(timezone.now() + dt.timedelta(minutes=15)):
        choose(newcomer, code)

    assert User.objects.get(pk=invited.pk).email_confirmed_at


@pytest.mark.parametrize("code", ["", "1234567", "x" * 5000, "\uff11" * 8, "\x00"])
def test_odd_code_is_refused(newcomer, invited, code):
    assert len(complaints(choose(newcomer, code))) == 1


def test_temporary_password_is_not_taken_as_one_s_own(newcomer, invited):
    response = choose(newcomer, proof_code(invited), TEMPORARY)

    assert complaints(response) == [
        "Choose another one: whoever gave you the temporary password knows it."
    ]


def test_address_that_signs_in_elsewhere_by_then_is_said_only_to_its_owner(
    newcomer, invited, stranger
):
    make.user(account=stranger.account, email=invited.email)

    without_the_code = choose(newcomer, wrong(proof_code(invited)))
    with_the_code = choose(newcomer, proof_code(invited))

    words = "Your e-mail address signs in on another account already"
    assert words not in read(without_the_code).one("main").text
    assert words in read(with_the_code).one("main").text
    invited.refresh_from_db()
    assert (invited.state, invited.check_password(TEMPORARY)) == ("invited", True)


def test_second_tab_finds_it_done(newcomer, invited):
    code = proof_code(invited)
    choose(newcomer, code)

    response = choose(newcomer, code, "a third password")

    assert response.redirect_chain == [(HOME, 302)]
    assert User.objects.get(pk=invited.pk).check_password(OWN)


def test_other_browser_with_the_temporary_password_is_signed_out(newcomer, invited):
    elsewhere = Client()
    sign_in(elsewhere, invited)

    choose(newcomer, proof_code(invited))

    assert elsewhere.get(HOME)["Location"] == f"{SIGN_IN}?next={HOME}"


def test_expired_temporary_password_does_not_get_in(client, invited):
    with time_machine.travel(invited.password_expires_at):
        response = submit_password(client, invited.email, TEMPORARY)

    assert response.status_code == 200


def test_temporary_password_that_expires_meanwhile_signs_out(newcomer, invited):
    # By the row, not by the clock: the session would have ended long before.
    User.objects.filter(pk=invited.pk).update(password_expires_at=timezone.now())

    response = newcomer.get(FIRST, follow=True)

    assert response.redirect_chain == [(f"{SIGN_IN}?next={FIRST}", 302)]
    assert "has expired" in read(response).one("main").text


def test_confirmed_person_comes_first_and_the_invited_one_gets_in_too(client, invited, stranger):
    owner = make.user(account=stranger.account, email=invited.email)

    for person, password in [(owner, make.PASSWORD), (invited, TEMPORARY)]:
        browser = Client()
        submit_password(browser, invited.email, password)
        assert browser.session["_auth_user_id"] == str(person.pk)


def test_invitation_is_sent_again_three_times(newcomer, invited):
    for _ in range(4):
        newcomer.post(SEND_AGAIN)

    assert (
        list(Letter.objects.values_list("kind", "email", "user"))
        == [("invitation", invited.email, invited.pk)] * 3
    )


def test_invitation_sent_again_is_from_the_account(newcomer, invited):
    newcomer.post(SEND_AGAIN)
    list(send_due_letters(now=timezone.now()))

    (letter,) = mail.outbox
    account = invited.account.name
    assert f"\n{account} has added you as a user" in letter.body
    assert proof_code(invited) in letter.body


def test_nobody_else_has_that_page(client, basic):
    sign_in(client, basic)

    assert client.get(FIRST)["Location"] == HOME
    assert client.post(SEND_AGAIN)["Location"] == HOME
    assert not Letter.objects.exists()


def test_being_added_anew_gives_no_new_tries(client, account, invited):
    """An Admin who adds somebody else's address again and again does not guess the code."""
    for person in (invited, None):
        if person is None:
            User.objects.filter(pk=invited.pk).update(removed_at=timezone.now(), is_active=False)
            person = invite(account)
        submit_password(client, person.email, TEMPORARY)
        answers = [complaints(choose(client, wrong(proof_code(person)))) for _ in range(5)]
        client.post(reverse("account_logout"))

    assert all(answer[0].startswith("Too many tries.") for answer in answers)
