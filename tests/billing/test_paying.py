"""Pay: the card on file or another, by page or link; whatever is clicked, money is taken once."""

import datetime as dt
import os
from contextlib import suppress

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from billing.gateway import GatewayUnavailable, gateway
from billing.links import SALT, pay_link
from billing.models import Attempt, Collection
from billing.services import ledger, paying
from billing.services.collect import collect
from billing.verification import books
from tests import make
from tests.children import run_together
from tests.pages import read, sign_in

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def bill(account, admin, stripe_standin):
    make.stripe_card(account)
    return make.issued(account, "2026-03", dollars=25)


@pytest.fixture
def address(bill):
    return reverse("billing:bill_pay", args=[bill.number])


@pytest.fixture
def visit(client, admin):
    sign_in(client, admin)
    return client


def confirm_in_the_browser(intent, client_of_stripe, token="pm_card_visa"):
    """Do what Stripe's fields do: confirm the same PaymentIntent with a card typed in."""
    client_of_stripe.payment_intents.confirm(
        intent.id, {"payment_method": token, "return_url": "https://portal.example/"}
    )


def states(bill):
    attempts = Attempt.objects.filter(collection__bill=bill).order_by("number")
    return [attempt.state for attempt in attempts]


def test_card_on_file_pays_the_bill(visit, bill, address, stripe_standin):
    response = visit.post(address, {"card": "stored"}, follow=True)

    assert "The bill is paid" in read(response).text
    assert stripe_standin.charges() == [2500]
    assert ledger.balance_cents(bill.account) == 0
    entry = AuditEntry.objects.get(verb="paid by the card on file")
    assert entry.account == bill.account


def test_pressing_twice_takes_the_money_once(visit, bill, address, stripe_standin):
    for _ in range(2):
        visit.post(address, {"card": "stored"})

    assert stripe_standin.charges() == [2500]


def test_another_card_pays_by_the_same_intent(
    visit, bill, address, stripe_standin, client_of_stripe
):
    page = visit.post(address, {"card": "new"})
    intent = page.context["intent"]
    confirm_in_the_browser(intent, client_of_stripe)

    response = visit.post(address, {"card": "confirmed"}, follow=True)

    assert "The bill is paid" in read(response).text
    assert states(bill) == ["succeeded"]
    assert stripe_standin.charges() == [2500]
    collect(bill.collection, gateway=gateway(), now=NOW)
    assert stripe_standin.charges() == [2500]


def test_opening_the_page_makes_nothing(visit, bill, address, stripe_standin):
    assert "$25.00" in read(visit.get(address)).text
    assert stripe_standin.objects("payment_intent") == []


def test_declined_card_is_told_and_another_pays(visit, bill, address, stripe_standin):
    stripe_standin.decline(bill.account.card.payment_method_id, "insufficient_funds")
    declined = visit.post(address, {"card": "stored"}, follow=True)
    stripe_standin.decline(bill.account.card.payment_method_id, None)

    paid = visit.post(address, {"card": "stored"}, follow=True)

    assert "declined the payment" in read(declined).text
    assert "The bill is paid" in read(paid).text
    assert states(bill) == ["declined", "succeeded"]


def test_bank_that_asks_is_answered_on_the_page(
    visit, account, admin, stripe_standin, client_of_stripe
):
    card = make.stripe_card(account, token="pm_card_authenticationRequired")
    bill = make.issued(account, "2026-03", dollars=25)
    address = reverse("billing:bill_pay", args=[bill.number])
    asked = visit.post(address, {"card": "stored"}, follow=True)

    page = visit.post(address, {"card": "bank"})
    assert f'data-method="{card.payment_method_id}"' in page.content.decode()
    client_of_stripe.payment_intents.confirm(
        page.context["intent"].id, {"payment_method": card.payment_method_id}
    )
    stripe_standin.authenticate(page.context["intent"].id)
    visit.get(address, {"payment_intent": page.context["intent"].id})

    assert "wants you to confirm" in read(asked).text
    assert stripe_standin.charges() == [2500]
    assert ledger.balance_cents(account) == 0


def test_silent_processor_is_told_and_nothing_is_lost(visit, bill, address, stripe_standin):
    stripe_standin.fault("POST", "/v1/payment_intents", "drop_before", times=20)

    response = visit.post(address, {"card": "stored"}, follow=True)

    assert "does not answer at the moment" in read(response).text
    stripe_standin.clear_faults()
    visit.post(address, {"card": "stored"})
    assert stripe_standin.charges() == [2500]


def test_check_payer_may_pay_by_card_and_is_never_charged_by_itself(
    client, plan, stripe_standin, client_of_stripe
):
    account = make.account(terms="check", plan=plan)
    sign_in(client, make.user(account=account, role="admin"))
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    page = client.post(reverse("billing:bill_pay", args=[bill.number]), {"card": "new"})

    assert not Collection.objects.due(NOW).exists()
    confirm_in_the_browser(page.context["intent"], client_of_stripe)
    paying.note_outcome(bill, gateway=gateway(), now=NOW)

    assert ledger.balance_cents(account) == 0


