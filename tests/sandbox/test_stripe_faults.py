"""Mishaps that the portal must survive can be ordered from the stand-in."""

import pytest
import stripe

from accuconf.sandbox.stripe.controls import ControlRefused


def test_lost_answer_leaves_the_caller_ignorant_of_a_payment_that_was_made(
    standin, client, new_payment, save_card, pay
):
    payment, card = new_payment(), save_card()
    standin.drop_next_answer("confirm")

    with pytest.raises(stripe.APIConnectionError):
        pay(payment, card)

    assert standin.charges() == [12345]
    assert client.payment_intents.retrieve(payment.id).status == "succeeded"


def test_lost_answer_is_found_by_the_library_asking_again(
    standin, connected, new_payment, save_card
):
    payment, card = new_payment(), save_card()
    standin.drop_next_answer("confirm")

    with connected(retries=2) as patient:
        params = {"payment_method": card, "off_session": True}
        paid = patient.payment_intents.confirm(payment.id, params)

    assert paid.status == "succeeded"
    assert standin.charges() == [12345]


def test_lost_answer_to_create_leaves_a_payment_that_the_list_shows(
    standin, client, customer, new_payment
):
    standin.drop_next_answer("create")

    with pytest.raises(stripe.APIConnectionError):
        new_payment(metadata={"bill": "7"})

    found = client.payment_intents.list({"customer": customer.id}).data
    assert [payment.metadata.bill for payment in found] == ["7"]


def test_lost_request_does_nothing(standin, new_payment, save_card, pay):
    payment, card = new_payment(), save_card()
    standin.fault("POST", "/confirm$", "drop_before")

    with pytest.raises(stripe.APIConnectionError):
        pay(payment, card)

    assert standin.charges() == []
    assert standin.calls()[-1]["fault"] == "drop_before"


def test_late_answer_is_a_timeout_after_the_work_was_done(
    standin, connected, new_payment, save_card
):
    payment, card = new_payment(), save_card()
    standin.fault("POST", "/confirm$", "hang_after", seconds=5)

    with connected(timeout=0.2) as hasty, pytest.raises(stripe.APIConnectionError):
        hasty.payment_intents.confirm(payment.id, {"payment_method": card})

    assert standin.charges() == [12345]


def test_fault_happens_as_often_as_ordered(standin, client):
    standin.fault("GET", "/v1/customers$", "status", times=2, status=503)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.customers.list()

    assert client.customers.list().data == []


def test_unknown_fault_is_refused(standin):
    with pytest.raises(ControlRefused, match="explode"):
        standin.fault("POST", ".", "explode")
