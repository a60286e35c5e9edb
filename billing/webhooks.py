"""The door by which Stripe tells us what happened: checked, kept, answered; worked later."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.gateway import EventNotSigned, verified_event
from billing.services.events import keep_event


@csrf_exempt
@login_not_required
@require_POST
def stripe_webhook(request):
    """Keep a signed event and answer at once; what it means is found out by asking Stripe."""
    signature = request.headers.get("Stripe-Signature", "")
    try:
        event = verified_event(request.body, signature, secrets=settings.STRIPE_WEBHOOK_SECRETS)
    except EventNotSigned:
        return HttpResponse("Not signed by Stripe.\n", status=400, content_type="text/plain")
    keep_event(event, now=timezone.now())
    return HttpResponse(status=200)
