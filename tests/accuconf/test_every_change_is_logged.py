"""Every address that changes something writes one entry into the audit log: who, what, no secret.

What the entry tells of each change is tested with the change itself.
"""

import datetime as dt
import json
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from accuconf.sandbox.bridge import Caller
from conferences.bridge.control import Order
from conferences.models import Invitation, Pin, Schedule
from conferences.services.dates import seen_of
from tests import make
from tests.pages import prove, sign_in, submit_password
from tests.users import factors
from users.codes import proof_code
from users.links import password_link
from users.models import User
from users.services import email_change
from users.services.email_change import End
from users.services.rights import standing

PIN = "481516234"
SECRETS = [
    make.PASSWORD, "typed by an admin", "chosen by myself", factors.SECRET, "483920175", PIN,
]  # fmt: skip
#: A date to come, whenever this is run.
DATE = {
    "starts_on": timezone.localdate() + dt.timedelta(days=30),
    "starts_at_time": dt.time(12),
    "time_zone": "UTC",
    "minutes": 60,
}
CHOSEN = {"password1": SECRETS[2], "password2": SECRETS[2]}

#: The verb of each change, by the address that makes it.
VERBS = {
    "accounts:log_export": "exported",
    "billing:account_edit": "changed",
    "conferences:call_export_csv": "exported the calls of",
    "conferences:call_export_excel": "exported the calls of",
    "billing:session_code_edit": "changed the billing code of",
    "billing:missing_code_list": "changed the billing code of",
    "users:user_add": "added",
    "users:rights_edit": "changed rights of",
    "users:user_disable": "disabled",
    "users:user_enable": "enabled",
    "users:user_end_sign_ins": "ended the sign-ins of",
    "users:user_invite": "invited again",
    "users:user_remove": "removed",
    "users:second_factor_require": "required a second factor on",
    "conferences:conference_new": "scheduled",
    "conferences:date_edit": "set the date of",
    "conferences:date_clear": "cleared the date of",
    "conferences:conference_cancel": "cancelled",
    "conferences:invitation_list": "invited people to",
    "conferences:invitation_send": "invited once more to",
    "conferences:invitation_cancel": "cancelled the invitation to",
    "conferences:pin_add": "added",
    "conferences:pin_add_many": "added",
    "conferences:pin_sheet": "revealed PINs of",
    "conferences:pin_reveal": "revealed",
    "conferences:pin_replace": "replaced",
    "conferences:pin_remove": "removed",
    "conferences:pin_restore": "restored",
    "conferences:recording_audio": "played",
    "conferences:recording_download": "downloaded",
    "conferences:recording_delete": "deleted",
    "profile:profile_edit": "changed",
    "profile:email_change": "asked for another e-mail of",
    "profile:email_cancel": "stopped the change of the e-mail of",
    "profile:email_agree": "agreed, by the new address, to another e-mail of",
    "profile:email_stop": "stopped the change of the e-mail of",
    "profile:sign_in_end": "ended a sign-in of",
    "profile:sign_in_end_others": "ended the other sign-ins of",
    "conferences:conference_edit": "changed",
    "conferences:live_call_out": "called somebody into",
    "conferences:live_order": "locked the call on",
    "conferences:live_caller_order": "dropped a caller from",
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
    "conferences:calendar_view", "conferences:call_list", "conferences:call_view",
    "conferences:pin_view",
    "conferences:recordings", "conferences:recording_list", "conferences:recording_view",
    "billing:bill_view", "billing:bill_pdf", "billing:unbilled_view",
    "billing:bill_compare", "billing:statement_view", "billing:statement_pdf",
    "billing:payment_list", "billing:receipt_view", "billing:receipt_pdf",
    "billing:bill_csv", "billing:bill_excel", "billing:unbilled_csv", "billing:unbilled_excel",
    "conferences:live_view", "conferences:live_people",
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
def here(client, account, admin, basic, conference, staff, connect_bridge):
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
        client=client,
        admin=admin,
        basic=basic,
        invited=invited,
        conference=conference,
        staff=staff,
        connect_bridge=connect_bridge,
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
    secrets = [*SECRETS, *hashes(), *(pin.digits for pin in Pin.objects.all())]
    assert [secret for secret in secrets if secret in told] == []


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


def export_calls(name):
    def export(here):
        response = here.client.get(reverse(name, args=[here.conference.pk]))
        assert list(response)  # taken whole, so that the file is closed
        return response

    return lambda here: lambda: export(here)


def mend_code(here):
    call = make.session(conference=here.conference)
    return post(here, "billing:session_code_edit", here.conference.pk, call.pk, code="CC-7")


def give_missing_code(here):
    call = make.session(conference=here.conference)
    return post(here, "billing:missing_code_list", **{f"code-{call.pk}": "CC-7"})


def hear(name):
    def prepare(here):
        address = reverse(name, args=[make.recording(conference=here.conference).pk])
        return lambda: here.client.get(address)

    return prepare


def delete_recording(here):
    recording = make.recording(conference=here.conference)
    return post(here, "conferences:recording_delete", recording.pk)


def edit_account(here):
    shown = here.client.get(reverse("billing:account_edit")).context["form"]
    typed = {field.name: field.value() or "" for field in shown}
    return post(here, "billing:account_edit", **typed | {"city": "Salem"})


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


def with_pin(name, *, is_named=True, **typed):
    """Make a change on a page about PINs, with one on the conference; it may name that one."""

    def prepare(here):
        gone = timezone.now() if name == "conferences:pin_restore" else None
        pin = make.pin(conference=here.conference, digits=PIN, removed_at=gone)
        asked = {"seen": pin.pk, **typed}
        return post(here, name, here.conference.pk, *([pin.pk] if is_named else []), **asked)

    return prepare


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


def with_a_date(name):
    def prepare(here):
        Schedule.objects.create(conference=here.conference, **DATE)
        return post(here, name, here.conference.pk)

    return prepare


def set_date(here):
    return post(here, "conferences:date_edit", here.conference.pk, repeats="once", **typed_date())


def schedule_conference(here):
    return post(here, "conferences:conference_new", name="Briefing", token=uuid4(), **typed_date())


def typed_date():
    return {**DATE, "expected_participants": 5, "seen": seen_of(None)}


def cancel_conference(here):
    type(here.conference).objects.filter(pk=here.conference.pk).update(kind="one_time")
    return post(here, "conferences:conference_cancel", here.conference.pk)


def invite(here):
    make.pin(conference=here.conference, digits=SECRETS[4])
    return post(here, "conferences:invitation_list", here.conference.pk, people="pat@guest.example")


def on_an_invitation(name):
    def prepare(here):
        invitation = Invitation.objects.create(
            conference=here.conference, email="pat@guest.example", invited_at=timezone.now()
        )
        return post(here, name, here.conference.pk, invitation.pk)

    return prepare


def edit_conference(here):
    address = reverse("conferences:conference_edit", args=[here.conference.pk])
    seen = here.client.get(address).context["form"]["seen"].value()
    return lambda: here.client.post(address, {"seen": seen, "name": "Renamed"})


def in_a_call(here):
    """Let a caller be on the conference, and return them."""
    caller = Caller("Renée", "33142685300")
    here.connect_bridge().open(here.conference.number, caller)
    return caller


def call_out(here):
    in_a_call(here)
    return post(here, "conferences:live_call_out", here.conference.pk, number="617 555 0123")


def lock_call(here):
    in_a_call(here)
    return post(here, "conferences:live_order", here.conference.pk, Order.LOCK)


def drop_caller(here):
    caller = in_a_call(here)
    name = "conferences:live_caller_order"
    return post(here, name, here.conference.pk, caller.uuid, Order.DROP)


#: How each change is made, where it takes more than a button on somebody's page.
CHANGES = {
    "accounts:log_export": export_log,
    "conferences:call_export_csv": export_calls("conferences:call_export_csv"),
    "conferences:call_export_excel": export_calls("conferences:call_export_excel"),
    "billing:session_code_edit": mend_code,
    "billing:missing_code_list": give_missing_code,
    "billing:account_edit": edit_account,
    "conferences:recording_audio": hear("conferences:recording_audio"),
    "conferences:recording_download": hear("conferences:recording_download"),
    "conferences:recording_delete": delete_recording,
    "users:user_add": add_user,
    "users:rights_edit": edit_rights,
    "users:user_enable": enable,
    "users:user_invite": lambda here: post(here, "users:user_invite", here.invited.pk),
    "users:second_factor_require": require_factor,
    "conferences:conference_new": schedule_conference,
    "conferences:date_edit": set_date,
    "conferences:date_clear": with_a_date("conferences:date_clear"),
    "conferences:conference_cancel": cancel_conference,
    "conferences:invitation_list": invite,
    "conferences:invitation_send": on_an_invitation("conferences:invitation_send"),
    "conferences:invitation_cancel": on_an_invitation("conferences:invitation_cancel"),
    "conferences:pin_add": with_pin("conferences:pin_add", is_named=False, kind="speaker"),
    "conferences:pin_add_many": with_pin(
        "conferences:pin_add_many", is_named=False, kind="speaker", lines="Ana", add="yes"
    ),
    "conferences:pin_sheet": with_pin("conferences:pin_sheet", is_named=False),
    "conferences:pin_reveal": with_pin("conferences:pin_reveal"),
    "conferences:pin_replace": with_pin("conferences:pin_replace"),
    "conferences:pin_remove": with_pin("conferences:pin_remove"),
    "conferences:pin_restore": with_pin("conferences:pin_restore"),
    "profile:profile_edit": edit_profile,
    "profile:email_change": lambda here: post(here, "profile:email_change", email="n@example.com"),
    "profile:email_cancel": cancel_wish,
    "profile:email_agree": follow("profile:email_agree"),
    "profile:email_stop": follow("profile:email_stop"),
    "profile:sign_in_end": end_sign_in,
    "profile:sign_in_end_others": end_other_sign_ins,
    "conferences:conference_edit": edit_conference,
    "conferences:live_call_out": call_out,
    "conferences:live_order": lock_call,
    "conferences:live_caller_order": drop_caller,
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
