"""Questions about lines of bills: customers ask, staff answer, both are told by letter."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import queue_letter, tell
from billing.models import BillLine, LineQuestion
from billing.services import ledger


class AskedAlready(Exception):
    """The line has a question that is not answered yet."""


class AnsweredAlready(Exception):
    """Somebody has answered the question meanwhile."""


@transaction.atomic
def ask_about_line(line: BillLine, *, text: str, by: Actor, now: dt.datetime) -> LineQuestion:
    """Keep a question about one line of a bill, and tell the operator. Raises AskedAlready."""
    account = ledger.lock(line.bill.account_id)
    if line.questions.open().exists():
        raise AskedAlready
    question = LineQuestion.objects.create(
        line=line,
        bill=line.bill,
        account=account,
        text=text,
        asked_by=by.on_behalf_of or by.user,
        asked_at=now,
    )
    record("asked", question, by=by, now=now, account=account, after={"question": text})
    queue_letter(
        "line_questioned",
        to=settings.OPERATOR_EMAIL,
        key=str(question.pk),
        now=now,
        account=account,
        facts={"question": question.pk},
    )
    return question


@transaction.atomic
def answer_question(
    question: LineQuestion, *, answer: str, by: Actor, now: dt.datetime
) -> LineQuestion:
    """Answer a question, and tell whoever asked. Raises AnsweredAlready."""
    rows = LineQuestion.objects.select_for_update(of=("self",), no_key=True)
    question = rows.select_related("account", "asked_by", "line", "bill").get(pk=question.pk)
    if question.answered_at is not None:
        raise AnsweredAlready
    question.answer, question.answered_by, question.answered_at = answer, by.user, now
    question.save(update_fields=["answer", "answered_by", "answered_at"])
    record("answered", question, by=by, now=now, account=question.account, after={"answer": answer})
    tell(
        question.asked_by,
        "line_answered",
        key=question.pk,
        now=now,
        facts={"question": question.pk},
    )
    return question
