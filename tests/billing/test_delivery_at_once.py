"""E-bills sent by several sweeps at once, or by one that is killed: each arrives, once."""

import datetime as dt
import os
import signal
import time

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from accounts.services import post
from accounts.services.post import LEASE
from tests import make
from tests.billing.deliveries import NOW, SENT, queued_bill, send, states
from tests.children import fork, run_together, wait

SECOND = dt.timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("files")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_talking_to_the_mail_server(account, admin, smtp, monkeypatch):
    queued_bill(account)
    within, send_messages = [], EmailBackend.send_messages

    def noting(self, letters):
        within.append(connection.in_atomic_block)
        return send_messages(self, letters)

    monkeypatch.setattr(EmailBackend, "send_messages", noting)

    send()

    assert within == [False]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_each_letter_once(account, smtp):
    for number in range(6):
        make.user(account=account, role="billing", email=f"reader{number}@aurora.example")
    bill = queued_bill(account)

    run_together(*[send] * 3)

    assert len(smtp.messages) == 6
    assert set(states(bill).values()) == {SENT}


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_sweeps_send_twice(account, admin, smtp, monkeypatch):
    """The control."""
    queued_bill(account)
    monkeypatch.setattr(post, "_claimed", unclaimed)

    run_together(*[send] * 3)

    assert len(smtp.messages) > 1


def unclaimed(letters, pk, *, now):
    return letters.get(pk=pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "KEPT", "QUIT"])
def test_killed_while_sending_the_next_sweep_finishes(account, admin, biller, smtp, step):
    bill = queued_bill(account)
    hold, go = os.pipe()
    child = fork(lambda: os.read(hold, 1) and send())
    smtp.watch = killing(child, step)
    os.write(go, b"!")
    assert wait(child) == -signal.SIGKILL
    smtp.watch = lambda step: None

    send(NOW + LEASE + SECOND * 5)

    assert states(bill) == {admin.email: SENT, biller.email: SENT}
    sent = {letter["Message-ID"] for letter in smtp.messages}
    assert sent == set(bill.deliveries.values_list("message_id", flat=True))
    assert len(smtp.messages) == (3 if step in {"DATA", "KEPT"} else 2)


def killing(child, step):
    """Return a watch that kills the process `child` the first time the server is at `step`."""
    steps = []

    def watch(now_at):
        if now_at == step and step not in steps:
            steps.append(step)
            os.kill(child, signal.SIGKILL)
            time.sleep(0.2)  # so that the server too finds it gone

    return watch
