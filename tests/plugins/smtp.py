"""A real mail server for one test, that misbehaves when it is told to."""

import email
import email.policy
from collections import Counter

import pytest

from accuconf.sandbox import inbox


class Misbehaving(inbox.Inbox):
    """An inbox in memory. `messages` are what it accepted, in order, headed by X-Envelope-To.

    `watch(step)` may be set to a function: it is called as each step begins (EHLO, MAIL, RCPT,
    DATA, QUIT) and once a letter is kept but its answer not yet given (KEPT).
    """

    def __init__(self):
        super().__init__(self._remember)
        self.messages = []
        self.refused = {}
        self.faults = Counter()
        self.watch = lambda step: None

    def refuse(self, address, *, answer="550 No such mailbox"):
        """Refuse a recipient from now on."""
        self.refused[address.lower()] = answer

    def greylist(self, *, times=1):
        """Put the next letters off with 451."""
        self.faults["greylist"] += times

    def drop(self, *, times=1):
        """Close the connection on the next letters before they are kept."""
        self.faults["drop"] += times

    def lose_answer(self, *, times=1):
        """Keep the next letters, but close the connection instead of saying so."""
        self.faults["lose answer"] += times

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.watch("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.watch("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        self.watch("RCPT")
        if address.lower() in self.refused:
            return self.refused[address.lower()]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.watch("DATA")
        if self._is_due("greylist"):
            return "451 Try again later"
        if self._is_due("drop"):
            server.transport.abort()
            return "421 Gone"
        answer = await super().handle_DATA(server, session, envelope)
        self.watch("KEPT")
        if self._is_due("lose answer"):
            server.transport.abort()
        return answer

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        self.watch("QUIT")
        return "221 Bye"

    def _is_due(self, fault):
        due = self.faults[fault] > 0
        self.faults[fault] -= due
        return due

    def _remember(self, letter):
        self.messages.append(email.message_from_bytes(letter, policy=email.policy.default))


@pytest.fixture
def smtp(settings):
    """The mail server that Django's settings name during this test."""
    box = Misbehaving()
    server = inbox.start(box, inbox.free_port())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    settings.EMAIL_USE_TLS = False
    yield box
    server.stop()
