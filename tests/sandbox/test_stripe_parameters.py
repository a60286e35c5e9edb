"""What the pinned library or its API version does not know is refused, and so are wrong keys."""

import pytest
import stripe

PAYMENT = {"amount": 5000, "currency": "usd"}
OBJECTS = {
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "webhook_endpoint": stripe.WebhookEndpoint,
}


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"descripton": "typo"}, "descripton", "parameter_unknown"),
        (
            {"automatic_payment_methods": {"enabled": True, "redirects": "no"}},
            "automatic_payment_methods[redirects]",
            "parameter_unknown",
        ),
        ({"amount": "12.50"}, "amount", "parameter_invalid_integer"),
        ({"amount": 49}, "amount", "amount_too_small"),
        ({"confirm": "perhaps"}, "confirm", None),
        ({"setup_future_usage": "sometimes"}, "setup_future_usage", None),
        ({"metadata": "not a mapping"}, "metadata", None),
        ({"off_session": "perhaps", "confirm": True}, "off_session", None),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        ),
        ({"metadata": {"note": "x" * 501}}, "metadata[note]", None),
        ({"customer": "cus_nobody"}, "customer", "resource_missing"),
        ({"transfer_group": "known to Stripe, not played here"}, "transfer_group", None),
    ],
)
def test_wrong_parameter_is_named(standin, client, params, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.create({**PAYMENT, **params})

    assert (refused.value.param, refused.value.code) == (param, code)
    assert standin.objects("payment_intent") == []


def test_missing_parameter_is_named(client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.create({"amount": 5000})

    assert (refused.value.param, refused.value.code) == ("currency", "parameter_missing")


def test_unknown_object_is_missing(client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.retrieve("pi_nothing")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_unknown_expansion_is_refused(client, new_payment):
    payment = new_payment()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.payment_intents.retrieve(payment.id, {"expand": ["colour"]})


@pytest.mark.parametrize("key", ["sk_live_real", "nonsense"])
def test_key_that_is_no_test_key_is_refused(connected, key):
    with connected(key=key) as stranger, pytest.raises(stripe.AuthenticationError):
        stranger.customers.list()


def test_publishable_key_reads_and_changes_nothing(browser, customer, new_payment):
    payment = new_payment()

    with pytest.raises(stripe.AuthenticationError) as listing:
        browser.customers.list()
    with pytest.raises(stripe.AuthenticationError):
        browser.payment_intents.create(PAYMENT)
    with pytest.raises(stripe.AuthenticationError):
        browser.customers.delete(customer.id)
    with pytest.raises(stripe.InvalidRequestError, match="client_secret"):
        browser.payment_intents.retrieve(payment.id, {"client_secret": "pi_guessed_secret_x"})

    assert listing.value.error.code == "secret_key_required"


def test_card_number_is_refused_from_a_server(client, browser):
    typed = {
        "type": "card",
        "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
    }

    with pytest.raises(stripe.CardError, match="generally unsafe"):
        client.payment_methods.create(typed)

    assert browser.payment_methods.create(typed).card.last4 == "4242"


def test_other_api_version_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client.customers.list({}, {"stripe_version": "2020-08-27"})


def test_every_object_has_the_fields_that_the_library_promises(
    standin, client, customer, new_payment, save_card, pay
):
    paid = pay(new_payment(), save_card("pm_card_createDispute"))
    client.setup_intents.create({"customer": customer.id})
    standin.close_dispute(standin.objects("dispute")[0]["id"], "won")
    client.refunds.create({"charge": paid.latest_charge})
    standin.send_webhooks_to("http://127.0.0.1:9/")

    for noun, kind in OBJECTS.items():
        (newest, *_) = reversed(standin.objects(noun))
        assert newest.keys() - kind.__annotations__.keys() == set(), noun
        assert promised(kind) - newest.keys() == set(), noun


def promised(kind):
    """Return the fields that an object of the library's class always has, null or not."""
    hints = {name: str(hint) for name, hint in kind.__annotations__.items()}
    return {
        name
        for name, hint in hints.items()
        if "None" not in hint and "Optional" not in hint and not hint.startswith("typing.ClassVar")
    }
