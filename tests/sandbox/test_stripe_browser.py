"""What Stripe.js and a browser ask of the stand-in; the card fields' own test drives a browser."""

import json
import urllib.parse

import pytest

BACK = "https://portal.example/customer/card/"


def typed(intent, number):
    """Return what the card fields send when they confirm."""
    return {
        "client_secret": intent.client_secret,
        "use_stripe_sdk": "true",
        "payment_method_data[type]": "card",
        "payment_method_data[card][number]": number,
        "payment_method_data[card][exp_month]": "12",
        "payment_method_data[card][exp_year]": "40",
        "payment_method_data[card][cvc]": "123",
        "payment_method_data[billing_details][address][postal_code]": "02210",
    }


@pytest.mark.parametrize("path", ["/v3/", "/endive/stripe.js", "/fields", "/challenge?intent=x"])
def test_pages_and_scripts_are_served(ask, path):
    assert ask("GET", path).status == 200


def test_typed_card_is_saved_with_the_secret_of_the_setup_intent(ask, client, customer):
    setup = client.setup_intents.create({"customer": customer.id})

    answer = ask(
        "POST", f"/v1/setup_intents/{setup.id}/confirm", typed(setup, "4242 4242 4242 4242")
    )

    (saved,) = client.customers.payment_methods.list(customer.id).data
    assert json.loads(answer.text)["status"] == "succeeded"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (saved.card.last4, saved.billing_details.address.postal_code) == ("4242", "02210")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"payment_method_data[card][number]": "4242424242424241"}, "incorrect_number"),
        ({"payment_method_data[card][exp_year]": "20"}, "invalid_expiry_year"),
        ({"payment_method_data[card][exp_month]": "13"}, "invalid_expiry_month"),
        ({"payment_method_data[card][cvc]": "1"}, "invalid_cvc"),
    ],
)
def test_mistyped_card_is_told_field_by_field(ask, client, customer, wrong, code):
    setup = client.setup_intents.create({"customer": customer.id})

    answer = ask(
        "POST",
        f"/v1/setup_intents/{setup.id}/confirm",
        typed(setup, "4242424242424242") | wrong,
    )

    error = json.loads(answer.text)["error"]
    assert (answer.status, error["type"], error["code"]) == (402, "card_error", code)


@pytest.mark.parametrize(
    ("result", "status", "charged"),
    [("complete", "succeeded", [12345]), ("fail", "requires_payment_method", [])],
)
def test_holder_answers_in_the_frame_over_the_page(
    standin, ask, client, new_payment, result, status, charged
):
    payment = new_payment()
    ask("POST", f"/v1/payment_intents/{payment.id}/confirm", typed(payment, "4000002760003184"))
    waiting = client.payment_intents.retrieve(payment.id)

    answer = ask("POST", "/challenge", {"intent": payment.id, "result": result}, headers={})

    assert waiting.next_action.type == "use_stripe_sdk"
    assert (answer.status, answer.headers["Location"]) == (303, "/done")
    assert client.payment_intents.retrieve(payment.id).status == status
    assert standin.charges() == charged


def test_holder_answers_on_the_banks_page_and_comes_back(ask, client, new_payment):
    payment = client.payment_intents.confirm(
        new_payment().id,
        {"payment_method": "pm_card_authenticationRequired", "return_url": BACK},
    )

    url = urllib.parse.urlsplit(payment.next_action.redirect_to_url.url)
    form = dict(urllib.parse.parse_qsl(url.query)) | {"result": "complete"}
    answer = ask("POST", url.path, form, headers={})

    back = urllib.parse.urlsplit(answer.headers["Location"])
    assert back.geturl().startswith(BACK)
    assert dict(urllib.parse.parse_qsl(back.query)) == {
        "payment_intent": payment.id,
        "payment_intent_client_secret": payment.client_secret,
        "redirect_status": "succeeded",
    }


def test_secret_does_not_open_another_intent(ask, new_payment):
    one, other = new_payment(), new_payment()

    answer = ask("POST", f"/v1/payment_intents/{one.id}/confirm", typed(other, "4242424242424242"))

    assert json.loads(answer.text)["error"]["param"] == "client_secret"


def test_other_sites_cannot_use_the_controls(ask):
    answer = ask("POST", "/_test/calls", headers={})

    assert "Access-Control-Allow-Origin" not in answer.headers
