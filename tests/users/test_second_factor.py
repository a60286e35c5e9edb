"""Authenticator apps, passkeys and recovery codes: adding, using and removing them."""

import datetime as dt
import json

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests.pages import is_signed_in, read, sign_in, submit_password
from tests.users import factors
from tests.users.factors import (
    recovery_codes,
    sign_in_and_confirm,
    submit_code,
)

FACTORS = reverse("mfa_index")
ADD_APP = reverse("mfa_activate_totp")
CODES = reverse("mfa_view_recovery_codes")
NEW_CODES = reverse("mfa_generate_recovery_codes")


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

    with django_assert_num_queries(5):
        response = client.get(FACTORS)

    assert read(response).text.count("Added") == count


def test_staff_have_second_factors_too(client, staff):
    secret = added_app(client, staff)
    client.post(reverse("account_logout"))

    submit_password(client, staff.email)
    response = submit_code(client, factors.code(secret, steps=1))

    assert response["Location"] == reverse("admin:index")
    assert Letter.objects.get().email == staff.email
