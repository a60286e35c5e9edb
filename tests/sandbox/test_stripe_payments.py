"""Payment intents: one for each bill, which can succeed once and only once."""

import threading

import pytest
import stripe


def test_unconfirmed_payment_takes_nothing(standin, new_payment):
    payment = new_payment()

    assert payment.status == "requires_payment_method"
    assert standin.charges() == []


def test_confirmed_payment_takes_the_money(standin, new_payment, save_card, pay):
    paid = pay(new_payment(12345), save_card(), expand=["latest_charge.balance_transaction"])

    assert (paid.status, paid.amount_received) == ("succeeded", 12345)
    assert paid.latest_charge.balance_transaction.net == 12345 - 388
    assert standin.charges() == [12345]


def test_confirming_twice_is_refused_and_shows_the_payment_as_paid(
    standin, new_payment, save_card, pay
):
    payment, card = new_payment(), save_card()
    pay(payment, card)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay(payment, card)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error.payment_intent.status == "succeeded"
    assert standin.charges() == [12345]


def test_many_workers_with_keys_of_their_own_charge_once(
    standin, connected, new_payment, save_card
):
    payment, card = new_payment(), save_card()
    refused = []

    def confirm():
        with connected() as own:
            params = {"payment_method": card, "off_session": True}
            try:
                own.payment_intents.confirm(payment.id, params)
            except stripe.InvalidRequestError as refusal:
                refused.append(refusal.code)

    workers = [threading.Thread(target=confirm) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert standin.charges() == [12345]
    assert refused == ["payment_intent_unexpected_state"] * 5


def test_declined_payment_is_paid_with_another_card(standin, client, new_payment, save_card, pay):
    payment = new_payment()
    with pytest.raises(stripe.CardError):
        pay(payment, save_card("pm_card_chargeCustomerFail"))
    declined = client.payment_intents.retrieve(payment.id)

    paid = pay(payment, save_card())

    assert declined.last_payment_error.charge == declined.latest_charge
    assert declined.payment_method is None
    assert paid.last_payment_error is None
    assert standin.charges() == [12345]
    assert [charge["status"] for charge in standin.objects("charge")] == ["failed", "succeeded"]


def test_new_payment_is_in_the_very_next_list(client, customer, new_payment):
    payment = new_payment(metadata={"bill": "7"})

    found = client.payment_intents.list({"customer": customer.id}).data

    assert [(p.id, p.metadata.bill) for p in found] == [(payment.id, "7")]


def test_lists_are_paged_newest_first(client, customer, new_payment):
    made = [new_payment(100 + n).id for n in range(5)]

    page = client.payment_intents.list({"customer": customer.id, "limit": 2})
    everything = [payment.id for payment in page.auto_paging_iter()]
    before = client.payment_intents.list({"ending_before": made[1], "limit": 2})

    assert page.has_more
    assert everything == made[::-1]
    assert [payment.id for payment in before.data] == [made[3], made[2]]


def test_lists_can_be_cut_by_time(standin, client, new_payment):
    old = new_payment()
    later = standin.advance(3600)
    new = new_payment()

    found = client.payment_intents.list({"created": {"gte": later}}).data

    assert old.created < later
    assert [payment.id for payment in found] == [new.id]


def test_cancelled_payment_takes_nothing_any_more(standin, client, new_payment, save_card, pay):
    payment = client.payment_intents.cancel(new_payment().id, {"cancellation_reason": "duplicate"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        pay(payment, save_card())

    assert (payment.status, payment.cancellation_reason) == ("canceled", "duplicate")
    assert refused.value.code == "payment_intent_unexpected_state"
    assert standin.charges() == []


def test_paid_payment_can_be_neither_cancelled_nor_changed(client, new_payment, save_card, pay):
    payment = pay(new_payment(), save_card())

    with pytest.raises(stripe.InvalidRequestError) as not_cancelled:
        client.payment_intents.cancel(payment.id)
    with pytest.raises(stripe.InvalidRequestError) as not_changed:
        client.payment_intents.update(payment.id, {"amount": 1})
    client.payment_intents.update(payment.id, {"metadata": {"seen": "yes"}})

    assert not_cancelled.value.code == "payment_intent_unexpected_state"
    assert not_changed.value.code == "payment_intent_unexpected_state"
    assert client.payment_intents.retrieve(payment.id).metadata.seen == "yes"


def test_amount_can_be_changed_until_it_is_paid(standin, client, new_payment, save_card, pay):
    payment = new_payment(12345)

    client.payment_intents.update(payment.id, {"amount": 10000})
    pay(payment, save_card())

    assert standin.charges() == [10000]


def test_server_must_say_where_a_redirected_customer_comes_back(client, customer, save_card):
    payment = client.payment_intents.create(
        {"amount": 12345, "currency": "usd", "customer": customer.id}
    )

    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        client.payment_intents.confirm(payment.id, {"payment_method": save_card()})


def test_card_of_another_customer_is_refused(client, new_payment, pay):
    other = client.customers.create({"name": "Other"})
    card = client.payment_methods.attach("pm_card_visa", {"customer": other.id})

    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        pay(new_payment(), card.id)


def test_off_session_needs_a_saved_card(new_payment, pay):
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        pay(new_payment(), "pm_card_visa")


def test_unsaved_card_pays_once_and_is_saved_where_agreed(client, customer, new_payment):
    once = client.payment_intents.confirm(new_payment().id, {"payment_method": "pm_card_visa"})
    kept = client.payment_intents.confirm(
        new_payment().id,
        {"payment_method": "pm_card_mastercard", "setup_future_usage": "off_session"},
    )

    saved = client.customers.payment_methods.list(customer.id).data
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.payment_methods.attach(once.payment_method, {"customer": customer.id})
    assert [method.id for method in saved] == [kept.payment_method]


def test_detached_card_cannot_be_used_again(client, customer, save_card):
    card = save_card()
    client.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card}})

    client.payment_methods.detach(card)

    settings = client.customers.retrieve(customer.id).invoice_settings
    assert settings.default_payment_method is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        save_card(card)


def test_deleted_customer_is_gone(client, customer):
    client.customers.delete(customer.id)

    assert client.customers.retrieve(customer.id).deleted
    assert client.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.customers.delete(customer.id)


def test_customer_is_changed_field_by_field(client, customer):
    client.customers.update(
        customer.id, {"address": {"line1": "1 Main St", "city": "Boston"}, "metadata": {"a": "1"}}
    )

    changed = client.customers.update(
        customer.id,
        {"address": {"line1": "2 Main St"}, "email": "", "metadata": {"a": "", "b": "2"}},
    )

    assert (changed.address.line1, changed.address.city) == ("2 Main St", "Boston")
    assert (changed.name, changed.email) == ("Acme", None)
    assert changed.metadata.to_dict() == {"b": "2"}
