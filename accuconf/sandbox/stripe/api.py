"""What happens to a call to /v1/: route, key, parameters, idempotency, action."""

import re
from dataclasses import dataclass, field
from typing import Any

import stripe

from . import (
    balance,
    charges,
    customers,
    events,
    mandates,
    payment_intents,
    payment_methods,
    refunds,
    schema,
    setup_intents,
)
from .answers import expanded
from .errors import Refused, invalid
from .routes import Call
from .state import random_name

ROUTES = [
    *customers.ROUTES,
    *payment_methods.ROUTES,
    *setup_intents.ROUTES,
    *payment_intents.ROUTES,
    *charges.ROUTES,
    *refunds.ROUTES,
    *mandates.ROUTES,
    *balance.ROUTES,
    *events.ROUTES,
]


@dataclass(frozen=True)
class Request:
    """A call as it came in; `form` is decoded, its values still text."""

    method: str
    path: str
    form: dict[str, Any]
    api_key: str = ""
    version: str | None = None
    idempotency_key: str | None = None
    id: str = field(default_factory=lambda: random_name("req_", 14))

    @property
    def from_browser(self):
        """Tell whether the caller only has a publishable key."""
        return self.api_key.startswith("pk_")


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON unless the body is bytes."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def answer(world, request):
    """Answer a call to the API. Raises Hangup when a fault was ordered that gives no answer."""
    with world.lock:
        fault = world.faults.take(request.method, request.path)
        entry = world.calls.note(request, fault)
    try:
        reply = _reply(world, request, fault)
    except Refused as refusal:
        reply = Answer(refusal.status, {"error": refusal.error})
    entry["status"] = reply.status
    entry["replayed"] = "Idempotent-Replayed" in reply.headers
    fault.after(world.closing)
    return reply


def _reply(world, request, fault):
    fault.before()
    route, ident = _route(request)
    _check_key(request, route)
    call = Call(
        method=request.method,
        path=request.path,
        ident=ident,
        given=_typed(request, route),
        from_browser=request.from_browser,
        request_id=request.id,
        idempotency_key=request.idempotency_key,
    )
    if not request.idempotency_key:
        fault.during(world.closing)
        return _perform(world, route.action, call, fault)
    return _once(world, request, route, call, fault)


def _route(request):
    for route in ROUTES:
        if match := route.match(request.method, request.path):
            return route, match.groupdict().get("id")
    raise Refused(404, f"Unrecognized request URL ({request.method}: {request.path}).")


def _check_key(request, route):
    key = request.api_key
    if not re.fullmatch(r"(sk|rk|pk)_test_\w+", key):
        raise Refused(401, f"Invalid API Key provided: {key[:8]}****" if key else "No API key.")
    if request.from_browser and not route.browser:
        raise Refused(
            401,
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    if request.version not in (None, stripe.api_version):
        raise invalid(f"Invalid Stripe API version: {request.version}")


def _typed(request, route):
    """Return the parameters with values of their types. Raises Refused."""
    if "payment_method_types" in request.form and "_intents" in request.path:
        raise invalid(
            "payment_method_types is no longer supported on this API version; use"
            " allowed_payment_method_types or automatic_payment_methods.",
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        )
    params = route.browser if request.from_browser else route.params
    kind = schema.params_of(params) if isinstance(params, str) else params
    given = schema.read(request.form, kind)
    _check_metadata(given.get("metadata") or {})
    if not request.from_browser:
        for name in given.keys() - {*route.plays.split(), "expand"}:
            raise invalid(f"The stand-in does not play the parameter {name}.", name)
    return given


def _check_metadata(metadata):
    """Refuse more than Stripe keeps (docs.stripe.com/metadata)."""
    if len(metadata) > 50:
        raise invalid("Metadata may have up to 50 keys.", "metadata")
    for name, value in metadata.items():
        if len(name) > 40 or len(value) > 500:
            raise invalid(
                "Metadata keys may be up to 40 and values up to 500 characters long.",
                f"metadata[{name}]",
            )


def _once(world, request, route, call, fault):
    """Perform a call under its idempotency key, or give the answer kept under it."""
    key = request.idempotency_key
    with world.lock:
        kept = world.keys.begin(
            key,
            path=request.path,
            params=request.form,
            request_id=request.id,
            now=world.now(),
        )
    if kept:
        status, body, first_id = kept
        return Answer(status, body, {"Idempotent-Replayed": "true", "Original-Request": first_id})
    try:
        fault.during(world.closing)
        reply = _perform(world, route.action, call, fault)
    finally:
        with world.lock:
            world.keys.abandon(key)
    return Answer(reply.status, reply.body, {"Original-Request": request.id})


def _perform(world, action, call, fault):
    """Run the action alone in the world, and keep what it did before anybody hears of it."""
    with world.lock:
        world.call = call
        try:
            thing = action(world, call)
            reply = Answer(200, expanded(world, thing, call.given.get("expand", [])))
        except Refused as refusal:
            reply = Answer(refusal.status, {"error": refusal.error})
        finally:
            world.call = None
        if fault.spoils():
            error = fault.error()
            reply = Answer(error.status, {"error": error.error})
        if call.idempotency_key:
            world.keys.finish(call.idempotency_key, reply.status, reply.body)
        if call.method != "GET":
            world.save()
    return reply
