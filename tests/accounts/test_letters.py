"""Letters: queued with what they tell, written when they are sent, and sent once."""

import copy
import datetime as dt

import pytest
from django.core import mail

from accounts import letters
from accounts.letters import NoLongerWanted, from_template
from accounts.models import Letter
from accounts.services.letters import queue_letter, send_due_letters

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
TEMPLATE = "greeting.txt"
WORDS = """{% autoescape off %}Hello {{ reader.name }} & all

You owe {{ amount }}.
Times are in {{ zone }}.

{{ portal_url }}/customer/bills/
{% endautoescape %}"""


@pytest.fixture(autouse=True)
def greeting(settings, monkeypatch):
    """A kind of letter of the test's own."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["APP_DIRS"] = False
    templates[0]["OPTIONS"]["loaders"] = [
        ("django.template.loaders.locmem.Loader", {TEMPLATE: WORDS}),
        "django.template.loaders.filesystem.Loader",
    ]
    settings.TEMPLATES = templates
    monkeypatch.setitem(
        letters.WRITERS,
        "greeting",
        lambda letter: from_template(letter, TEMPLATE, {"zone": letter.user.time_zone}),
    )


def queue(person, *, key="one", amount="$5"):
    queue_letter(
        "greeting", to=person.email, key=key, now=NOW, user=person, facts={"amount": amount}
    )


def send():
    return list(send_due_letters(now=NOW))


def test_first_line_is_the_subject_and_the_rest_the_words(admin):
    queue(admin)

    send()

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([admin.email], "Hello Ana Admin & all")
    assert letter.body == (
        "You owe $5.\nTimes are in America/New_York.\n\nhttp://localhost:8000/customer/bills/\n"
    )


def test_html_says_the_same_and_its_link_can_be_followed(admin):
    queue(admin)

    send()

    [(page, kind)] = mail.outbox[0].alternatives
    assert kind == "text/html"
    assert "<h1" in page
    assert "Hello Ana Admin &amp; all</h1>" in page
    assert "You owe $5.<br>Times are in America/New_York.</p>" in page
    assert '<a href="http://localhost:8000/customer/bills/"' in page


def test_one_fact_is_one_letter(admin):
    queue(admin)
    queue(admin, amount="$6")
    queue(admin, key="two")

    assert [letter.state for letter in send()] == ["sent", "sent"]
    assert send() == []


def test_letter_that_is_no_longer_wanted_is_not_sent(admin, monkeypatch):
    def unwanted(letter):
        raise NoLongerWanted("It is paid.")

    monkeypatch.setitem(letters.WRITERS, "greeting", unwanted)
    queue(admin)

    [letter] = send()

    assert (letter.state, letter.last_error) == ("refused", "It is paid.")
    assert mail.outbox == []


def test_letter_waits_while_the_mail_server_is_down(admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(admin)

    [letter] = send()

    assert (letter.state, letter.tries) == ("waiting", 1)
    assert not Letter.objects.due(NOW + dt.timedelta(seconds=59)).exists()
    assert Letter.objects.due(NOW + dt.timedelta(seconds=61)).exists()


def test_letter_that_cannot_be_written_waits_and_the_others_go_out(admin, monkeypatch):
    def broken(letter):
        raise KeyError("amount")

    monkeypatch.setitem(letters.WRITERS, "broken", broken)
    queue_letter("broken", to=admin.email, key="one", now=NOW, user=admin)
    queue(admin)

    first, second = send()

    assert (first.state, first.tries, first.next_try_at > NOW) == ("waiting", 1, True)
    assert first.last_error == "It cannot be written: KeyError('amount')"
    assert second.state == "sent"


def test_what_people_typed_stays_on_its_line(admin):
    queue(admin, amount="$5\n\nhttps://evil.example/\n\n\r")

    send()

    [letter] = mail.outbox
    assert "You owe $5 https://evil.example/.\n" in letter.body
    assert 'evil.example/"' not in letter.alternatives[0][0]


def test_name_never_breaks_the_subject(admin):
    admin.name = "Ana\rBcc: all"
    admin.save()
    queue(admin)

    [letter] = send()

    assert letter.state == "sent"
    assert mail.outbox[0].subject == "Hello Ana Bcc: all & all"
