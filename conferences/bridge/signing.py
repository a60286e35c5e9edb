"""Signatures: a bridge proves who it is, and that nobody changed or repeats what it sends.

Its key signs the request and never travels. Four headers:

    X-Bridge            the bridge's name
    X-Bridge-Time       seconds since 1970, at most five minutes from ours
    X-Bridge-Nonce      16 to 64 letters, digits, - or _, never used before
    X-Bridge-Signature  HMAC-SHA256, in hex, by the key over what `signed_text` returns
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re

from django.core.cache import cache
from django.http import HttpRequest

from conferences.models import Bridge, BridgeKey

WINDOW = dt.timedelta(minutes=5)
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
TIME = re.compile(r"[0-9]{1,12}")


def is_signed(request: HttpRequest) -> bool:
    """Tell whether `request` claims to be signed: then only its signature counts."""
    return "X-Bridge-Signature" in request.headers


def signer_of(request: HttpRequest, *, now: dt.datetime) -> Bridge | None:
    """Return the bridge that signed `request`; None where none did, not now, or not the first time.

    Where the cache cannot be asked for nonces it raises, so that nothing is let through.
    """
    name, time, nonce, signature = (
        request.headers.get(header, "")
        for header in ("X-Bridge", "X-Bridge-Time", "X-Bridge-Nonce", "X-Bridge-Signature")
    )
    if not (NONCE.fullmatch(nonce) and _is_now(time, now)) or "\0" in name:
        return None
    text = signed_text(time, nonce, request.method, request.get_full_path(), request.body)
    for key in BridgeKey.objects.valid().filter(bridge__name=name).select_related("bridge"):
        if hmac.compare_digest(sign(key.secret, text).encode(), signature.encode()):
            return key.bridge if _is_first_use(key, nonce) else None
    return None


def signed_text(time: str, nonce: str, method: str, path: str, body: bytes) -> bytes:
    """Return what is signed: four lines, then the body; `path` with its query."""
    return "\n".join([time, nonce, method, path, ""]).encode() + body


def sign(key: str, text: bytes) -> str:
    """Return the signature of `text` by a bridge's key, in hex."""
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def _is_now(time: str, now: dt.datetime) -> bool:
    if not TIME.fullmatch(time):
        return False
    return abs(now.timestamp() - int(time)) <= WINDOW.total_seconds()


def _is_first_use(key: BridgeKey, nonce: str) -> bool:
    """Take `nonce` for as long as its request could be sent again."""
    seconds = 2 * WINDOW.total_seconds()
    return cache.add(f"nonce:{key.pk}:{nonce}", 1, timeout=int(seconds))
