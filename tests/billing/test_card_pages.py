"""The card's part of Edit Account: who may open it, what is taken, and what bad luck leaves."""

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import AuditEntry
from billing.gateway import gateway
from billing.models import StoredCard
from billing.services import cards
from billing.views.stripe_fields import stripe_sources
from tests import make
from tests.pages import card, facts, filled, read, sign_in

pytestmark = pytest.mark.usefixtures("stripe_standin")

EDIT = reverse("billing:account_edit")


@pytest.fixture
def admin_again(client, admin):
    """The Admin, signed in and having just proved once more who they are."""
    sign_in(client, admin)
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    return admin


def begin(account):
    return cards.begin_setup(account, gateway=gateway())


def form_of(client, **changes):
    """Return what a browser would send from the page as it now is."""
    return filled(read(client.get(EDIT)).one("form", **{"class": "account-form"}), **changes)


def error_of(response):
    return read(response).one("p", **{"data-card-error": None}).text


@pytest.mark.parametrize("method", ["get", "post"])
def test_fields_are_opened_only_after_proving_who_one_is(client, admin, stripe_standin, method):
    sign_in(client, admin)

    response = getattr(client, method)(EDIT, {"card": "new"})

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert stripe_standin.objects("setup_intent") == []


def test_saved_card_is_taken_only_after_proving_who_one_is(client, admin, account, save):
    setup_id = save(begin(account))
    sign_in(client, admin)
    typed = form_of(client, setup_intent=setup_id, city="Salem")

    asked = client.post(EDIT, typed)
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not StoredCard.objects.exists()
    client.post(asked["Location"], {"password": make.PASSWORD, "next": EDIT})

    account.refresh_from_db()
    assert (account.city, account.card.last4) == ("Salem", "4242")


def test_page_with_the_fields_may_load_them_and_others_may_not(client, admin_again, stripe_standin):
    plain, opened = client.get(EDIT), client.get(EDIT, {"card": "new"})

    assert stripe_standin.url not in plain["Content-Security-Policy"]
    policy = dict(
        part.split(" ", 1) for part in opened["Content-Security-Policy"].split("; ") if " " in part
    )
    assert policy["script-src"] == f"'self' {stripe_standin.url}"
    assert policy["frame-src"] == stripe_standin.url
    assert policy["connect-src"] == f"'self' {stripe_standin.url}"
    (script,) = read(opened).all("script", src=settings.STRIPE_JS_URL)
    assert script.attributes["src"] == f"{stripe_standin.url}/endive/stripe.js"


def test_policy_for_stripe_itself_names_its_hosts(settings):
    settings.STRIPE_API_BASE = "https://api.stripe.com"
    settings.STRIPE_JS_URL = "https://js.stripe.com/endive/stripe.js"

    sources = stripe_sources()

    assert sources["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert sources["frame-src"] == [
        "https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"
    ]  # fmt: skip
    assert sources["connect-src"] == ["'self'", "https://api.stripe.com"]


def test_address_and_card_are_saved_by_one_press(client, admin_again, account, save):
    typed = form_of(client, setup_intent=save(begin(account)), city="Salem")

    response = client.post(EDIT, typed)

    assert response.status_code == 302
    account.refresh_from_db()
    assert (account.city, account.card.last4) == ("Salem", "4242")
    assert client.post(EDIT, typed).status_code == 302
    assert AuditEntry.objects.filter(verb__startswith="changed").count() == 2


def test_mistake_in_the_address_keeps_the_saved_card_for_the_next_press(
    client, admin_again, account, save
):
    setup_id = save(begin(account))

    wrong = client.post(EDIT, form_of(client, setup_intent=setup_id, postal_code="90210"))

    assert not StoredCard.objects.exists()
    assert read(wrong).one("input", name="setup_intent").attributes["value"] == setup_id
    assert facts(card(wrong, "payment"))["In its place"].startswith("Visa •••• 4242 Confirmed.")


def test_coming_back_by_redirect_shows_the_card_to_be_taken(client, admin_again, account, save):
    setup_id = save(begin(account))

    response = client.get(EDIT, {"setup_intent": setup_id, "redirect_status": "succeeded"})

    assert facts(card(response, "payment"))["In its place"].startswith("Visa •••• 4242 Confirmed.")
    assert not StoredCard.objects.exists()


@pytest.mark.parametrize(
    "made_up",
    ["seti_made_up", "../customers", "seti_1/../../charges", "pi_1", "x" * 5000, "\0", "é"],
)
def test_made_up_setup_changes_nothing_and_says_so(client, admin_again, account, made_up):
    old = make.stripe_card(account)

    response = client.post(EDIT, form_of(client, setup_intent=made_up, city="Salem"))

    assert error_of(response) == "This was not saved. What is on file stays; please try again."
    account.refresh_from_db()
    assert (account.city, account.card.payment_method_id) == ("Boston", old.payment_method_id)


def test_setup_of_another_account_changes_nothing_and_says_so(
    client, admin_again, account, stranger, save
):
    begin(account)

    response = client.post(EDIT, form_of(client, setup_intent=save(begin(stranger.account))))

    assert error_of(response).startswith("This was not saved.")
    assert not StoredCard.objects.exists()


def test_address_is_changed_while_stripe_is_down(client, admin_again, account, stripe_standin):
    stripe_standin.fault("POST", "^/v1/", "status", 99, status=503)

    down = client.get(EDIT, {"card": "new"})

    assert error_of(down).startswith("Our payment processor does not answer at the moment")
    assert read(down).all("iframe") == []
    assert client.post(EDIT, form_of(client, city="Salem")).status_code == 302
    account.refresh_from_db()
    assert account.city == "Salem"


def test_saved_card_waits_while_stripe_is_down(client, admin_again, account, save, stripe_standin):
    setup_id = save(begin(account))
    typed = form_of(client, setup_intent=setup_id, city="Salem")
    stripe_standin.fault("GET", "^/v1/setup_intents/", "status", 3, status=503)

    down = client.post(EDIT, typed)

    assert error_of(down).startswith("Our payment processor does not answer at the moment")
    assert read(down).one("input", name="setup_intent").attributes["value"] == setup_id
    stripe_standin.clear_faults()
    client.post(EDIT, typed)
    account.refresh_from_db()
    assert (account.city, account.card.last4) == ("Salem", "4242")


def test_crash_while_storing_leaves_neither_and_pressing_again_ends_well(
    client, admin_again, account, save, monkeypatch
):
    typed = form_of(client, setup_intent=save(begin(account)), city="Salem")
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(cards, "_tell", None)
        assert client.post(EDIT, typed).status_code == 500
    account.refresh_from_db()
    assert (account.city, StoredCard.objects.count()) == ("Boston", 0)

    client.post(EDIT, typed)

    account.refresh_from_db()
    assert (account.city, account.card.last4) == ("Salem", "4242")


def test_what_was_typed_is_kept_when_another_card_is_wished_or_not(client, admin_again):
    typed = form_of(client, city="Salem")

    for wish in ("new", "keep"):
        page = read(client.post(EDIT, typed | {"card": wish}))
        assert page.one("input", name="city").attributes["value"] == "Salem"
        assert page.one("input", name="seen").attributes["value"] == typed["seen"]
