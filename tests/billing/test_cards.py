"""The card on file: only what Stripe itself says was saved for the account, once, for everybody."""

import datetime as dt
import threading

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from billing.gateway import GatewayRefused, GatewayUnavailable, gateway
from billing.models import Attempt, Payer, ReplacedCard, StoredCard
from billing.services import cards, sweep
from billing.services.collect import collect
from tests import make

pytestmark = pytest.mark.usefixtures("stripe_standin")

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
EDIT = reverse("billing:account_edit")


def begin(account):
    return cards.begin_setup(account, gateway=gateway())


def store(account, setup_id, *, by, now=NOW):
    setup = cards.finished_setup(account, setup_id, gateway=gateway())
    return cards.store_card(account, setup=setup, by=Actor(user=by), now=now)


def attached(client_of_stripe, account):
    customer = StoredCard.objects.get(account=account).customer_id
    return {method.id for method in client_of_stripe.customers.payment_methods.list(customer).data}


def test_first_card_of_an_account_is_stored_logged_and_told(account, admin, save):
    stored = store(account, save(begin(account)), by=admin)

    assert (stored.label, stored.account, stored.customer_id) == (
        "Visa •••• 4242",
        account,
        account.payer.customer_id,
    )
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject) == (
        "changed the payment method of",
        f"Account {account}",
    )
    assert entry.before == {"payment method": None}
    assert entry.after == {"payment method": f"Visa •••• 4242, 12/{stored.expiry_year}"}
    list(send_due_letters(now=timezone.now()))
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["admin@aurora.example"],
        "How Aurora Robotics pays was changed",
    )
    assert f"– → Visa •••• 4242, 12/{stored.expiry_year}" in letter.body


def test_setup_is_for_what_is_charged_off_session(account, stripe_standin):
    begin(account)

    (intent,) = stripe_standin.objects("setup_intent")
    assert intent["allowed_payment_method_types"] == ["card", "us_bank_account"]
    assert (intent["usage"], intent["metadata"]) == ("off_session", {"account": account.number})


def test_customer_at_stripe_is_made_once(account, stripe_standin):
    first, second = begin(account), begin(account)

    assert first.customer_id == second.customer_id == Payer.objects.get().customer_id
    assert len(stripe_standin.objects("customer")) == 1


def test_customer_whose_answer_was_lost_is_found_again(account, stripe_standin):
    stripe_standin.fault("POST", r"^/v1/customers$", "drop_after", 3)
    with pytest.raises(GatewayUnavailable):
        begin(account)

    begin(account)

    assert len(stripe_standin.objects("customer")) == 1


def test_storing_again_changes_nothing_more(account, admin, save):
    setup_id = save(begin(account))

    first, second = store(account, setup_id, by=admin), store(account, setup_id, by=admin)

    assert first == second
    assert (AuditEntry.objects.count(), Letter.objects.count()) == (1, 1)
    assert not ReplacedCard.objects.exists()


def test_old_card_is_forgotten_at_stripe_by_the_next_sweep(account, admin, save, client_of_stripe):
    old = make.stripe_card(account)
    new = store(account, save(begin(account), "pm_card_mastercard"), by=admin)
    assert attached(client_of_stripe, account) == {old.payment_method_id, new.payment_method_id}

    done = sweep.sweep(gateway=gateway(), now=NOW)

    assert attached(client_of_stripe, account) == {new.payment_method_id}
    assert done["cards"] == 1
    assert sweep.sweep(gateway=gateway(), now=NOW)["cards"] == 0


def test_old_card_that_stripe_cannot_forget_now_is_forgotten_later(
    account, admin, save, stripe_standin
):
    make.stripe_card(account)
    store(account, save(begin(account), "pm_card_mastercard"), by=admin)
    stripe_standin.fault("POST", "/detach$", "status", 3, status=500)

    assert list(cards.detach_replaced(gateway=gateway(), now=NOW)) == []
    assert StoredCard.objects.get().last4 == "4444"
    stripe_standin.clear_faults()
    assert len(list(cards.detach_replaced(gateway=gateway(), now=NOW))) == 1


