"""A word of one account is never seen by another, in whatever leaves the portal.

Pages and their headers are looked through with every answer (asking.py); here are the files, the
letters, and the control that a leak would be seen.
"""

import io

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import send_due_letters
from billing.models import BillDocument
from billing.services.delivery import queue_deliveries, send_due_deliveries
from billing.services.documents import make_document
from tests.access import world as worlds
from tests.access.asking import ask, difference
from tests.access.table import PAGE, ROUTES
from tests.access.visitors import everybody
from tests.access.world import AWAY, CANARIES, HOME
from tests.pages import sign_in
from users.services import people


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = worlds.build()
    for side in (world.home, world.away):
        make_document(BillDocument.objects.get(bill=side.bill), now=timezone.now())
        make_document(side.credit_note.document, now=timezone.now())
    return world


@pytest.fixture
def sides(world):
    """Each account with its own words, and those that only the other may see."""
    return [
        (world.home, CANARIES[HOME], CANARIES[AWAY]),
        (world.away, CANARIES[AWAY], CANARIES[HOME]),
    ]


def assert_holds(text, own, others):
    assert own[0].casefold() in text.casefold()
    assert [word for word in others if word.casefold() in text.casefold()] == []


@pytest.mark.parametrize("name", ["bill", "credit_note"])
def test_pdf_holds_only_the_own_account(client, sides, name):
    for side, own, others in sides:
        sign_in(client, side.admin)
        number = getattr(side, name).number
        response = client.get(reverse(f"billing:{name}_pdf", args=[number]))
        pages = PdfReader(io.BytesIO(b"".join(response))).pages

        assert_holds("".join(page.extract_text() for page in pages), own, others)


@pytest.mark.parametrize("name", ["statement_pdf", "receipt_pdf"])
def test_pdf_of_the_books_holds_only_the_own_account(client, sides, name):
    for side, own, others in sides:
        arguments = [side.payment.pk] if name == "receipt_pdf" else []
        sign_in(client, side.admin)
        response = client.get(reverse(f"billing:{name}", args=arguments))
        pages = PdfReader(io.BytesIO(b"".join(response))).pages

        assert_holds("".join(page.extract_text() for page in pages), own, others)


def test_csv_of_unbilled_calls_holds_only_the_own_account(client, sides):
    for side, own, others in sides:
        sign_in(client, side.admin)
        response = client.get(reverse("billing:unbilled_csv"))

        assert_holds(b"".join(response).decode(), own, others)


def test_csv_of_the_log_holds_only_the_own_account(client, sides):
    for side, own, _others in sides:
        by = Actor(user=side.admin)
        record("changed", f"{own[0]} thing", by=by, now=timezone.now(), account=side.account)
    for side, own, others in sides:
        sign_in(client, side.admin)
        response = client.get(reverse("accounts:log_export"))

        assert_holds(b"".join(response).decode(), own, others)


def test_letters_tell_only_of_the_own_account(sides):
    now = timezone.now()
    for side, own, _others in sides:
        by = Actor(user=side.admin)
        people.add_user(
            side.account,
            email="the.same@address.example",
            name=f"{own[0]} Newcomer",
            time_zone="UTC",
            by=by,
            now=now,
        )
        people.disable_user(side.colleague, by=by, now=now)
    list(send_due_letters(now=now))
    by_account = {own[0]: others for _side, own, others in sides}

    told = [str(letter.message()) for letter in mail.outbox]

    assert len(told) == 12
    for text in told:
        (own,) = [word for word in by_account if word.casefold() in text.casefold()]
        assert_holds(text, [own], by_account[own])


def test_e_bill_goes_to_the_own_account_and_tells_only_of_it(sides):
    for side, _own, _others in sides:
        side.bill.deliveries.all().delete()
        queue_deliveries(side.bill, now=timezone.now())
    list(send_due_deliveries(now=timezone.now()))

    for letter in mail.outbox:
        ((_, own, others),) = [one for one in sides if one[1][0].lower() in letter.to[0]]
        assert_holds(f"{letter.subject} {letter.body} {letter.alternatives}", own, others)


def test_a_leak_in_a_page_or_a_header_would_be_seen(world):
    """The control."""
    admin = everybody(world, ["admin"])["admin"]
    response = ask(admin.client(), "GET", reverse("home"))
    assert difference(response, PAGE, admin, ROUTES["home"]) == ""

    response["X-Company"] = f"{CANARIES[AWAY][0]} Company"

    assert difference(response, PAGE, admin, ROUTES["home"]) == f"shows {CANARIES[AWAY][0]}"
