"""An account that wants a second factor of everybody."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import card, read, sign_in
from tests.users import factors
from tests.users.factors import sign_in_and_confirm

REQUIRE = reverse("users:second_factor_require")
FACTORS = reverse("mfa_index")
HOME = reverse("home")
ACCOUNT = reverse("accounts:account_view")


@pytest.fixture
def strict(account):
    account.requires_second_factor = True
    account.save()
    return account


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "name",
    [
        "home",
        "accounts:account_view",
        "conferences:conference_list",
        "billing:bill_list",
        "profile:profile_view",
        "profile:profile_edit",
        "profile:email_change",
        "profile:sign_in_end_others",
        "users:second_factor_require",
        "account_change_password",
    ],
)
def test_whoever_has_none_is_led_to_set_one_up(client, admin, strict, name, method):
    sign_in(client, admin)

    response = getattr(client, method)(reverse(name))

    assert (response.status_code, response["Location"]) == (302, FACTORS)


def test_nothing_is_done_for_whoever_has_none(client, admin, strict):
    sign_in(client, admin)

    client.post(reverse("profile:profile_edit"), {"name": "Eve", "time_zone": "UTC"})

    admin.refresh_from_db()
    assert admin.name == "Ana Admin"


def test_the_page_says_why(client, admin, strict):
    sign_in(client, admin)

    page = read(client.get(HOME, follow=True))

    (why,) = page.all("div", role="status")
    assert why.text.startswith("Aurora Robotics requires a second factor of everybody.")


def test_setting_one_up_opens_everything(client, basic, strict):
    sign_in_and_confirm(client, basic)
    page = reverse("mfa_activate_totp")
    secret = client.get(page).context["form"].secret
    client.post(page, {"code": factors.code(secret)})

    assert client.get(HOME).status_code == 200
    assert read(client.get(FACTORS)).all("div", role="status", **{"class": "alert-warning"}) == []


def test_one_can_sign_out_without_one(client, basic, strict):
    sign_in(client, basic)

    client.post(reverse("account_logout"))

    assert client.get(FACTORS).status_code == 302


@pytest.mark.parametrize("kind", [factors.app, factors.passkey])
def test_either_kind_is_enough(client, basic, strict, kind):
    kind(basic)
    sign_in(client, basic)

    assert client.get(HOME).status_code == 200


def test_recovery_codes_alone_are_not_enough(client, basic, strict):
    factors.RecoveryCodes.activate(basic)
    sign_in(client, basic)

    assert client.get(HOME)["Location"] == FACTORS


def test_single_sign_on_is_in_charge_of_its_own(client, basic, strict):
    sign_in(client, basic)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 1}]
    session["account_authentication_methods_user"] = f"{basic.pk}"
    session.save()

    assert client.get(HOME).status_code == 200


def test_single_sign_on_of_somebody_else_does_not_count(client, basic, admin, strict):
    sign_in(client, basic)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 1}]
    session["account_authentication_methods_user"] = f"{admin.pk}"
    session.save()

    assert client.get(HOME)["Location"] == FACTORS


def test_other_accounts_and_staff_are_not_asked(client, other_client, stranger, staff, strict):
    sign_in(client, stranger)
    sign_in(other_client, staff)

    assert client.get(HOME).status_code == 200
    assert other_client.get(reverse("profile:profile_view")).status_code == 200


def test_admin_requires_it_and_everybody_is_told(client, admin, basic, account):
    make.user(account=account, email="gone@aurora.example", is_active=False)
    make.user(account=account, email="invited@aurora.example", email_confirmed_at=None)
    factors.app(admin)
    sign_in(client, admin)
    factors.confirm(client)

    client.post(REQUIRE, {"is_required": "yes"})

    account.refresh_from_db()
    assert account.requires_second_factor
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.verb) == (admin, "required a second factor on")
    list(send_due_letters(now=timezone.now()))
    assert sorted((letter.to[0], letter.subject) for letter in mail.outbox) == [
        ("admin@aurora.example", "Your account now requires a second factor"),
        ("basic@aurora.example", "Your account now requires a second factor"),
    ]
    assert "Ana Admin decided" in mail.outbox[0].body


def test_admin_makes_it_optional_again(client, admin, strict):
    factors.app(admin)
    sign_in(client, admin)
    factors.confirm(client)

    client.post(REQUIRE, {"is_required": "no"})

    strict.refresh_from_db()
    assert not strict.requires_second_factor
    assert AuditEntry.objects.latest("pk").verb == "made the second factor optional on"


def test_admin_without_one_sets_up_the_own_first(client, admin, account):
    sign_in_and_confirm(client, admin)

    response = client.post(REQUIRE, {"is_required": "yes"}, follow=True)

    account.refresh_from_db()
    assert not account.requires_second_factor
    assert "Set up your own second factor first" in read(response).text


def test_requiring_it_asks_whether_it_is_you_and_then_goes_on(client, admin, account):
    factors.app(admin)
    sign_in(client, admin)

    asked = client.post(REQUIRE, {"is_required": "yes"})
    account.refresh_from_db()
    before = account.requires_second_factor
    client.post(asked["Location"], {"password": make.PASSWORD, "next": REQUIRE})
    account.refresh_from_db()

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert (before, account.requires_second_factor) == (False, True)


@pytest.mark.parametrize("role", ["scheduler", "basic", "biller"])
def test_only_admins_require_it(client, request, account, role):
    sign_in_and_confirm(client, request.getfixturevalue(role))

    response = client.post(REQUIRE, {"is_required": "yes"})

    account.refresh_from_db()
    assert response.status_code == 403
    assert not account.requires_second_factor


def test_view_account_says_how_it_is(client, admin, account):
    factors.app(admin)
    sign_in(client, admin)
    optional = card(client.get(ACCOUNT), "security").text
    account.requires_second_factor = True
    account.save()
    required = card(client.get(ACCOUNT), "security").text

    assert optional == "Security Second factor Up to each person. Require it of everybody"
    assert required == (
        "Security Second factor Everybody on this account needs one to open anything."
        " Make it optional"
    )


@pytest.mark.parametrize(
    ("role", "is_advised"),
    [("admin", True), ("biller", True), ("scheduler", False), ("basic", False)],
)
def test_those_who_see_bills_are_advised(client, request, role, is_advised):
    sign_in(client, request.getfixturevalue(role))

    advice = read(client.get(HOME)).all("section", **{"class": "advice"})

    assert bool(advice) == is_advised


def test_advice_is_put_away_until_the_next_sign_in(client, other_client, admin):
    for browser in (client, other_client):
        sign_in(browser, admin)

    client.post(reverse("profile:second_factor_later"))

    assert read(client.get(HOME)).all("section", **{"class": "advice"}) == []
    assert read(other_client.get(HOME)).all("section", **{"class": "advice"})


def test_whoever_has_one_is_not_advised(client, admin):
    factors.passkey(admin)
    sign_in(client, admin)

    assert read(client.get(HOME)).all("section", **{"class": "advice"}) == []
