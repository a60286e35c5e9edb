"""A customer questions one line of a bill and follows the answer on the bill's page."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.letters import send_due_letters
from billing.models import LineQuestion
from billing.services import questions
from tests import make
from tests.pages import read, sign_in

NOW = dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def bill(account):
    return make.issued(account, "2026-03", dollars=25)


@pytest.fixture
def address(bill):
    return reverse("billing:line_question", args=[bill.number, 1])


@pytest.fixture
def visit(client, biller):
    sign_in(client, biller)
    return client


@pytest.fixture
def question(bill, biller):
    return questions.ask_about_line(
        bill.lines.get(), text="Who called?", by=Actor(user=biller), now=NOW
    )


def test_question_is_kept_shown_and_mailed_to_the_operator(visit, bill, address, settings):
    page = visit.get(bill.get_absolute_url())
    assert address in page.content.decode()

    response = visit.post(address, {"text": "Who called?\nWe did not."}, follow=True)

    assert "Who called?" in read(response).text
    assert LineQuestion.objects.get().text == "Who called?\nWe did not."
    list(send_due_letters(now=timezone.now()))
    assert mail.outbox[-1].to == [settings.OPERATOR_EMAIL]
    assert "Who called?" in mail.outbox[-1].body


def test_answer_is_shown_and_mailed_to_who_asked(visit, bill, question, biller, staff):
    questions.answer_question(
        question, answer="Your office in Łódź.", by=Actor(user=staff), now=NOW
    )

    list(send_due_letters(now=NOW))

    assert "Your office in Łódź." in read(visit.get(bill.get_absolute_url())).text
    assert mail.outbox[-1].to == [biller.email]
    assert "Your office in Łódź." in mail.outbox[-1].body
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["asked", "answered"]


def test_line_that_is_asked_about_leads_to_its_question(visit, address, question):
    asked_again = visit.post(address, {"text": "Again?"})

    assert asked_again.url == question.get_absolute_url()
    assert visit.get(address).url == question.get_absolute_url()
    assert LineQuestion.objects.count() == 1


def test_answered_line_can_be_asked_about_again(visit, address, question, staff):
    questions.answer_question(question, answer="Yes.", by=Actor(user=staff), now=NOW)

    visit.post(address, {"text": "And now?"})

    assert LineQuestion.objects.count() == 2


def test_question_is_answered_once(question, staff):
    questions.answer_question(question, answer="Yes.", by=Actor(user=staff), now=NOW)

    with pytest.raises(questions.AnsweredAlready):
        questions.answer_question(question, answer="No.", by=Actor(user=staff), now=NOW)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Please write your question."), ("x" * 2001, "at most 2000 characters")],
)
def test_what_is_no_question_is_told_and_kept(visit, address, typed, sentence):
    response = visit.post(address, {"text": typed})

    assert sentence in read(response).text
    assert response.context["form"]["text"].value() == typed
    assert not LineQuestion.objects.exists()


def test_link_in_a_question_is_no_link_of_our_letter(visit, address):
    visit.post(address, {"text": "See\n\nhttps://evil.example/staff/\n\nnow"})

    list(send_due_letters(now=timezone.now()))

    page, _ = mail.outbox[-1].alternatives[0]
    assert "“See https://evil.example/staff/ now”" in mail.outbox[-1].body
    assert 'href="https://evil.example' not in page


def test_markup_in_a_question_is_shown_as_typed(visit, bill, address):
    visit.post(address, {"text": "<script>alert(1)</script>"})

    assert "<script>alert(1)" not in visit.get(bill.get_absolute_url()).content.decode()
