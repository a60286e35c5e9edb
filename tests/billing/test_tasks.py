"""The timetable's tasks, on the 1st of a month."""

import datetime as dt

import pytest
import time_machine

from accuconf.celery import app
from billing import tasks
from billing.models import Bill, BillDelivery, BillDocument, Collection
from conferences.models import AccessType
from tests import make

IN_MARCH = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
FIRST_OF_APRIL = dt.datetime(2026, 4, 1, 10, 5, tzinfo=dt.UTC)


@pytest.fixture
def at_once():
    """Let what a task hands out be done at once, in this process."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def test_timetable_names_tasks_that_exist():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()


def test_pdfs_queue_apart_so_that_letters_do_not_wait_behind_them():
    def queue_of(task):
        return app.amqp.router.route({}, task)["queue"].name

    assert queue_of("billing.tasks.make_document") == "documents"
    assert queue_of("billing.tasks.make_credit_note_document") == "documents"
    assert queue_of("accounts.tasks.send_letters") == "celery"
    assert set(app.amqp.queues) == {"celery", "documents"}


@pytest.mark.django_db(transaction=True)
def test_timetable_bills_prints_mails_and_charges(at_once, stripe_standin, smtp):
    account = make.account(plan=make.rate_plan(local="0.10"))
    make.user(account=account, role="admin", email="a@aurora.example", added_at=IN_MARCH)
    make.stripe_card(account)
    make.session(conference=make.conference(account=account), legs=[(6000, AccessType.LOCAL)])

    with time_machine.travel(FIRST_OF_APRIL, tick=False):
        tasks.bill_closed_months()
        tasks.issue_bills()
        tasks.collect_due()
        tasks.send_bills()

    assert [str(bill.month) for bill in Bill.objects.all()] == ["2026-03"]
    assert BillDocument.objects.waiting().count() == 0
    assert [message["X-Envelope-To"] for message in smtp.messages] == ["a@aurora.example"]
    assert BillDelivery.objects.get().state == "sent"
    assert stripe_standin.charges() == [1000]
    assert Collection.objects.get().state == "paid"
