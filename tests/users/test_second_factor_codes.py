"""The codes that a sign-in asks for: of an app or for recovery, once each, and not without end."""

import json

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.models import AuditEntry
from tests.pages import is_signed_in, read, submit_password
from tests.users import factors
from tests.users.factors import (
    confirm,
    recovery_codes,
    submit_code,
)

HOME = reverse("home")
NEW_CODES = reverse("mfa_generate_recovery_codes")


def test_with_an_app_the_password_alone_opens_nothing(client, basic, clock):
    factors.app(basic)

    response = submit_password(client, basic.email)

    assert response["Location"] == factors.CODE
    assert not is_signed_in(client)
    submit_code(client, factors.code())
    assert is_signed_in(client)


def test_code_may_be_typed_with_spaces_and_a_step_late(client, basic, clock):
    factors.app(basic)
    submit_password(client, basic.email)
    digits = factors.code(steps=-1)

    submit_code(client, f" {digits[:3]} {digits[3:]}")

    assert is_signed_in(client)


@pytest.mark.parametrize("steps", [-2, 2])
def test_code_of_another_time_is_refused(client, basic, clock, steps):
    factors.app(basic)
    submit_password(client, basic.email)

    response = submit_code(client, factors.code(steps=steps))

    assert "This code is not right" in read(response).text
    assert not is_signed_in(client)


def test_code_works_once(client, other_client, basic, clock):
    factors.app(basic)
    digits = factors.code()
    submit_password(client, basic.email)
    submit_code(client, digits)
    clock.shift(40)  # allauth has forgotten that it was used; it is accepted for a step more
    cache.delete(f"allauth.mfa.totp.used?user={basic.pk}&code={digits}")

    submit_password(other_client, basic.email)
    response = submit_code(other_client, digits)

    assert "This code has been used" in read(response).text
    assert not is_signed_in(other_client)


def test_recovery_code_works_once(client, other_client, basic):
    factors.app(basic)
    digits = recovery_codes(basic)[3]

    for browser in (client, other_client):
        submit_password(browser, basic.email)
        submit_code(browser, f"{digits[:4]} {digits[4:]}")

    assert is_signed_in(client)
    assert not is_signed_in(other_client)
    assert digits not in recovery_codes(basic)
    assert len(recovery_codes(basic)) == 9


def test_five_wrong_codes_make_a_person_wait(client, basic, clock):
    factors.app(basic)
    submit_password(client, basic.email)
    for _ in range(5):
        submit_code(client, "000000")

    refused = submit_code(client, factors.code())
    clock.shift(5 * 60 + 1)
    submit_password(client, basic.email)
    submit_code(client, factors.code())

    assert "Wait five minutes" in read(refused).text
    assert is_signed_in(client)


def test_wrong_codes_of_one_do_not_stop_another(client, other_client, basic, admin):
    for person in (basic, admin):
        factors.app(person)
    submit_password(client, basic.email)
    for _ in range(6):
        submit_code(client, "000000")

    submit_password(other_client, admin.email)
    submit_code(other_client, factors.code())

    assert is_signed_in(other_client)


def test_wrong_codes_count_on_every_page_that_asks_for_one(client, basic, clock):
    factors.app(basic)
    submit_password(client, basic.email)
    submit_code(client, factors.code())
    again = reverse("mfa_reauthenticate")
    for _ in range(5):
        client.post(again, {"code": "000000"})

    response = client.post(again, {"code": factors.code(steps=1)})

    assert "Wait five minutes" in read(response).text


def test_wrong_code_is_in_the_log_without_the_code(client, basic):
    factors.app(basic)
    submit_password(client, basic.email)

    submit_code(client, "123123")

    entry = AuditEntry.objects.get(verb="failed to sign in")
    assert (entry.account, entry.actor_label) == (basic.account, basic.email)
    assert "123123" not in str(AuditEntry.objects.filter(pk=entry.pk).values().get())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "1",
        '"x"',
        "{",
        "{}",
        '{"response": null}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "OTk5"}}',
        json.dumps(
            {
                "id": "AA",
                "rawId": "AA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "authenticatorData": "AA",
                    "signature": "AA",
                    "userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
                },
            }
        ),
    ],
)
def test_what_is_no_answer_of_a_passkey_signs_nobody_in(client, basic, answer):
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})

    response = client.post(reverse("mfa_login_webauthn"), {"credential": answer})

    assert response["Location"] == factors.SIGN_IN
    assert not is_signed_in(client)


def test_confirming_by_a_code_of_the_app_is_enough(client, basic, clock):
    factors.app(basic)
    submit_password(client, basic.email)
    submit_code(client, factors.code())

    asked = client.get(NEW_CODES)
    page = client.get(reverse("mfa_reauthenticate"), {"next": NEW_CODES})
    response = client.post(
        reverse("mfa_reauthenticate"), {"code": factors.code(steps=1), "next": NEW_CODES}
    )

    assert asked.status_code == 302
    assert read(page).one("h1").text == "Confirm that it is you"
    assert response["Location"] == NEW_CODES
    assert client.get(NEW_CODES).status_code == 200


def test_pages_of_others_do_not_open_by_confirming(client, basic):
    submit_password(client, basic.email)
    confirm(client)

    assert client.get(reverse("mfa_reauthenticate"))["Location"] == reverse(
        "account_reauthenticate"
    )


def is_disabled(person):
    person.is_active = False


def has_sign_ins_ended(person):
    person.sign_in_epoch += 1


def has_a_new_password(person):
    person.set_password("a new long password")


@pytest.mark.parametrize("happening", [is_disabled, has_sign_ins_ended, has_a_new_password])
def test_nobody_gets_in_by_a_sign_in_begun_before(client, basic, happening):
    factors.app(basic)
    submit_password(client, basic.email)

    happening(basic)
    basic.save()
    response = submit_code(client, factors.code())

    assert (response.status_code, response["Location"]) == (302, reverse("account_login"))
    assert client.get(HOME).status_code == 302
    assert not AuditEntry.objects.filter(verb="signed in").exists()
