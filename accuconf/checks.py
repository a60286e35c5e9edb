"""What must not be mixed: production with the sandbox's secrets, real cards with a stand-in.

Every process asks before it serves (apps.py), also those that never run Django's own checks.
"""

from django.core.exceptions import ImproperlyConfigured

SECRETS = ["SECRET_KEY", "PIN_KEYS", "PIN_HASH_KEY", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"]
LIVE_KEYS = ("sk_live_", "rk_live_")


def refuse_mixtures(settings) -> None:
    """Raise ImproperlyConfigured, naming all that is wrong, where there is anything."""
    found = stripe_mixtures(settings) + sandbox_secrets(settings)
    if found:
        raise ImproperlyConfigured(" ".join(found))


def stripe_mixtures(settings) -> list[str]:
    """Say where Stripe's keys and address do not belong together."""
    found = []
    live = settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS)
    itself = settings.STRIPE_API_BASE == settings.STRIPE_ITSELF
    if live and not itself:
        found.append("A live STRIPE_SECRET_KEY is never sent to another STRIPE_API_BASE.")
    if settings.SANDBOX:
        return found
    if not live:
        found.append("In production STRIPE_SECRET_KEY must be a live key.")
    if not settings.STRIPE_PUBLISHABLE_KEY.startswith("pk_live_"):
        found.append("In production STRIPE_PUBLISHABLE_KEY must be a live key.")
    if not itself:
        found.append("In production STRIPE_API_BASE must be Stripe itself, never a stand-in.")
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


def values(setting) -> list[str]:
    """Return a setting's values, of which PIN_KEYS may have several."""
    return setting if isinstance(setting, list) else [setting]
