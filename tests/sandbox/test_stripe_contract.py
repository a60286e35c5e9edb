"""What the portal relies on, asked of the stand-in and, given a test key, of Stripe itself.

With STRIPE_CONTRACT_KEY in the environment (a secret test key, sk_test_…) every check runs twice,
so that the stand-in cannot drift from the API it stands for.
"""

import os
import uuid

import pytest
import stripe

from accuconf.sandbox.stripe import serve

CONTRACT_KEY = os.environ.get("STRIPE_CONTRACT_KEY")
NO_REDIRECTS = {"enabled": True, "allow_redirects": "never"}
BANK = ["us_bank_account"]
MANDATE = {"customer_acceptance": {"type": "offline", "offline": {}}}


@pytest.fixture(scope="module", params=["stand-in", "stripe"] if CONTRACT_KEY else ["stand-in"])
def api(request, connected_to):
    if request.param == "stripe":
        with connected_to(stripe.DEFAULT_API_BASE, key=CONTRACT_KEY, timeout=30) as client:
            yield client
    else:
        with serve() as standin, connected_to(standin.url) as client:
            yield client


@pytest.fixture
def customer(api):
    made = api.customers.create({"name": "Contract test"})
    yield made.id
    api.customers.delete(made.id)


@pytest.fixture
def saved(api, customer):
    def save(token):
        return api.payment_methods.attach(token, {"customer": customer}).id

    return save


@pytest.fixture
def payment(api, customer):
    """An unconfirmed payment intent."""
    return api.payment_intents.create(
        {
            "amount": 12345,
            "currency": "usd",
            "customer": customer,
            "automatic_payment_methods": NO_REDIRECTS,
            "metadata": {"bill": "7"},
        }
    )


def confirm(api, payment, card, **options):
    params = {"payment_method": card, "off_session": True}
    return api.payment_intents.confirm(payment.id, params, options)


def test_payment_is_made_unconfirmed_then_confirmed(api, payment, saved):
    paid = confirm(api, payment, saved("pm_card_visa"))

    charge = api.charges.retrieve(paid.latest_charge)
    assert (payment.status, payment.latest_charge) == ("requires_payment_method", None)
    assert (paid.status, paid.amount_received) == ("succeeded", 12345)
    assert (charge.paid, charge.amount, charge.metadata.bill) == (True, 12345, "7")


def test_paid_payment_cannot_be_confirmed_or_cancelled(api, payment, saved):
    card = saved("pm_card_visa")
    confirm(api, payment, card)

    with pytest.raises(stripe.InvalidRequestError) as confirmed:
        confirm(api, payment, card)
    with pytest.raises(stripe.InvalidRequestError) as cancelled:
        api.payment_intents.cancel(payment.id)

    assert confirmed.value.code == "payment_intent_unexpected_state"
    assert confirmed.value.error.payment_intent.status == "succeeded"
    assert cancelled.value.code == "payment_intent_unexpected_state"


def test_declined_payment_keeps_the_failure_and_takes_another_card(api, payment, saved):
    with pytest.raises(stripe.CardError) as declined:
        confirm(api, payment, saved("pm_card_chargeCustomerFail"))
    failed = api.payment_intents.retrieve(payment.id)

    paid = confirm(api, payment, saved("pm_card_visa"))

    assert declined.value.code == "card_declined"
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.decline_code == "generic_decline"
    assert failed.last_payment_error.charge == failed.latest_charge
    assert paid.status == "succeeded"


def test_bank_that_wants_its_holder_refuses_off_session(api, payment, saved):
    with pytest.raises(stripe.CardError) as declined:
        confirm(api, payment, saved("pm_card_authenticationRequired"))

    error = declined.value.error
    assert (error.code, error.decline_code) == ("authentication_required",) * 2
    assert error.payment_intent.status == "requires_payment_method"


