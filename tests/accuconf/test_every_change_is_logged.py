"""Every address that changes something writes one entry into the audit log: who, what, no secret.

What the entry tells of each change is tested with the change itself.
"""

import datetime as dt
import json
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from tests import make
from tests.pages import prove, sign_in, submit_password
from tests.users import factors
from users.codes import proof_code
from users.links import password_link
from users.models import User
from users.services import email_change
from users.services.email_change import End
from users.services.rights import standing

SECRETS = [make.PASSWORD, "typed by an admin", "chosen by myself", factors.SECRET]
CHOSEN = {"password1": SECRETS[2], "password2": SECRETS[2]}

#: The verb of each change, by the address that makes it.
VERBS = {
    "accounts:log_export": "exported",
    "billing:account_edit": "changed",
    "billing:line_question": "asked",
    "users:user_add": "added",
    "users:rights_edit": "changed rights of",
    "users:user_disable": "disabled",
    "users:user_enable": "enabled",
    "users:user_end_sign_ins": "ended the sign-ins of",
    "users:user_invite": "invited again",
    "users:user_remove": "removed",
    "users:second_factor_require": "required a second factor on",
    "profile:profile_edit": "changed",
    "profile:email_change": "asked for another e-mail of",
    "profile:email_cancel": "stopped the change of the e-mail of",
    "profile:email_agree": "agreed, by the new address, to another e-mail of",
    "profile:email_stop": "stopped the change of the e-mail of",
    "profile:sign_in_end": "ended a sign-in of",
    "profile:sign_in_end_others": "ended the other sign-ins of",
    "account_login": "signed in",
    "account_logout": "signed out",
    "account_first_sign_in": "accepted the invitation",
    "account_first_sign_in_code": "asked for the invitation again",
    "account_change_password": "chose a new password",
    "account_reset_password_from_key": "chose a new password",
    "mfa_authenticate": "signed in",
    "mfa_activate_totp": "added a second factor",
    "mfa_generate_recovery_codes": "made new recovery codes",
    "mfa_remove": "removed a second factor",
    "look_start": "started to look at the portal as",
    "look_allow": "allowed changes while looking as",
    "look_stop": "stopped looking at the portal as",
}
#: These need a passkey, a company's provider or Stripe, with which their own tests prove the same.
ELSEWHERE = {
    "account_set_password", "mfa_add_webauthn", "mfa_login_webauthn", "openid_connect_callback",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes", "stripe_webhook",
    "billing:bill_pay", "pay_by_link",
}  # fmt: skip
#: These take a form and change nothing, or only what the browser keeps for its reader.
NOTHING = {
    "users:rights_draft", "profile:second_factor_later", "account_reset_password", "account_signup",
    "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "sso_start",
}  # fmt: skip
#: These only show something.
READS = {
    "home", "alive", "ready", "accounts:account_view", "accounts:log_list", "users:user_view",
    "profile:profile_view", "profile:sign_in_list", "mfa_index", "account_inactive",
    "account_reset_password_done", "account_reset_password_from_key_done", "openid_connect_login",
    "sso_again", "conferences:conference_list", "conferences:conference_view", "billing:bill_list",
    "billing:bill_view", "billing:bill_pdf", "billing:unbilled_view", "billing:credit_note_pdf",
}  # fmt: skip


def names(resolver=None, namespace=""):
    """Yield the name of every address but the back office's and the sandbox's."""
    for entry in (resolver or get_resolver()).url_patterns:
        if not isinstance(entry, URLResolver):
            if entry.name:
                yield namespace + entry.name
        elif entry.namespace not in {"admin", "sandbox", "bridge"}:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names(entry, inner)


