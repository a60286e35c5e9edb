"""What Celery hurries: the letters. What is lost, the next round sends."""

from celery import shared_task
from django.utils import timezone

from accounts.services.letters import send_due_letters


@shared_task(expires=60)
def send_letters():
    for _ in send_due_letters(now=timezone.now()):
        pass