def test_key_replays_success_and_decline_and_refuses_other_parameters(api, payment, saved):
    key, bad, good = str(uuid.uuid4()), saved("pm_card_chargeCustomerFail"), saved("pm_card_visa")
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            confirm(api, payment, bad, idempotency_key=key)
    with pytest.raises(stripe.IdempotencyError):
        confirm(api, payment, good, idempotency_key=key)

    first = confirm(api, payment, good, idempotency_key=key + "-2")
    again = confirm(api, payment, good, idempotency_key=key + "-2")

    charges = api.charges.list({"payment_intent": payment.id}).data
    assert declined.value.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert first.latest_charge == again.latest_charge
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_list_shows_a_payment_at_once(api, customer, payment):
    found = api.payment_intents.list({"customer": customer}).data

    assert [listed.id for listed in found] == [payment.id]


def test_cancelled_payment_cannot_be_confirmed(api, payment, saved):
    cancelled = api.payment_intents.cancel(payment.id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        confirm(api, payment, saved("pm_card_visa"))

    assert cancelled.status == "canceled"
    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"descripton": "typo"}, "parameter_unknown"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported"),
        ({"customer": "cus_nobody"}, "resource_missing"),
        ({"amount": 1}, "amount_too_small"),
    ],
)
def test_wrong_parameters_are_refused(api, wrong, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.payment_intents.create({"amount": 5000, "currency": "usd", **wrong})

    assert refused.value.code == code


def test_server_must_give_a_return_url_where_redirects_are_allowed(api, saved, customer):
    payment = api.payment_intents.create({"amount": 5000, "currency": "usd", "customer": customer})

    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        confirm(api, payment, saved("pm_card_visa"))


def test_setup_intent_saves_a_card_that_can_be_charged(api, customer, payment):
    setup = api.setup_intents.create(
        {
            "customer": customer,
            "payment_method": "pm_card_visa",
            "usage": "off_session",
            "confirm": True,
            "automatic_payment_methods": NO_REDIRECTS,
        }
    )

    saved = api.customers.payment_methods.list(customer).data
    assert (setup.status, [method.id for method in saved]) == ("succeeded", [setup.payment_method])
    assert confirm(api, payment, setup.payment_method).status == "succeeded"


def test_bad_card_and_card_number_are_not_saved(api, saved):
    number = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040}

    with pytest.raises(stripe.CardError) as declined:
        saved("pm_card_visa_chargeDeclined")
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        api.payment_methods.create({"type": "card", "card": number})

    assert declined.value.code == "card_declined"


def test_detached_card_may_not_be_used_again(api, saved):
    card = saved("pm_card_visa")
    api.payment_methods.detach(card)

    with pytest.raises(stripe.InvalidRequestError):
        saved(card)
    with pytest.raises(stripe.InvalidRequestError):
        api.payment_methods.detach(card)


def test_refund_cannot_exceed_the_charge(api, payment, saved):
    charge = confirm(api, payment, saved("pm_card_visa")).latest_charge
    part = api.refunds.create({"charge": charge, "amount": 2345})

    with pytest.raises(stripe.InvalidRequestError) as too_much:
        api.refunds.create({"charge": charge, "amount": 10001})
    api.refunds.create({"payment_intent": payment.id})
    with pytest.raises(stripe.InvalidRequestError) as again:
        api.refunds.create({"charge": charge})

    assert part.status == "succeeded"
    assert too_much.value.param == "amount"
    assert again.value.code == "charge_already_refunded"
    assert api.charges.retrieve(charge).refunded


def test_bank_account_is_debited_by_its_mandate_alone(api, customer, payment):
    """Of a saved bank account nothing is asked again; the debit is under way for days."""
    bank = {"payment_method": "pm_usBankAccount_success", "mandate_data": MANDATE}
    setup = api.setup_intents.create({"customer": customer, "allowed_payment_method_types": BANK})

    saved = api.setup_intents.confirm(setup.id, bank)
    paid = confirm(api, payment, saved.payment_method)

    assert (saved.status, paid.status) == ("succeeded", "processing")
    assert paid.latest_charge.startswith("py_")


def test_bank_account_is_not_debited_without_a_mandate(api, payment, saved):
    with pytest.raises(stripe.InvalidRequestError, match="mandate"):
        confirm(api, payment, saved("pm_usBankAccount_success"))