def test_old_card_unknown_to_stripe_is_done_with(account, admin, save):
    old = make.stripe_card(account)
    store(account, save(begin(account), "pm_card_mastercard"), by=admin)
    gateway().detach(old.payment_method_id)

    assert len(list(cards.detach_replaced(gateway=gateway(), now=NOW))) == 1


def test_card_that_a_payment_under_way_goes_by_is_kept_until_it_is_decided(
    account, admin, save, stripe_standin
):
    make.stripe_card(account)
    collection = make.issued(account, "2026-03", dollars=10).collection
    stripe_standin.drop_next_answer("confirm", times=3)
    with pytest.raises(GatewayUnavailable):
        collect(collection, gateway=gateway(), now=NOW)
    store(account, save(begin(account), "pm_card_mastercard"), by=admin)

    assert list(cards.detach_replaced(gateway=gateway(), now=NOW)) == []
    sweep.sweep(gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [1000]
    assert list(cards.detach_replaced(gateway=gateway(), now=NOW)) == []
    assert ReplacedCard.objects.get().detached_at == NOW


def test_replaced_card_does_not_come_back(account, admin, save):
    first = save(begin(account))
    kept = cards.finished_setup(account, first, gateway=gateway())
    store(account, first, by=admin)
    second = store(account, save(begin(account), "pm_card_mastercard"), by=admin)

    with pytest.raises(cards.CardNotUsable):
        cards.store_card(account, setup=kept, by=Actor(user=admin), now=NOW)

    assert StoredCard.objects.get() == second


@pytest.mark.parametrize("token", ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_new_card_is_tried_at_once_for_what_the_old_one_was_refused_for(
    account, admin, save, stripe_standin, token
):
    make.stripe_card(account, token=token)
    collection = make.issued(account, "2026-03", dollars=10).collection
    collect(collection, gateway=gateway(), now=NOW)
    assert stripe_standin.charges() == []

    store(account, save(begin(account)), by=admin)
    sweep.sweep(gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [1000]
    assert list(Attempt.objects.order_by("number").values_list("state", flat=True))[-1] == (
        Attempt.State.SUCCEEDED
    )


def test_paid_bill_is_not_tried_again(account, admin, save, stripe_standin):
    make.stripe_card(account)
    collect(make.issued(account, "2026-03", dollars=10).collection, gateway=gateway(), now=NOW)

    store(account, save(begin(account), "pm_card_mastercard"), by=admin)
    sweep.sweep(gateway=gateway(), now=NOW)

    assert stripe_standin.charges() == [1000]


def test_setup_of_another_account_is_refused(account, stranger, save):
    begin(account)
    theirs = save(begin(stranger.account))

    with pytest.raises(cards.CardNotUsable):
        cards.finished_setup(account, theirs, gateway=gateway())


def test_setup_of_our_customer_made_elsewhere_is_refused(account, save, client_of_stripe):
    customer = begin(account).customer_id
    foreign = client_of_stripe.setup_intents.create({"customer": customer})

    with pytest.raises(cards.CardNotUsable):
        cards.finished_setup(account, save(foreign), gateway=gateway())


def test_setup_that_has_not_succeeded_is_refused(account):
    with pytest.raises(cards.CardNotUsable):
        cards.finished_setup(account, begin(account).id, gateway=gateway())


def test_setup_whose_card_was_detached_is_refused(account, save):
    setup_id = save(begin(account))
    saved = cards.finished_setup(account, setup_id, gateway=gateway()).card
    gateway().detach(saved.payment_method_id)

    with pytest.raises(cards.CardNotUsable):
        cards.finished_setup(account, setup_id, gateway=gateway())


def test_detaching_what_is_not_there_is_refused(stripe_standin):
    with pytest.raises(GatewayRefused):
        gateway().detach("pm_unknown")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_store_one_card(account, admin, save):
    setup_id = save(begin(account))
    setup = cards.finished_setup(account, setup_id, gateway=gateway())
    ready = threading.Barrier(2)

    def press():
        ready.wait()
        cards.store_card(account, setup=setup, by=Actor(user=admin), now=NOW)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (StoredCard.objects.count(), AuditEntry.objects.count()) == (1, 1)