def test_what_a_check_has_paid_meanwhile_is_not_taken_too(
    visit, bill, address, stripe_standin, client_of_stripe
):
    first = visit.post(address, {"card": "new"}).context["intent"]
    make.check(bill.account, check_number="1", amount_cents=1000, now=NOW)

    second = visit.post(address, {"card": "new"}).context["intent"]

    assert (first.amount_cents, second.amount_cents) == (2500, 1500)
    confirm_in_the_browser(second, client_of_stripe)
    visit.post(address, {"card": "confirmed"})
    assert stripe_standin.charges() == [1500]
    assert ledger.balance_cents(bill.account) == 0


def test_card_given_later_is_charged_no_more_than_is_owed_by_then(
    visit, account, stripe_standin, client_of_stripe
):
    bill = make.issued(account, "2026-03", dollars=25)
    page = visit.post(reverse("billing:bill_pay", args=[bill.number]), {"card": "new"})
    make.check(account, check_number="1", amount_cents=1500, now=NOW)
    customer = page.context["intent"].customer_id
    card = client_of_stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
    make.card(account=account, customer_id=customer, payment_method_id=card.id)

    collect(Collection.objects.get(bill=bill), gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [1000]
    assert ledger.balance_cents(account) == 0


def test_older_bill_is_paid_through_the_newest(visit, bill, address, stripe_standin):
    make.issued(bill.account, "2026-04", dollars=5)

    response = visit.post(address, {"card": "stored"})

    assert response.url == bill.get_absolute_url()
    assert stripe_standin.charges() == []
    assert "Nothing to pay" in read(visit.get(address)).text


def test_link_of_a_letter_pays_without_signing_in(bill, stripe_standin, client_of_stripe):
    stranger = Client()
    address = pay_link(bill).removeprefix("http://localhost:8000")
    page = stranger.get(address)

    fields = stranger.post(address, {"card": "new"})
    confirm_in_the_browser(fields.context["intent"], client_of_stripe)
    done = stranger.post(address, {"card": "confirmed"}, follow=True)

    assert "$25.00" in read(page).text
    assert bill.account.name not in read(page).text
    assert "4242" not in read(page).text
    assert "The bill is paid" in read(done).text
    assert stripe_standin.charges() == [2500]


def test_holder_of_a_link_cannot_use_the_card_on_file(bill, stripe_standin):
    address = pay_link(bill).removeprefix("http://localhost:8000")

    Client().post(address, {"card": "stored"})
    page = Client().post(address, {"card": "bank"})

    assert stripe_standin.charges() == []
    assert bill.account.card.payment_method_id not in page.content.decode()


@pytest.mark.parametrize("token", ["never-given", "a:b:c"])
def test_made_up_link_is_gone(db, token):
    assert Client().get(reverse("pay_by_link", args=[token])).status_code == 410


def test_old_link_is_gone(bill, time_machine):
    time_machine.move_to(dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    token = signing.dumps(str(bill.uuid), salt=SALT)
    time_machine.move_to(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))

    assert Client().get(reverse("pay_by_link", args=[token])).status_code == 410


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("clicks", [2, pytest.param(10, marks=pytest.mark.full)])
def test_clicks_in_two_tabs_and_the_sweep_at_once_take_the_money_once(
    clicks, account, admin, stripe_standin
):
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    tab, other_tab = Client(), Client()
    for one in (tab, other_tab):
        sign_in(one, admin)

    def press(tab):
        return lambda: tab.post(reverse("billing:bill_pay", args=[bill.number]), {"card": "stored"})

    def charge():
        with suppress(GatewayUnavailable):
            collect(bill.collection, gateway=gateway(), now=NOW)

    run_together(*[press(tab), press(other_tab)] * clicks, charge)
    charge()

    assert stripe_standin.charges() == [2500]
    assert ledger.balance_cents(account) == 0
    broken = {finding.check.name for finding in books.verify(now=NOW) if finding.check.serious}
    assert broken <= {"bill_belongs_to_its_job"}  # there was no bill run


@pytest.mark.django_db(transaction=True)
def test_without_one_intent_for_all_clicks_take_the_money_again(account, stripe_standin):
    """The control: each click makes and confirms a PaymentIntent of its own."""
    make.stripe_card(account)
    bill = make.issued(account, "2026-03", dollars=25)
    card = account.card

    def click():
        intent = gateway().create_intent(
            amount_cents=2500, currency="USD", customer_id=card.customer_id,
            bill=str(bill.uuid), generation=os.getpid(),
        )  # fmt: skip
        gateway().confirm_intent(intent.id, payment_method_id=card.payment_method_id, attempt=1)

    run_together(click, click)

    assert stripe_standin.charges() == [2500, 2500]
