"""Debits of bank accounts at the stand-in: under way for days, by a mandate, and how they end."""

import json

import pytest
import stripe

DAY = 24 * 60 * 60


def status_of(client, payment):
    return client.payment_intents.retrieve(payment.id).status


@pytest.mark.parametrize(
    ("token", "status", "amounts"),
    [
        ("pm_usBankAccount_success", "succeeded", [12345]),
        ("pm_usBankAccount_insufficientFunds", "requires_payment_method", []),
        ("pm_usBankAccount_processing", "processing", []),
    ],
)
def test_debit_is_processing_until_its_days_are_over(
    standin, client, new_payment, save_bank, pay, token, status, amounts
):
    payment = pay(new_payment(), save_bank(token))
    standin.advance(3 * DAY)
    before = (payment.status, status_of(client, payment), standin.charges())

    standin.advance(DAY)

    assert before == ("processing", "processing", [])
    assert (status_of(client, payment), standin.charges()) == (status, amounts)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_usBankAccount_accountClosed", "account_closed"),
        ("pm_usBankAccount_noAccount", "no_account"),
        ("pm_usBankAccount_insufficientFunds", "insufficient_funds"),
        ("pm_usBankAccount_debitNotAuthorized", "debit_not_authorized"),
    ],
)
def test_failed_debit_says_why(standin, client, new_payment, save_bank, pay, token, code):
    payment = pay(new_payment(), save_bank(token))

    standin.settle(payment.id)

    error = client.payment_intents.retrieve(payment.id).last_payment_error
    assert (error.code, error.charge) == (code, payment.latest_charge)
    assert payment.latest_charge.startswith("py_")


@pytest.mark.parametrize("verb", ["confirm", "cancel"])
def test_debit_under_way_is_neither_begun_again_nor_cancelled(
    client, new_payment, save_bank, pay, verb
):
    payment = pay(new_payment(), save_bank())

    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(client.payment_intents, verb)(payment.id)

    assert refused.value.code == "payment_intent_unexpected_state"


def test_account_without_a_mandate_is_not_debited(client, new_payment, save_card, pay):
    payment = new_payment()

    with pytest.raises(stripe.InvalidRequestError, match="requires a mandate"):
        pay(payment, save_card("pm_usBankAccount_success"))

    assert status_of(client, payment) == "requires_confirmation"


def test_account_is_not_saved_without_a_mandate(client, customer):
    setup = client.setup_intents.create({"customer": customer.id})
    bank = {"payment_method": "pm_usBankAccount_success", "return_url": "https://x.example"}

    with pytest.raises(stripe.InvalidRequestError, match="mandate_data"):
        client.setup_intents.confirm(setup.id, bank)


@pytest.mark.parametrize(
    ("token", "is_debited_again"),
    [("pm_usBankAccount_insufficientFunds", True), ("pm_usBankAccount_accountClosed", False)],
)
def test_failure_that_stays_ends_the_mandate(
    standin, new_payment, save_bank, pay, token, is_debited_again
):
    bank = save_bank(token)
    pay(new_payment(), bank)
    standin.settle()

    if is_debited_again:
        assert pay(new_payment(), bank).status == "processing"
    else:
        with pytest.raises(stripe.InvalidRequestError, match="requires a mandate"):
            pay(new_payment(), bank)


def test_dispute_of_a_debit_is_lost_at_once_and_ends_the_mandate(
    standin, client, new_payment, save_bank, pay
):
    bank = save_bank("pm_usBankAccount_dispute")
    pay(new_payment(), bank)

    standin.settle()

    (dispute,) = client.disputes.list().data
    kinds = [event.type for event in client.events.list({"limit": 100}).data]
    assert (dispute.status, dispute.evidence_details.due_by) == ("lost", None)
    assert [one.amount for one in dispute.balance_transactions] == [-12345]
    assert "charge.dispute.closed" in kinds
    with pytest.raises(stripe.InvalidRequestError, match="requires a mandate"):
        pay(new_payment(), bank)


def test_mandate_can_be_looked_up(client, customer):
    setup = client.setup_intents.create({"customer": customer.id})
    accepted = {"customer_acceptance": {"type": "offline", "offline": {}}}
    done = {"payment_method": "pm_usBankAccount_success", "mandate_data": accepted}

    setup = client.setup_intents.confirm(setup.id, done | {"return_url": "https://x.example"})

    mandate = client.mandates.retrieve(setup.mandate)
    assert (mandate.status, mandate.payment_method) == ("active", setup.payment_method)


def test_account_chosen_in_the_fields_is_saved_with_its_mandate(ask, client, customer):
    setup = client.setup_intents.create({"customer": customer.id})
    chosen = {
        "client_secret": setup.client_secret,
        "use_stripe_sdk": "true",
        "payment_method_data[type]": "us_bank_account",
        "payment_method_data[us_bank_account][account_number]": "000123456789",
        "payment_method_data[us_bank_account][routing_number]": "110000000",
        "payment_method_data[billing_details][name]": "Ana Admin",
        "payment_method_data[billing_details][email]": "ana@aurora.example",
        "mandate_data[customer_acceptance][type]": "online",
        "mandate_data[customer_acceptance][online][infer_from_client]": "true",
    }

    answer = ask("POST", f"/v1/setup_intents/{setup.id}/confirm", chosen)

    (saved,) = client.customers.payment_methods.list(customer.id).data
    bank = saved.us_bank_account
    assert json.loads(answer.text)["status"] == "succeeded"
    assert (bank.last4, bank.bank_name) == ("6789", "STRIPE TEST BANK")
