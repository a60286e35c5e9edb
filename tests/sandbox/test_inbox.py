"""The sandbox's inbox: what was sent is kept whole and can be read."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accuconf.sandbox import inbox, letters

PDF = b"%PDF-1.7\r\n" + bytes(range(256))


def letter(*, to="ana@aurora.example", **fields):
    message = EmailMultiAlternatives("Your bill é", "In words", "bills@meridian.example", [to])
    message.attach_alternative("<p style='color: red'>In colour</p>", "text/html")
    message.attach("bill.pdf", PDF, "application/pdf")
    for name, value in fields.items():
        setattr(message, name, value)
    return message


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "inbox"


@pytest.fixture
def browser():
    return Client()


@pytest.fixture
def kept(smtp, folder):
    """A letter in the folder, as its server writes it, and its name."""
    smtp.keep = inbox.into_folder(folder)
    letter(bcc=["blind@aurora.example"]).send()
    return letters.newest()[0]


def test_a_letter_is_kept_whole(kept):
    said = (kept.subject, kept.recipients, kept.body("plain").strip())

    assert said == ("Your bill é", "ana@aurora.example, blind@aurora.example", "In words")
    assert [file.get_payload(decode=True) for file in kept.attachments] == [PDF]


def test_letters_are_listed_newest_first(smtp, folder):
    smtp.keep = inbox.into_folder(folder)
    for to in ("first@aurora.example", "second@aurora.example"):
        letter(to=to).send()

    recipients = [each.recipients for each in letters.newest()]

    assert recipients == ["second@aurora.example", "first@aurora.example"]


def test_the_empty_inbox_says_so(browser, folder):
    assert "No letters yet" in browser.get("/sandbox/inbox/").text


def test_a_letter_is_read_in_the_browser(browser, kept):
    address = f"/sandbox/inbox/{kept.name}/"

    pages = [browser.get(path) for path in ("/sandbox/inbox/", address, address + "html/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "In words" in pages[1].text
    assert ">bill.pdf</a>" in pages[1].text
    assert "style-src 'unsafe-inline'" in pages[2]["Content-Security-Policy"]


def test_an_attachment_is_opened_byte_for_byte(browser, kept):
    answer = browser.get(f"/sandbox/inbox/{kept.name}/0/")

    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")


@pytest.mark.parametrize("path", ["nothing/", "..%2F..%2Fx/", "{name}/1/"])
def test_what_is_not_there_is_not_found(browser, kept, path):
    assert browser.get(f"/sandbox/inbox/{path.format(name=kept.name)}").status_code == 404


def test_a_refused_recipient_is_told_to_the_sender(smtp):
    smtp.refuse("ana@aurora.example")

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        letter().send()

    assert smtp.messages == []


def test_a_greylisted_letter_gets_through_the_second_time(smtp):
    smtp.greylist()
    with pytest.raises(smtplib.SMTPDataError):
        letter().send()

    letter().send()

    assert len(smtp.messages) == 1


@pytest.mark.parametrize(("fault", "kept"), [("drop", 0), ("lose_answer", 1)])
def test_a_connection_breaks_before_or_after_the_letter_is_kept(smtp, fault, kept):
    getattr(smtp, fault)()

    with pytest.raises(smtplib.SMTPServerDisconnected):
        letter().send()

    assert len(smtp.messages) == kept


def test_each_step_can_be_watched(smtp):
    steps = []
    smtp.watch = steps.append

    letter().send()

    assert steps == ["EHLO", "MAIL", "RCPT", "DATA", "KEPT", "QUIT"]


def test_it_runs_by_itself_until_it_is_told_to_stop(settings, folder):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = inbox.free_port()
    command = [sys.executable, "-m", "accuconf.sandbox.inbox"]
    command += ["--port", str(settings.EMAIL_PORT), "--folder", str(folder)]
    with subprocess.Popen(command, env=dict(os.environ)) as process:
        wait_for(settings.EMAIL_PORT)
        letter().send()
        process.send_signal(signal.SIGTERM)

    assert (process.returncode, len(letters.newest())) == (0, 1)


def wait_for(port):
    for _ in range(200):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)
