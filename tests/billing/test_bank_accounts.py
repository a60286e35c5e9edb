"""A bank account in place of the card: saved by Stripe's own fields, shown by its last four."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from billing.gateway import gateway
from billing.models import ReplacedCard, StoredCard
from billing.services import cards
from billing.services.collect import collect
from billing.templatetags.payment import how_to_pay
from tests import make
from tests.billing.browsers import confirm_setup
from tests.pages import card, facts, filled, read, sign_in

pytestmark = pytest.mark.usefixtures("stripe_standin")

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
EDIT = reverse("billing:account_edit")
LABEL = "Bank account •••• 6789, STRIPE TEST BANK"


@pytest.fixture
def save_bank():
    """Do what Stripe's fields do in a browser where a bank account is chosen."""

    def save(setup, token="pm_usBankAccount_success"):
        confirm_setup(setup.id, token)
        return setup.id

    return save


def begin(account):
    return cards.begin_setup(account, gateway=gateway())


def store(account, setup_id, *, by):
    setup = cards.finished_setup(account, setup_id, gateway=gateway())
    return cards.store_card(account, setup=setup, by=Actor(user=by), now=NOW)


def test_bank_account_takes_the_place_of_the_card(account, admin, save_bank):
    old = make.stripe_card(account)

    stored = store(account, save_bank(begin(account)), by=admin)

    assert StoredCard.objects.get() == stored
    assert (stored.label, stored.is_bank) == (LABEL, True)
    assert (stored.brand, stored.expiry_month, stored.expiry_year) == ("", None, None)
    assert ReplacedCard.objects.get().payment_method_id == old.payment_method_id


def test_card_takes_the_place_of_the_bank_account(account, admin, save):
    make.stripe_bank(account)

    stored = store(account, save(begin(account)), by=admin)

    assert (stored.label, stored.is_bank, stored.bank_name) == ("Visa •••• 4242", False, "")


def test_change_is_logged_and_told_by_what_may_be_shown(account, admin, save_bank):
    store(account, save_bank(begin(account)), by=admin)

    entry = AuditEntry.objects.get()
    list(send_due_letters(now=timezone.now()))
    (letter,) = mail.outbox
    assert entry.after == {"payment method": LABEL}
    assert f"– → {LABEL}" in letter.body


def test_account_is_proved_at_its_bank_at_once_or_not_taken(account, stripe_standin):
    begin(account)

    (setup,) = stripe_standin.objects("setup_intent")
    options = setup["payment_method_options"]["us_bank_account"]
    assert options == {"verification_method": "instant"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "us_bank_account", "expiry_month": 1},
        {"kind": "us_bank_account", "brand": "visa"},
        {"kind": "card", "bank_name": "", "expiry_month": None, "expiry_year": 2034},
        {"kind": "card", "expiry_month": 12, "expiry_year": 2034},
        {"kind": "sepa_debit"},
    ],
)
def test_database_refuses_a_card_that_does_not_end_and_a_bank_account_that_does(account, wrong):
    with pytest.raises(IntegrityError, match="card_expires_and_bank_account_does_not"):
        make.bank_account(account=account, **wrong)


def test_only_cards_are_offered_where_the_operator_takes_no_bank_accounts(account, stripe_standin):
    stripe_standin.take_only("card")

    begin(account)

    (setup,) = stripe_standin.objects("setup_intent")
    assert setup["allowed_payment_method_types"] == ["card"]


def test_cards_are_charged_where_the_operator_takes_no_bank_accounts(account, stripe_standin):
    stripe_standin.take_only("card")
    make.stripe_card(account)
    collection = make.issued(account, "2026-03", dollars=25).collection

    collect(collection, gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [2500]


def test_bank_account_without_a_name_of_its_bank_is_shown_all_the_same(account):
    assert make.bank_account(account=account, bank_name="").label == "Bank account •••• 6789"


def test_bill_and_its_pages_name_the_bank_account(client, account, admin):
    make.bank_account(account=account)
    bill = make.issued(account, "2026-03", dollars=25)
    sign_in(client, admin)

    page = read(client.get(bill.get_absolute_url())).text

    assert bill.card_label == LABEL
    assert how_to_pay(bill).startswith(f"Will be charged to {LABEL} on ")
    assert LABEL in page


def test_longest_name_of_a_bank_fits_on_a_bill(account):
    make.bank_account(account=account, bank_name="B" * 100)

    assert make.issued(account, "2026-03", dollars=25).card_label.endswith("B" * 100)


def test_staff_see_the_bank_account(client, account, staff):
    make.bank_account(account=account)
    sign_in(client, staff)

    page = client.get(reverse("admin:accounts_account_change", args=[account.pk]))

    assert LABEL in page.content.decode()


def test_edit_account_takes_the_confirmed_bank_account_by_one_press(
    client, account, admin, save_bank
):
    sign_in(client, admin)
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    setup_id = save_bank(begin(account))

    shown = client.get(EDIT, {"setup_intent": setup_id})
    client.post(EDIT, filled(read(shown).one("form", **{"class": "account-form"}), city="Salem"))

    assert facts(card(shown, "payment"))["In its place"].startswith(f"{LABEL} Confirmed.")
    account.refresh_from_db()
    assert (account.city, account.card.label) == ("Salem", LABEL)
    after = facts(card(client.get(EDIT), "payment"))
    assert after["Card or bank account"] == LABEL


def test_page_with_the_fields_lets_a_bank_open_a_window_and_report_back(client, admin):
    sign_in(client, admin)
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})

    plain, opened = client.get(EDIT), client.get(EDIT, {"card": "new"})

    headers = ("Cross-Origin-Opener-Policy", "Referrer-Policy")
    assert [plain[header] for header in headers] == ["same-origin", "same-origin"]
    assert [opened[header] for header in headers] == ["same-origin-allow-popups", "strict-origin"]
