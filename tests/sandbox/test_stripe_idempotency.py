"""Idempotency keys in the stand-in work as Stripe documents them."""

import threading
import time

import pytest
import stripe

DAY = 24 * 60 * 60


def create(client, key, amount=5000):
    params = {"amount": amount, "currency": "usd"}
    return client.payment_intents.create(params, {"idempotency_key": key})


def test_same_key_gives_the_first_answer_again(standin, client):
    first = create(client, "bill-7")

    again = create(client, "bill-7")

    headers = again.last_response.headers
    assert again.id == first.id
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.headers["Original-Request"]
    assert len(standin.objects("payment_intent")) == 1
    assert [call["replayed"] for call in standin.calls()] == [False, True]


def test_decline_is_given_again_too_and_the_card_is_not_tried_twice(
    standin, new_payment, save_card, pay
):
    payment, card = new_payment(), save_card("pm_card_chargeCustomerFail")
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            pay(payment, card, key="bill-7-try-1")

    assert declined.value.headers["Idempotent-Replayed"] == "true"
    assert len(standin.objects("charge")) == 1


def test_new_key_tries_the_card_again(standin, new_payment, save_card, pay):
    payment, card = new_payment(), save_card("pm_card_chargeCustomerFail")
    for attempt in range(2):
        with pytest.raises(stripe.CardError):
            pay(payment, card, key=f"bill-7-try-{attempt}")

    assert len(standin.objects("charge")) == 2


def test_key_of_another_request_is_an_idempotency_error(standin, client):
    create(client, "bill-7", amount=5000)

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        create(client, "bill-7", amount=6000)
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.customers.create({}, {"idempotency_key": "bill-7"})

    assert len(standin.objects("payment_intent")) == 1


def test_key_is_forgotten_after_a_day(standin, client):
    first = create(client, "bill-7")
    standin.advance(DAY - 60)
    same = create(client, "bill-7")
    standin.advance(120)

    other = create(client, "bill-7")

    assert first.id == same.id
    assert other.id != first.id


def test_error_after_the_work_was_done_is_kept(standin, client):
    standin.fault("POST", "/v1/payment_intents$", "status_after", status=500)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(client, "bill-7")

    assert len(standin.objects("payment_intent")) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(500, stripe.APIError), (429, stripe.RateLimitError)]
)
def test_error_before_the_work_began_is_not_kept(standin, client, status, error):
    standin.fault("POST", "/v1/payment_intents$", "status", status=status)
    with pytest.raises(error):
        create(client, "bill-7")

    assert create(client, "bill-7").status == "requires_payment_method"


def test_bad_parameters_do_not_use_up_the_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.payment_intents.create({"currency": "usd"}, {"idempotency_key": "bill-7"})

    assert create(client, "bill-7").amount == 5000


def test_second_call_while_the_first_is_under_way_is_a_conflict(standin, client, connected):
    standin.fault("POST", "/v1/payment_intents$", "slow", seconds=0.5)

    def call_slowly():
        with connected() as slow_client:
            answers.append(create(slow_client, "bill-7"))

    answers = []
    slow = threading.Thread(target=call_slowly)
    slow.start()
    while not standin.calls():
        time.sleep(0.01)
    with pytest.raises(stripe.APIError) as conflict:
        create(client, "bill-7")
    slow.join()

    assert conflict.value.http_status == 409
    assert conflict.value.error.code == "idempotency_key_in_use"
    assert create(client, "bill-7").id == answers[0].id


def test_many_at_once_with_one_key_charge_once(standin, connected, new_payment, save_card):
    payment, card = new_payment(), save_card()

    def confirm():
        with connected(retries=2) as own:
            params = {"payment_method": card, "off_session": True}
            own.payment_intents.confirm(payment.id, params, {"idempotency_key": "bill-7-try-1"})

    workers = [threading.Thread(target=confirm) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert standin.charges() == [12345]
