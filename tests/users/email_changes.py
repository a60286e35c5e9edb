"""Asking for another e-mail address, and the letters that follow."""

from django.core import mail
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.services.letters import send_due_letters
from tests.users.factors import sign_in_and_confirm

ASK = reverse("profile:email_change")
OLD, NEW = "basic@aurora.example", "ben@elsewhere.example"


def ask(client, user, new_email=NEW):
    sign_in_and_confirm(client, user)
    return client.post(ASK, {"email": new_email})


def letters() -> dict[str, EmailMessage]:
    """Send what is due and return the newest letter to each address."""
    list(send_due_letters(now=timezone.now()))
    return {letter.to[0]: letter for letter in mail.outbox}
