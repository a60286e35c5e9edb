"""Pages with Stripe's own fields on them: what those need to be loaded and to work."""

from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.shortcuts import render

#: A bank at which one proves an account opens in a window of its own, has to report back, and wants
#: to know whence one comes. https://docs.stripe.com/financial-connections/deployment-checklist
FOR_THE_WINDOW_OF_A_BANK = {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Referrer-Policy": "strict-origin",
}


def page_with_fields(request, template, context, *, are_shown):
    """Render a page of which Stripe's fields may be a part; only where they are, it allows them."""
    context |= {
        "stripe_js_url": settings.STRIPE_JS_URL,
        "stripe_key": settings.STRIPE_PUBLISHABLE_KEY,
    }
    if not are_shown:
        return render(request, template, context)
    response = csp_update(stripe_sources())(render)(request, template, context)
    for header, value in FOR_THE_WINDOW_OF_A_BANK.items():
        response[header] = value
    return response


def stripe_sources():
    """Return what our Content-Security-Policy allows besides, where Stripe's fields are shown.

    https://docs.stripe.com/security/guide#content-security-policy
    """
    scripts, api = (
        "{0.scheme}://{0.netloc}".format(urlsplit(url))
        for url in (settings.STRIPE_JS_URL, settings.STRIPE_API_BASE)
    )
    frames = [scripts]
    if settings.STRIPE_JS_URL.startswith("https://js.stripe.com/"):
        frames = [scripts, "https://*.js.stripe.com", "https://hooks.stripe.com"]
    return {
        "script-src": [SELF, *frames[:2]],
        "frame-src": frames,
        "connect-src": [SELF, api],
        "img-src": ["https://*.stripe.com"],
    }
