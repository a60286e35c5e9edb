"""How a bridge proves that it is the one: by a signature, or by its key over TLS.

The key goes as a bearer token or as Basic's password, for bridges that cannot sign.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from conferences.bridge import signing
from conferences.models import Bridge, BridgeKey
from conferences.models.bridge import digest_of_key

CHALLENGE = 'Basic realm="AccuConf bridges", charset="UTF-8"'


def for_bridges(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open `view` to bridges alone: it gets the request, and who asks as `bridge=`.

    Anybody else is answered 401, whoever has signed in.
    """

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        bridge = bridge_of(request)
        if bridge is None:
            return HttpResponse(
                "Unknown bridge.\n",
                status=401,
                content_type="text/plain",
                headers={"WWW-Authenticate": CHALLENGE},
            )
        return view(request, *args, bridge=bridge, **kwargs)

    return guarded


def bridge_of(request: HttpRequest) -> Bridge | None:
    """Return the bridge that signed `request`, or whose key it bears; None where nothing opens."""
    if signing.is_signed(request):
        return signing.signer_of(request, now=timezone.now())
    key = _key_in(request.headers.get("Authorization", ""))
    if not key:
        return None
    known = BridgeKey.objects.valid().select_related("bridge")
    found = known.filter(digest=digest_of_key(key)).first()
    return found.bridge if found else None


def _key_in(header: str) -> str:
    """Return the key in an Authorization header; empty where there is none (RFC 6750, RFC 7617)."""
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode().partition(":")[2]
            except ValueError:  # neither base64, nor ASCII, nor UTF-8
                return ""
    return ""
