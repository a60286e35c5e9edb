"""What the settings must not be.

Mixed: production with the sandbox's secrets, real cards with a stand-in. Or of no use: a billing
zone that nobody knows, an address that no mail can link to, a country that no e-bill can name.

Every process asks before it serves (apps.py), also those that never run Django's own checks.
"""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from django_countries import countries

SECRETS = [
    "SECRET_KEY",
    "PIN_KEYS",
    "PIN_HASH_KEYS",
    "SECOND_FACTOR_KEYS",
    "SINGLE_SIGN_ON_KEYS",
    "BRIDGE_KEYS",
    "STRIPE_SECRET_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRETS",
]
LIVE_KEYS = ("sk_live_", "rk_live_")


def refuse_wrong_settings(settings) -> None:
    """Raise ImproperlyConfigured, naming all that is wrong, where there is anything."""
    found = stripe_mixtures(settings) + sandbox_secrets(settings) + useless_values(settings)
    if found:
        raise ImproperlyConfigured(" ".join(found))


def stripe_mixtures(settings) -> list[str]:
    """Say where Stripe's keys and address do not belong together."""
    found = []
    live = settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS)
    itself = settings.STRIPE_API_BASE == settings.STRIPE_ITSELF
    if live and not itself:
        found.append("A live STRIPE_SECRET_KEY is never sent to another STRIPE_API_BASE.")
    script_itself = settings.STRIPE_JS_URL.startswith("https://js.stripe.com/")
    if live and not script_itself:
        found.append("With a live STRIPE_SECRET_KEY no STRIPE_JS_URL but Stripe's sees a card.")
    if settings.SANDBOX:
        return found
    if not live:
        found.append("In production STRIPE_SECRET_KEY must be a live key.")
    if not settings.STRIPE_PUBLISHABLE_KEY.startswith("pk_live_"):
        found.append("In production STRIPE_PUBLISHABLE_KEY must be a live key.")
    if not itself:
        found.append("In production STRIPE_API_BASE must be Stripe itself, never a stand-in.")
    if not script_itself:
        found.append("In production STRIPE_JS_URL must be of https://js.stripe.com/.")
    return found


def sandbox_secrets(settings) -> list[str]:
    """Say which secrets of production are those that everybody can read in settings.py."""
    if settings.SANDBOX:
        return []
    return [
        f"In production {name} must not be the sandbox's."
        for name in SECRETS
        if set(values(getattr(settings, name))) & set(values(settings.SANDBOX_VALUES[name]))
    ]


def useless_values(settings) -> list[str]:
    """Say which settings nothing could work with, in whichever mode."""
    found = []
    if not is_zone(settings.BILLING_TIME_ZONE):
        found.append(
            f"BILLING_TIME_ZONE is {settings.BILLING_TIME_ZONE!r}, which is no time zone;"
            " it must be one such as America/New_York."
        )
    if not is_address(settings.PORTAL_URL):
        found.append(
            f"PORTAL_URL is {settings.PORTAL_URL!r};"
            " it must begin with https:// (or http://) and a host."
        )
    if settings.OPERATOR_COUNTRY not in countries:
        found.append(
            f"OPERATOR_COUNTRY is {settings.OPERATOR_COUNTRY!r};"
            " it must be a country's two letters, such as US."
        )
    if not settings.OPERATOR_REGISTRATION.strip():
        found.append(
            f"OPERATOR_REGISTRATION is {settings.OPERATOR_REGISTRATION!r};"
            " no e-bill can be written without one, such as the number of the tax office."
        )
    return found


def is_zone(name: str) -> bool:
    """Tell whether `name` is that of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Asia
        return False
    return True


def is_address(url: str) -> bool:
    """Tell whether a mail can link to `url`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def values(setting) -> list[str]:
    """Return a setting's values, of which keys to encrypt with may have several."""
    return setting if isinstance(setting, list) else [setting]
