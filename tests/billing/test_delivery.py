"""The e-bill reaches each recipient once, over a real mail server that does not always behave."""

import datetime as dt
import socket
from hashlib import sha256

import pytest

from accounts.services.post import PAUSES
from billing.services.documents import make_document
from tests import make
from tests.billing.deliveries import NOW, REFUSED, SENT, WAITING, queued_bill, send, states

SECOND = dt.timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def bill(account, admin, biller, basic, stranger):
    return queued_bill(account)


def recipients(smtp):
    return sorted(letter["X-Envelope-To"] for letter in smtp.messages)


def test_each_entitled_person_of_the_account_gets_one_letter(bill, admin, biller, smtp):
    send()

    assert recipients(smtp) == [admin.email, biller.email]
    assert states(bill) == {admin.email: SENT, biller.email: SENT}
    assert {letter["To"] for letter in smtp.messages} == {admin.email, biller.email}


def test_who_opted_out_gets_none_while_another_wants_it(account, admin, biller):
    admin.receives_bills = False
    admin.save()

    assert states(queued_bill(account, made=False)) == {biller.email: WAITING}


def test_a_bill_nobody_wants_goes_to_all_who_may_read_it(account, admin, biller):
    for user in (admin, biller):
        user.receives_bills = False
        user.save()

    assert states(queued_bill(account, made=False)) == {
        admin.email: WAITING,
        biller.email: WAITING,
    }


def test_disabled_people_get_none(account, admin, biller):
    biller.is_active = False
    biller.save()

    assert states(queued_bill(account, made=False)) == {admin.email: WAITING}


def test_who_lost_the_right_meanwhile_is_not_sent_the_bill(bill, admin, biller, smtp):
    biller.role = "basic"
    biller.save()

    send()

    assert states(bill) == {admin.email: SENT, biller.email: REFUSED}
    assert recipients(smtp) == [admin.email]


def test_who_opted_out_meanwhile_is_not_sent_the_bill(bill, admin, biller, smtp):
    biller.receives_bills = False
    biller.save()

    send()

    assert states(bill) == {admin.email: SENT, biller.email: REFUSED}
    assert recipients(smtp) == [admin.email]


def test_the_letter_says_what_is_due_and_carries_the_pdf(bill, smtp, settings):
    settings.PORTAL_URL = "https://portal.example"
    send()

    letter = smtp.messages[0]
    text = letter.get_body(("plain",)).get_content()
    page = letter.get_body(("html",)).get_content()
    [attached] = letter.iter_attachments()
    link = f"https://portal.example/customer/bills/{bill.number}/"
    assert letter["Subject"] == f"Bill {bill} for March 2026: $4.90"
    assert letter["From"] == settings.DEFAULT_FROM_EMAIL
    assert letter["Reply-To"] == settings.OPERATOR_EMAIL
    assert letter["Auto-Submitted"] == "auto-generated"
    for body in (text, page):
        assert "Will be charged to Visa •••• 4242 on Apr 1, 2026." in body
        assert link in body
    assert attached.get_filename() == f"bill-{bill}.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert sha256(attached.get_content()).hexdigest() == bill.document.sha256


def test_odd_names_are_written_as_they_are(plan, smtp):
    account = make.account(plan=plan, name="O'Neil & <Söhne>")
    make.user(account=account, role="admin", name='Ana "A" <b>')
    queued_bill(account)

    send()

    [letter] = smtp.messages
    assert 'Hello Ana "A" <b>,' in letter.get_body(("plain",)).get_content()
    assert "O'Neil & <Söhne>" in letter.get_body(("plain",)).get_content()
    assert "O&#x27;Neil &amp; &lt;Söhne&gt;" in letter.get_body(("html",)).get_content()


def test_message_ids_are_our_own_and_one_per_letter(bill, smtp):
    send()

    sent = {letter["Message-ID"] for letter in smtp.messages}
    assert sent == set(bill.deliveries.values_list("message_id", flat=True))
    assert len(sent) == 2
    assert all(message_id.endswith("@localhost>") for message_id in sent)


