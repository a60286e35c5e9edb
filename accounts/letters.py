"""How letters are written: one function per kind, registered by the app that knows its words.

The ground's own are here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Account, Letter, Outgoing

#: What writes each kind of letter.
WRITERS: dict[str, Callable[[Letter], EmailMultiAlternatives]] = {}


class NoLongerWanted(Exception):
    """The letter is not to be sent after all: what it would say is no longer so."""


class NotReady(Exception):
    """The letter cannot be written yet; it will be tried again."""


def writes(kind: str):
    """Register the decorated function as the one that writes letters of `kind`.

    It may raise NoLongerWanted.
    """

    def register(writer: Callable[[Letter], EmailMultiAlternatives]):
        WRITERS[kind] = writer
        return writer

    return register


def written(letter: Letter) -> EmailMultiAlternatives:
    """Write `letter` as it is to be sent now. Raises NoLongerWanted.

    Each fact stays on its line: what people typed could otherwise pass for words or links of ours.
    """
    letter.facts = on_one_line(letter.facts)
    return WRITERS[letter.kind](letter)


def from_template(
    letter: Letter, template: str, context: Mapping[str, Any] | None = None
) -> EmailMultiAlternatives:
    """Write `letter` from a text template: its first line is the subject, the rest the words.

    The reader's name and zone, and the letter's facts, are at the template's hand. The HTML form
    is made of the same words: paragraphs, and a line that is a link becomes a button.
    """
    reader = letter.user
    zone = reader.time_zone if reader else settings.BILLING_TIME_ZONE
    operator = {
        "name": settings.OPERATOR_NAME,
        "contact": [settings.OPERATOR_PHONE, settings.OPERATOR_EMAIL],
    }
    given = {"letter": letter, "reader": reader, "portal_url": settings.PORTAL_URL}
    with translation.override(settings.LANGUAGE_CODE), timezone.override(zone):
        text = render_to_string(
            template, given | letter.facts | {"operator": operator} | dict(context or {})
        )
        subject, _, words = text.strip().partition("\n")
        message = EmailMultiAlternatives(
            subject=on_one_line(subject), body=words.strip() + "\n", **envelope(letter)
        )
        page = render_to_string(
            "accounts/mail/letter.html",
            {"subject": subject, "paragraphs": _paragraphs(words), "operator": operator},
        )
        message.attach_alternative(page, "text/html")
    return message


def on_one_line(fact: Any) -> Any:
    """Keep what people typed from passing for paragraphs, words or links of ours."""
    if isinstance(fact, str):
        return " ".join(fact.split())
    if isinstance(fact, list):
        return [on_one_line(part) for part in fact]
    if isinstance(fact, dict):
        return {name: on_one_line(part) for name, part in fact.items()}
    return fact


def refuse_others_than_admins(letter: Letter) -> None:
    """Raise NoLongerWanted where the reader is no active Admin of the letter's account any more."""
    if not letter.account.users.active_admins().filter(pk=letter.user_id).exists():
        raise NoLongerWanted("The reader is no longer an Admin.")


def envelope(letter: Outgoing) -> dict[str, Any]:
    """Return the addresses and headers that each of our letters bears."""
    return {
        "to": [letter.email],
        "reply_to": [settings.OPERATOR_EMAIL],
        "headers": {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"},
    }


@writes("account_changed")
def account_changed(letter: Letter) -> EmailMultiAlternatives:
    """Tell an Admin what somebody has changed of the account. Raises NoLongerWanted."""
    refuse_others_than_admins(letter)
    differences = [
        {"name": Account._meta.get_field(name).verbose_name, "before": before, "after": after}
        for name, before, after in letter.facts["differences"]
    ]
    return from_template(letter, "accounts/mail/account_changed.txt", {"differences": differences})


def _paragraphs(words: str) -> list[dict[str, Any]]:
    """Split words at empty lines; a paragraph that is only an address of ours is a link."""
    return [
        {"text": part.strip(), "is_link": re.fullmatch(r"https?://\S+", part.strip()) is not None}
        for part in re.split(r"\n\s*\n", words.strip())
    ]