@pytest.fixture
def here(client, account, admin, basic, conference, staff):
    """The Admin's browser, where they have just proved who they are, and the people around them."""
    sign_in(client, admin)
    prove(client, admin)
    invited = make.user(
        account=account,
        email_confirmed_at=None,
        password=SECRETS[1],
        password_expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    return SimpleNamespace(
        client=client, admin=admin, basic=basic, invited=invited, conference=conference, staff=staff
    )


def test_every_address_is_declared():
    assert set(names()) == {*VERBS, *ELSEWHERE, *NOTHING, *READS}


@pytest.mark.parametrize("name", VERBS)
def test_change_writes_one_entry_without_a_secret(here, name):
    act = CHANGES.get(name, lambda here: post(here, name, here.basic.pk))(here)
    before = set(AuditEntry.objects.values_list("pk", flat=True))

    response = act()

    assert response.status_code in {200, 302}
    entry = AuditEntry.objects.exclude(pk__in=before).get()
    assert (entry.verb, entry.account) == (VERBS[name], here.admin.account)
    assert entry.actor or entry.actor_label
    told = json.dumps([entry.subject, entry.before, entry.after])
    assert [secret for secret in [*SECRETS, *hashes()] if secret in told] == []


@pytest.mark.parametrize("name", sorted(NOTHING - {"account_signup"}))
def test_what_changes_nothing_writes_nothing(here, name):
    arguments = [here.basic.pk] if name.startswith("users:") else []
    typed = {"password": make.PASSWORD, "email": "nobody@example.com"}

    post(here, name, *arguments, **typed)()

    assert AuditEntry.objects.count() == 0


def hashes():
    return User.objects.values_list("password", flat=True)


def post(here, name, /, *arguments, client=None, **typed):
    return lambda: (client or here.client).post(reverse(name, args=arguments), typed)


def export_log(here):
    return lambda: here.client.get(reverse("accounts:log_export"))


def edit_account(here):
    shown = here.client.get(reverse("billing:account_edit")).context["form"]
    typed = {field.name: field.value() or "" for field in shown}
    return post(here, "billing:account_edit", **typed | {"city": "Salem"})


def ask_about_line(here):
    bill = make.issued(here.admin.account, "2026-03", dollars=10)
    return post(here, "billing:line_question", bill.number, 1, text="Who called?")


def add_user(here):
    typed = {"email": "new@example.com", "name": "New", "time_zone": "UTC", "password": SECRETS[2]}
    return post(here, "users:user_add", **typed)


def edit_rights(here):
    typed = {"role": "basic", "ticked": [f"{here.conference.pk}:view"]}
    return post(here, "users:rights_edit", here.basic.pk, seen=standing(here.basic), **typed)


def enable(here):
    User.objects.filter(pk=here.basic.pk).update(is_active=False)
    return post(here, "users:user_enable", here.basic.pk)


def require_factor(here):
    factors.app(here.admin)
    return post(here, "users:second_factor_require", is_required="yes")


def edit_profile(here):
    return post(here, "profile:profile_edit", name="Anna", time_zone="UTC", receives_bills="on")


def wish(person):
    return email_change.ask_email_change(
        person, new_email="new@example.com", by=Actor(user=person), now=timezone.now()
    )


def cancel_wish(here):
    wish(here.admin)
    return post(here, "profile:email_cancel")


def follow(name):
    def prepare(here):
        token = email_change.token_of(wish(here.admin), End.NEW)
        return post(here, name, token, client=Client())

    return prepare


def end_sign_in(here):
    submit_password(Client(), here.admin.email)
    return post(here, "profile:sign_in_end", UserSession.objects.latest("pk").pk)


def end_other_sign_ins(here):
    submit_password(Client(), here.admin.email)
    return post(here, "profile:sign_in_end_others")


def enter(here):
    typed = {"login": here.basic.email, "password": make.PASSWORD}
    return post(here, "account_login", client=Client(), **typed)


def settle(name, **typed):
    def prepare(here):
        client = Client()
        password = {"login": here.invited.email, "password": SECRETS[1]}
        client.post(reverse("account_login"), password)
        return post(here, name, client=client, code=proof_code(here.invited), **typed)

    return prepare


def follow_link(here):
    client = Client()
    page = client.get(urlsplit(password_link(here.basic)).path, follow=True)
    return lambda: client.post(page.request["PATH_INFO"], CHOSEN)


def give_code(here):
    factors.app(here.basic)
    client = Client()
    submit_password(client, here.basic.email)
    return lambda: factors.submit_code(client, factors.code())


def add_app(here):
    here.client.get(reverse("mfa_activate_totp"))
    secret = here.client.session["mfa.totp.secret"]
    SECRETS.append(secret)
    return post(here, "mfa_activate_totp", code=factors.code(secret))


def make_codes(here):
    factors.app(here.admin)
    return post(here, "mfa_generate_recovery_codes")


def remove_factor(here):
    return post(here, "mfa_remove", factors.app(here.admin).pk)


def look(name, *, is_begun=True, **typed):
    def prepare(here):
        client = Client()
        sign_in(client, here.staff)
        if is_begun:
            client.post(reverse("look_start", args=[here.admin.pk]))
        return post(here, name, *([] if is_begun else [here.admin.pk]), client=client, **typed)

    return prepare


#: How each change is made, where it takes more than a button on somebody's page.
CHANGES = {
    "accounts:log_export": export_log,
    "billing:account_edit": edit_account,
    "billing:line_question": ask_about_line,
    "users:user_add": add_user,
    "users:rights_edit": edit_rights,
    "users:user_enable": enable,
    "users:user_invite": lambda here: post(here, "users:user_invite", here.invited.pk),
    "users:second_factor_require": require_factor,
    "profile:profile_edit": edit_profile,
    "profile:email_change": lambda here: post(here, "profile:email_change", email="n@example.com"),
    "profile:email_cancel": cancel_wish,
    "profile:email_agree": follow("profile:email_agree"),
    "profile:email_stop": follow("profile:email_stop"),
    "profile:sign_in_end": end_sign_in,
    "profile:sign_in_end_others": end_other_sign_ins,
    "account_login": enter,
    "account_logout": lambda here: post(here, "account_logout"),
    "account_first_sign_in": settle("account_first_sign_in", **CHOSEN),
    "account_first_sign_in_code": settle("account_first_sign_in_code"),
    "account_change_password": lambda here: post(
        here, "account_change_password", oldpassword=make.PASSWORD, **CHOSEN
    ),
    "account_reset_password_from_key": follow_link,
    "mfa_authenticate": give_code,
    "mfa_activate_totp": add_app,
    "mfa_generate_recovery_codes": make_codes,
    "mfa_remove": remove_factor,
    "look_start": look("look_start", is_begun=False),
    "look_allow": look("look_allow", reason="They asked."),
    "look_stop": look("look_stop"),
}