def test_nothing_is_sent_before_the_pdf_is_made(account, admin, smtp):
    bill = queued_bill(account, made=False)

    assert send() == []

    make_document(bill.document, now=NOW)
    send()
    assert recipients(smtp) == [admin.email]


def test_sending_again_sends_nothing(bill, smtp):
    send()
    send(NOW + dt.timedelta(days=30))

    assert len(smtp.messages) == 2


def test_refused_recipient_does_not_block_another(bill, admin, biller, smtp):
    smtp.refuse(admin.email)

    send()
    send(NOW + dt.timedelta(days=30))

    assert states(bill) == {admin.email: REFUSED, biller.email: SENT}
    refused = bill.deliveries.get(email=admin.email)
    assert (refused.last_error, refused.tries) == ("550 No such mailbox", 1)


def test_what_the_server_has_against_us_can_be_mended(account, admin, smtp):
    async def refuse_sender(server, session, envelope, address, options):
        return "530 Authentication required"

    bill = queued_bill(account)
    smtp.handle_MAIL = refuse_sender

    send()

    assert states(bill) == {admin.email: WAITING}
    assert bill.deliveries.get().last_error == "530 Authentication required"


def test_full_mailbox_is_tried_again(bill, admin, biller, smtp):
    smtp.refuse(admin.email, answer="452 Mailbox full")
    send()
    waiting = bill.deliveries.get(email=admin.email)
    smtp.refused.clear()

    send(waiting.next_try_at - SECOND)
    assert states(bill) == {admin.email: WAITING, biller.email: SENT}
    send(waiting.next_try_at)

    assert waiting.last_error == "452 Mailbox full"
    assert states(bill) == {admin.email: SENT, biller.email: SENT}


def test_greylisted_letters_wait_longer_each_time_and_are_given_up_after_three_days(
    account, admin, smtp
):
    bill = queued_bill(account)
    smtp.greylist(times=100)
    at, pauses = NOW, []

    while states(bill) == {admin.email: WAITING}:
        [tried] = send(at)
        pauses.append(tried.next_try_at - at)
        at = tried.next_try_at

    for pause, planned in zip(pauses, PAUSES, strict=False):
        assert planned <= pause < planned + 5 * SECOND
    assert dt.timedelta(days=2.5) < sum(PAUSES, dt.timedelta()) < dt.timedelta(days=3.5)
    assert states(bill) == {admin.email: REFUSED}
    assert tried.last_error == f"Given up after {len(PAUSES) + 1} tries: 451 Try again later"


def test_dropped_connection_is_opened_anew_for_the_next_letter(bill, smtp):
    smtp.drop()

    send()
    assert sorted(states(bill).values()) == [SENT, WAITING]
    send(NOW + PAUSES[0] + SECOND * 5)

    assert sorted(states(bill).values()) == [SENT, SENT]
    assert len(smtp.messages) == 2


def test_lost_answer_sends_again_under_the_same_message_id(account, admin, smtp):
    queued_bill(account)
    smtp.lose_answer()

    send()
    send(NOW + PAUSES[0] + SECOND * 5)

    first, again = smtp.messages
    assert first["Message-ID"] == again["Message-ID"]


def test_unreachable_mail_server_is_noted_once_and_every_letter_kept(bill, settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", taken.getsockname()[1]
        settings.EMAIL_USE_TLS = False

    [tried] = send()

    assert tried.state == WAITING
    assert "cannot be reached" in tried.last_error
    assert sorted(bill.deliveries.values_list("tries", flat=True)) == [0, 1]


def test_damaged_pdf_is_not_sent(bill, smtp):
    path = bill.document.file.path
    with open(path, "ab") as file:
        file.write(b"%")

    send()

    assert smtp.messages == []
    assert set(states(bill).values()) == {WAITING}
    assert "its hash" in bill.deliveries.first().last_error


def test_all_letters_go_over_one_connection(bill, smtp):
    greetings = []
    smtp.watch = lambda step: greetings.append(step) if step in {"EHLO", "QUIT"} else None

    send()

    assert greetings == ["EHLO", "QUIT"]
