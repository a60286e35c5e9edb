"""Changing one's own password, and confirming by it that it is you."""

from time import sleep

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from tests import make
from tests.children import run_together
from tests.pages import complaints, prove, read, sign_in, submit_password
from users.models import User

CHANGE = reverse("account_change_password")
CONFIRM = reverse("account_reauthenticate")
HOME = reverse("home")
NEW = "quite another one"


def change(client, old=make.PASSWORD, new=NEW):
    typed = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(CHANGE, typed, follow=True)


def test_own_sign_in_stays_and_all_others_end(client, basic):
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, basic)

    response = change(client)

    (message,) = read(response).all("div", role="status")
    assert message.text == (
        "Your password is changed. Wherever else you had signed in, you are signed out."
    )
    assert client.get(HOME).status_code == 200
    assert elsewhere.get(HOME).status_code == 302


def test_change_is_in_the_log_and_told_by_letter(client, basic):
    sign_in(client, basic)
    change(client)
    list(send_due_letters(now=timezone.now()))

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.account) == (
        "chose a new password",
        basic,
        basic.account,
    )
    assert [(letter.subject, letter.to) for letter in mail.outbox] == [
        ("Your password was changed", [basic.email])
    ]


def test_wrong_current_password_changes_nothing(client, basic):
    sign_in(client, basic)

    response = change(client, old="wrong")

    assert complaints(response) == ["This is not your current password."]
    assert User.objects.get(pk=basic.pk).check_password(make.PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_change_it_at_once_change_it_once():
    person = make.user(account=make.account())
    windows = [Client(), Client()]
    for window in windows:
        sign_in(window, person)

    def window_sends(window, new):
        sleep(0.3)  # until the person is held
        assert change(window, new=new).status_code == 200

    def both_wait():
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            sleep(1)

    run_together(
        both_wait,
        lambda: window_sends(windows[0], "from the first window"),
        lambda: window_sends(windows[1], "from the second window"),
    )

    assert AuditEntry.objects.get().verb == "chose a new password"


def test_guessing_the_current_password_is_limited(client, basic):
    sign_in(client, basic)

    answers = [change(client, old="wrong").status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_one_who_signed_in_confirms_by_the_password_and_goes_on(client, basic):
    sign_in(client, basic)
    asked = client.get(CONFIRM, {"next": CHANGE})

    response = client.post(CONFIRM, {"password": make.PASSWORD, "next": CHANGE})

    assert read(asked).one("h1").text == "Confirm that it is you"
    assert response["Location"] == CHANGE


def test_wrong_password_does_not_confirm_and_is_in_the_log(client, basic):
    sign_in(client, basic)

    response = client.post(CONFIRM, {"password": "wrong", "next": CHANGE})

    assert complaints(response) == ["This is not your password."]
    assert AuditEntry.objects.get().verb == "failed to confirm who they are"


def test_guessing_at_the_confirmation_is_limited_but_never_the_sign_in(client, basic):
    sign_in(client, basic)

    answers = [client.post(CONFIRM, {"password": "wrong"}).status_code for _ in range(11)]
    elsewhere = Client()
    submit_password(elsewhere, basic.email)

    assert answers == [200] * 10 + [429]
    assert elsewhere.get(HOME).status_code == 200


def test_person_without_a_password_is_led_to_choose_one(client, basic):
    basic.set_unusable_password()
    basic.save()
    sign_in(client, basic)
    prove(client, basic)

    page = read(client.get(CHANGE, follow=True))

    assert page.one("h1").text == "Choose a password"


@pytest.mark.parametrize("name", ["account_inactive", "account_logout"])
def test_other_pages_speak_our_words(client, basic, name):
    sign_in(client, basic)

    heading = read(client.get(reverse(name))).one("h1").text

    assert heading in {"Your sign-in is disabled", "Sign out"}
