"""Authenticator apps, passkeys and recovery codes: adding, using and removing them."""

import datetime as dt
import json

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests.pages import is_signed_in, read, sign_in, submit_password
from tests.users import factors
from tests.users.factors import (
    confirm,
    recovery_codes,
    sign_in_and_confirm,
    submit_code,
)

HOME = reverse("home")
FACTORS = reverse("mfa_index")
ADD_APP = reverse("mfa_activate_totp")
CODES = reverse("mfa_view_recovery_codes")
NEW_CODES = reverse("mfa_generate_recovery_codes")
NOON = dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def secret_on(response):
    return read(response).one("code", **{"class": "secret"}).text.replace(" ", "")


def log():
    """List what the audit log says of second factors, the oldest first."""
    entries = AuditEntry.objects.exclude(verb="signed in").order_by("pk")
    return [(one.actor_label, one.verb, one.after) for one in entries]


def letters():
    list(send_due_letters(now=timezone.now()))
    return [(letter.to, letter.subject) for letter in mail.outbox]


def added_app(client, user):
    sign_in_and_confirm(client, user)
    secret = secret_on(client.get(ADD_APP))
    response = client.post(ADD_APP, {"code": factors.code(secret)})
    assert response["Location"] == CODES
    return secret


def test_app_is_added_by_its_code_and_brings_recovery_codes(client, basic, clock):
    added_app(client, basic)

    page = read(client.get(CODES))
    shown = [code.text.replace(" ", "") for code in page.all("code")]
    assert shown == recovery_codes(basic)
    assert len(set(shown)) == 10
    assert log() == [("Ben Basic", "added a second factor", {"second_factor": "authenticator app"})]
    assert letters() == [([basic.email], "A second factor was added")]
    assert "authenticator app" in mail.outbox[0].body


def test_qr_code_names_the_operator_and_the_person(client, basic, settings):
    settings.OPERATOR_NAME = "Meridian & Sons"
    sign_in_and_confirm(client, basic)

    url = client.get(ADD_APP).context["totp_url"]

    assert url.startswith("otpauth://totp/basic%40aurora.example?secret=")
    assert url.endswith("&issuer=Meridian%20%26%20Sons")


def test_wrong_code_adds_no_app_and_keeps_the_key(client, basic):
    sign_in_and_confirm(client, basic)
    secret = secret_on(client.get(ADD_APP))

    response = client.post(ADD_APP, {"code": "000000"})

    assert "This code is not right" in read(response).text
    assert secret_on(response) == secret
    assert not Authenticator.objects.exists()


def test_two_tabs_add_one_app(client, basic):
    sign_in_and_confirm(client, basic)
    secret = secret_on(client.get(ADD_APP))
    factors.app(basic)

    response = client.post(ADD_APP, {"code": factors.code(secret)})

    assert response["Location"] == FACTORS
    assert Authenticator.objects.filter(type="totp").count() == 1


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


def test_secrets_are_encrypted_at_rest(basic):
    factors.app(basic)

    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

    assert factors.SECRET not in stored
    assert not any(code in stored for code in recovery_codes(basic))


def test_new_key_goes_first_and_the_old_one_still_reads(client, basic, settings, clock):
    factors.app(basic)
    old, new = settings.SECOND_FACTOR_KEYS[0], Fernet.generate_key().decode()
    settings.SECOND_FACTOR_KEYS = [new, old]

    submit_password(client, basic.email)
    submit_code(client, factors.code())

    assert is_signed_in(client)
    settings.SECOND_FACTOR_KEYS = [new]
    with pytest.raises(InvalidToken):
        recovery_codes(basic)


@pytest.mark.parametrize("page", [ADD_APP, reverse("mfa_add_webauthn"), CODES, NEW_CODES])
def test_changes_ask_first_whether_it_is_you(client, basic, page):
    factors.passkey(basic)
    sign_in(client, basic)
    factors.RecoveryCodes.activate(basic)

    response = client.get(page)

    assert response["Location"].startswith(reverse("account_reauthenticate"))


def test_new_codes_replace_the_old(client, basic):
    sign_in_and_confirm(client, basic)
    factors.app(basic)
    before = recovery_codes(basic)

    response = client.post(NEW_CODES)

    assert response["Location"] == CODES
    (said,) = read(client.get(CODES)).all("div", role="status")
    assert said.text == "The old codes no longer work. These are the new ones."
    assert not set(before) & set(recovery_codes(basic))
    assert log() == [("Ben Basic", "made new recovery codes", {})]
    assert letters() == [([basic.email], "You have new recovery codes")]


def test_looking_at_old_codes_is_noted_and_told(client, basic):
    sign_in_and_confirm(client, basic)
    factors.app(basic)
    Authenticator.objects.update(created_at=timezone.now() - dt.timedelta(days=1))

    file = client.get(reverse("mfa_download_recovery_codes"))

    assert file["Content-Type"] == "text/plain"
    assert all(
        f"{code[:4]} {code[4:]}\n" in file.content.decode() for code in recovery_codes(basic)
    )
    assert log() == [("Ben Basic", "looked at the recovery codes", {})]
    assert letters() == [([basic.email], "Your recovery codes were shown")]


def test_without_a_factor_there_are_no_codes(client, basic):
    sign_in_and_confirm(client, basic)

    assert client.get(CODES).status_code == 404
    assert client.post(NEW_CODES).status_code == 200
    assert not Authenticator.objects.exists()


def test_last_factor_takes_the_recovery_codes_with_it(client, basic):
    sign_in_and_confirm(client, basic)
    app, passkey = factors.app(basic), factors.passkey(basic)

    client.post(reverse("mfa_remove", args=[app.pk]))
    kept = Authenticator.objects.filter(type="recovery_codes").exists()
    client.post(reverse("mfa_remove", args=[passkey.pk]))

    assert kept
    assert not Authenticator.objects.exists()
    assert [(verb, after) for _who, verb, after in log()] == [
        ("removed a second factor", {"second_factor": "authenticator app"}),
        ("removed a second factor", {"second_factor": "passkey Laptop"}),
    ]
    assert [subject for _to, subject in letters()] == ["A second factor was removed"] * 2


def test_last_factor_stays_where_the_account_requires_one(client, basic):
    sign_in_and_confirm(client, basic)
    app, passkey = factors.app(basic), factors.passkey(basic)
    basic.account.requires_second_factor = True
    basic.account.save()

    client.post(reverse("mfa_remove", args=[app.pk]))
    page = client.get(reverse("mfa_remove", args=[passkey.pk]))
    response = client.post(reverse("mfa_remove", args=[passkey.pk]), follow=True)

    assert "Add another first" in read(page).text
    assert "Add another first" in read(response).text
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_another_person_s_factor_is_not_there(client, basic, admin):
    sign_in_and_confirm(client, basic)
    theirs = factors.app(admin)

    assert client.get(reverse("mfa_remove", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("mfa_remove", args=[theirs.pk])).status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_more_passkeys_take_no_more_queries(client, basic, count, django_assert_num_queries):
    for number in range(count):
        factors.passkey(basic, name=f"Key {number}")
    sign_in(client, basic)

    with django_assert_num_queries(4):
        response = client.get(FACTORS)

    assert read(response).text.count("Added") == count


def test_staff_have_second_factors_too(client, staff):
    secret = added_app(client, staff)
    client.post(reverse("account_logout"))

    submit_password(client, staff.email)
    response = submit_code(client, factors.code(secret, steps=1))

    assert response["Location"] == reverse("admin:index")
    assert Letter.objects.get().email == staff.email


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
