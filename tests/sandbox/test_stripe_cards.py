"""Stripe's test cards do in the stand-in what docs.stripe.com/testing says of them."""

import pytest
import stripe

SAVED_AND_CHARGED = [
    ("pm_card_visa", "visa", "4242", "credit"),
    ("pm_card_visa_debit", "visa", "5556", "debit"),
    ("pm_card_mastercard", "mastercard", "4444", "credit"),
    ("pm_card_amex", "amex", "0005", "credit"),
    ("pm_card_discover", "discover", "1117", "credit"),
]
NEVER_SAVED = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
]


@pytest.mark.parametrize(("token", "brand", "last4", "funding"), SAVED_AND_CHARGED)
def test_good_card_is_saved_and_charged(
    client, new_payment, save_card, pay, token, brand, last4, funding
):
    card = save_card(token)

    paid = pay(new_payment(), card)

    shown = client.payment_methods.retrieve(card).card
    assert paid.status == "succeeded"
    assert (shown.brand, shown.last4, shown.funding) == (brand, last4, funding)


@pytest.mark.parametrize(("token", "code", "decline_code"), NEVER_SAVED)
def test_bad_card_cannot_be_saved(client, customer, save_card, token, code, decline_code):
    with pytest.raises(stripe.CardError) as refused:
        save_card(token)

    assert (refused.value.code, refused.value.error.decline_code) == (code, decline_code)
    assert client.customers.payment_methods.list(customer.id).data == []


@pytest.mark.parametrize(("token", "code", "decline_code"), NEVER_SAVED)
def test_setting_up_a_bad_card_fails_and_the_setup_intent_stays_open(
    client, customer, token, code, decline_code
):
    setup = client.setup_intents.create({"customer": customer.id, "usage": "off_session"})

    with pytest.raises(stripe.CardError) as refused:
        client.setup_intents.confirm(
            setup.id, {"payment_method": token, "return_url": "https://portal.example/"}
        )

    setup = client.setup_intents.retrieve(setup.id)
    assert refused.value.error.decline_code == decline_code
    assert (setup.status, setup.last_setup_error.code) == ("requires_payment_method", code)


def test_card_that_saves_well_may_still_be_declined(new_payment, save_card, pay):
    card = save_card("pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError) as refused:
        pay(new_payment(), card)

    assert refused.value.error.decline_code == "generic_decline"
    assert refused.value.error.payment_intent.status == "requires_payment_method"


def test_saved_card_can_be_turned_bad_and_good_again(standin, new_payment, save_card, pay):
    card, payment = save_card(), new_payment()
    standin.decline(card, "lost_card")
    with pytest.raises(stripe.CardError) as refused:
        pay(payment, card)

    standin.decline(card, None)
    paid = pay(payment, card)

    assert refused.value.error.decline_code == "lost_card"
    assert refused.value.error.advice_code == "do_not_try_again"
    assert refused.value.user_message == "Your card was declined."
    assert paid.status == "succeeded"


def test_card_past_its_last_month_is_declined(standin, client, new_payment, save_card, pay):
    card = save_card()
    client.payment_methods.update(card, {"card": {"exp_month": 1, "exp_year": 2035}})
    standin.advance(20 * 366 * 24 * 3600)

    with pytest.raises(stripe.CardError) as refused:
        pay(new_payment(), card)

    assert refused.value.code == "expired_card"


def test_card_that_always_asks_cannot_be_charged_off_session(new_payment, save_card, pay):
    payment, card = new_payment(), save_card("pm_card_authenticationRequired")

    with pytest.raises(stripe.CardError) as refused:
        pay(payment, card)

    error = refused.value.error
    assert (error.code, error.decline_code) == ("authentication_required",) * 2
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.latest_charge == error.charge


def test_card_that_asks_once_is_charged_off_session_after_it_was_set_up(
    standin, client, customer, new_payment, pay
):
    setup = client.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://portal.example/",
        }
    )
    asked = setup.status
    standin.authenticate(setup.id)

    paid = pay(new_payment(), client.setup_intents.retrieve(setup.id).payment_method)

    assert asked == "requires_action"
    assert paid.status == "succeeded"


def test_holder_who_does_not_authenticate_saves_no_card(standin, client, customer):
    setup = client.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://portal.example/",
        }
    )

    standin.authenticate(setup.id, success=False)

    setup = client.setup_intents.retrieve(setup.id)
    assert setup.status == "requires_payment_method"
    assert setup.last_setup_error.code == "setup_intent_authentication_failure"
    assert client.customers.payment_methods.list(customer.id).data == []


def test_error_on_requires_action_refuses_instead_of_asking(client, new_payment, save_card):
    payment, card = new_payment(), save_card("pm_card_authenticationRequired")

    with pytest.raises(stripe.CardError) as refused:
        client.payment_intents.confirm(
            payment.id, {"payment_method": card, "error_on_requires_action": True}
        )

    assert refused.value.error.decline_code == "authentication_not_handled"


def test_account_updater_changes_a_saved_card(standin, client, save_card):
    card = save_card()

    standin.replace_card(card, last4="1881", exp_year=2040)

    shown = client.payment_methods.retrieve(card).card
    kinds = [event.type for event in client.events.list().data]
    assert (shown.last4, shown.exp_year) == ("1881", 2040)
    assert kinds[0] == "payment_method.automatically_updated"
