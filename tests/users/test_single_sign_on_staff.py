"""How staff set up a company's own sign-in, and what follows from it."""

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import sign_in
from users.models import SingleSignOn

pytestmark = pytest.mark.ignore_template_errors

HOME = reverse("home")
ADD = reverse("admin:users_singlesignon_add")
SECRET = "a secret that nobody sees again"


def form(account, provider, **changes):
    typed = {
        "account": account.pk,
        "slug": "aurora",
        "issuer": provider.issuer,
        "client_id": "accuconf",
        "new_secret": SECRET,
        "domains": "aurora.example,aurora-labs.example",
        "is_active": "on",
        **changes,
    }
    return {name: value for name, value in typed.items() if value is not None}


def page_of(single_sign_on, which="change"):
    return reverse(f"admin:users_singlesignon_{which}", args=[single_sign_on.pk])


def errors(response):
    return dict(response.context["adminform"].form.errors.items())


@pytest.fixture
def office(client, staff):
    sign_in(client, staff)
    return client


def test_staff_set_it_up(office, account, forger):
    assert office.post(ADD, form(account, forger)).status_code == 302

    made = SingleSignOn.objects.get()
    assert (made.account, made.client_secret) == (account, SECRET)
    assert made.domains == ["aurora.example", "aurora-labs.example"]


def test_secret_is_nowhere_in_the_clear(office, account, forger):
    office.post(ADD, form(account, forger))
    made = SingleSignOn.objects.get()
    office.post(page_of(made), form(account, forger, new_secret=f"{SECRET} 2"))

    made.refresh_from_db()
    assert made.client_secret == f"{SECRET} 2"
    assert SECRET.encode() not in bytes(made.sealed_secret)
    assert SECRET not in office.get(page_of(made)).content.decode()
    assert SECRET not in str(list(AuditEntry.objects.values()))
    assert [(entry.before, entry.after) for entry in AuditEntry.objects.all()[:1]] == [
        ({"new_secret": None}, {"new_secret": "given"})
    ]


def test_who_may_only_look_sees_no_secret_either(client, forged):
    clerk = make.user(email="clerk@meridian.example")
    clerk.user_permissions.add(Permission.objects.get(codename="view_singlesignon"))
    sign_in(client, clerk)

    response = client.get(page_of(forged))

    assert response.status_code == 200
    assert forged.client_secret not in response.content.decode()
    assert client.post(page_of(forged), {}).status_code == 403
    assert client.get(page_of(forged, "check")).status_code == 403


def test_secret_stays_where_none_is_typed(office, account, forged, forger):
    office.post(page_of(forged), form(account, forger, new_secret=None, client_id="another"))

    forged.refresh_from_db()
    assert (forged.client_id, forged.client_secret) == ("another", "a client secret")


def test_newest_key_seals_and_older_ones_still_open(settings, forged):
    settings.SINGLE_SIGN_ON_KEYS = [Fernet.generate_key().decode(), *settings.SINGLE_SIGN_ON_KEYS]

    assert forged.client_secret == "a client secret"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("slug", "Aurora Robotics"),
        ("slug", ""),
        ("issuer", "ftp://login.example"),
        ("issuer", "https://"),
        ("issuer", "https://login.example/?tenant=1"),
        ("issuer", "http://["),
        ("new_secret", None),
        ("domains", ""),
        ("domains", "@aurora.example"),
        ("domains", "com"),
    ],
)
def test_wrong_input_gets_a_sentence_beside_its_field(office, account, forger, field, typed):
    response = office.post(ADD, form(account, forger, **{field: typed}))

    assert list(errors(response)) == [field]
    assert not SingleSignOn.objects.exists()


def test_production_takes_no_issuer_without_tls(office, account, forger, settings):
    settings.SANDBOX = False

    assert list(errors(office.post(ADD, form(account, forger)))) == ["issuer"]


def test_account_and_name_stay(office, forged, forger, stranger):
    office.post(page_of(forged), form(stranger.account, forger, slug="another"))

    before = (forged.account, forged.slug)
    forged.refresh_from_db()
    assert (forged.account, forged.slug) == before


def test_page_shows_what_the_company_enters_at_its_provider(office, forged):
    page = office.get(page_of(forged)).content.decode()

    assert f"http://localhost:8000/customer/sso/{forged.slug}/callback/" in page


def test_check_tells_that_all_is_well(office, forged, forger):
    forger.discovery = {"claims_supported": ["email", "email_verified", "auth_time"]}

    response = office.get(page_of(forged, "check"), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "The provider answers as it must."
    ]


def test_check_tells_what_is_wrong(office, forged, forger):
    forger.discovery = {"issuer": "https://other.example"}

    response = office.get(page_of(forged, "check"), follow=True)

    (message,) = response.context["messages"]
    assert "calls itself 'https://other.example'" in str(message)


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({"is_required": "on"}, True),
        ({"is_active": None}, True),
        ({"issuer": "https://login.aurora.example"}, True),
        ({"new_secret": "another"}, False),
        ({"trusts_emails": "on"}, False),
    ],
    ids=str,
)
def test_sign_ins_that_a_change_puts_in_doubt_end(
    office, account, forged, forger, basic, stranger, changes, ends
):
    customer, other = Client(), Client()
    sign_in(customer, basic)
    sign_in(other, stranger)

    office.post(page_of(forged), form(account, forger, **{"new_secret": None, **changes}))

    assert customer.get(HOME).status_code == (302 if ends else 200)
    assert other.get(HOME).status_code == 200


def test_provider_s_names_are_forgotten(office, forged, basic, stranger):
    SocialAccount.objects.create(user=basic, provider=forged.slug, uid="a")
    SocialAccount.objects.create(user=stranger, provider="borealis", uid="a")

    office.post(
        reverse("admin:users_singlesignon_changelist"),
        {"action": "forget_who_is_who", "_selected_action": [forged.pk]},
    )

    assert SocialAccount.objects.get().user == stranger
    assert AuditEntry.objects.get().verb == "forgot who is who at"
