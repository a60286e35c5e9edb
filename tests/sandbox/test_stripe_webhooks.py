"""Webhooks are signed as Stripe signs them, and may come late, twice, shuffled or not at all."""

import http.server
import threading
from types import SimpleNamespace

import pytest
import stripe


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent and answers with the next of the statuses it was given."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def mailbox(standin):
    """An endpoint with the stand-in's webhooks coming in."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    server.received, server.statuses = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/stripe/webhook"
    secret = standin.send_webhooks_to(url)

    def events():
        standin.wait_for_webhooks()
        return [stripe.Webhook.construct_event(*letter, secret) for letter in server.received]

    yield SimpleNamespace(url=url, secret=secret, events=events, server=server)
    standin.reset()
    server.shutdown()
    thread.join()
    server.server_close()


def kinds(events):
    return [event.type for event in events]


def test_webhook_is_signed_and_tells_what_happened(mailbox, client):
    customer = client.customers.create({"name": "Acme"}, {"idempotency_key": "acme"})

    (event,) = mailbox.events()

    assert (event.type, event.data.object.id) == ("customer.created", customer.id)
    assert event.request.idempotency_key == "acme"
    assert event.api_version == stripe.api_version


def test_webhook_with_another_secret_or_body_is_forged(mailbox, client):
    client.customers.create({})
    mailbox.events()
    body, signature = mailbox.server.received[0]

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, mailbox.secret)


def test_payment_tells_its_whole_story(mailbox, new_payment, save_card, pay):
    pay(new_payment(), save_card())

    assert kinds(mailbox.events()) == [
        "customer.created",
        "payment_intent.created",
        "payment_method.attached",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_refused_webhook_comes_again(standin, mailbox, client):
    mailbox.server.statuses = [500]
    client.customers.create({})
    while len(standin.deliveries()) < 2:
        standin.wait_for_webhooks()

    tries = [(entry["attempt"], entry["outcome"]) for entry in standin.deliveries()]

    assert tries == [(1, 500), (2, 200)]
    assert len({event.id for event in mailbox.events()}) == 1


def test_held_webhooks_come_late_twice_and_backwards(standin, mailbox, client):
    standin.hold_webhooks()
    customer = client.customers.create({})
    client.customers.update(customer.id, {"name": "Acme"})
    early = mailbox.events()

    standin.flush_webhooks(reverse=True, copies=2)

    assert early == []
    assert kinds(mailbox.events()) == ["customer.updated", "customer.created"] * 2


def test_lost_webhook_never_comes_unless_sent_again(standin, mailbox, client):
    standin.hold_webhooks()
    client.customers.create({})
    lost = standin.drop_webhooks()
    standin.flush_webhooks()
    nothing = mailbox.events()

    standin.resend_webhook(client.events.list().data[0].id)

    assert (lost, nothing) == (1, [])
    assert kinds(mailbox.events()) == ["customer.created"]


def test_every_webhook_can_come_more_than_once(standin, mailbox, client):
    standin.repeat_webhooks(3)

    client.customers.create({})

    assert kinds(mailbox.events()) == ["customer.created"] * 3


def test_endpoint_gets_the_events_it_asked_for(standin, mailbox, client):
    standin.send_webhooks_to(mailbox.url, secret=mailbox.secret, events=["customer.deleted"])
    customer = client.customers.create({})

    client.customers.delete(customer.id)

    assert kinds(mailbox.events()) == ["customer.deleted"]


def test_secret_of_an_endpoint_is_shown_once(client):
    made = client.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"]}
    )

    shown = client.webhook_endpoints.retrieve(made.id)

    assert made.secret.startswith("whsec_")
    assert "secret" not in shown


def test_webhooks_never_leave_this_machine(client):
    with pytest.raises(stripe.InvalidRequestError, match="on this machine only"):
        client.webhook_endpoints.create(
            {"url": "http://portal.example/hook", "enabled_events": ["*"]}
        )
