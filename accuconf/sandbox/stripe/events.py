"""Events: what happened, kept for 30 days at Stripe, and the webhooks that tell of it."""

import json
import urllib.parse

import stripe

from .answers import page, public
from .delivery import Letter
from .errors import invalid
from .routes import PAGING, Route
from .state import random_name

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def emit(world, kind, thing, previous=None):
    """Keep that `kind` happened to `thing`, and tell the endpoints that want to know.

    `previous` holds the fields that changed, as they were.
    """
    data = {"object": public(thing)} | ({"previous_attributes": previous} if previous else {})
    listening = [point for point in world.every("webhook_endpoint") if _wants(point, kind)]
    event = world.add(
        "evt_",
        "event",
        type=kind,
        api_version=stripe.api_version,
        data=json.loads(json.dumps(data)),
        request={
            "id": world.call and world.call.request_id,
            "idempotency_key": world.call and world.call.idempotency_key,
        },
        pending_webhooks=len(listening),
    )
    for endpoint in listening:
        _post(world, endpoint, event)


def resend(world, event):
    """Send an event once more to every endpoint that wants its kind."""
    for endpoint in world.every("webhook_endpoint"):
        if _wants(endpoint, event["type"]):
            _post(world, endpoint, event)


def _wants(endpoint, kind):
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or kind in wanted)


def _post(world, endpoint, event):
    world.postman.post(
        Letter(
            url=endpoint["url"],
            secret=endpoint["_secret"],
            event=event["id"],
            type=event["type"],
            body=json.dumps(public(event), indent=2).encode(),
        )
    )


def add_endpoint(world, url, *, secret=None, **fields):
    """Keep a new webhook endpoint; it signs with `secret`, or one made up. Raises Refused."""
    _check_url(url)
    return world.add(
        "we_",
        "webhook_endpoint",
        url=url,
        api_version=fields.get("api_version"),
        application=None,
        description=fields.get("description"),
        enabled_events=fields.get("enabled_events", ["*"]),
        metadata=fields.get("metadata") or {},
        status="enabled",
        _secret=secret or random_name("whsec_", 32),
    )


def _check_url(url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise invalid("Invalid URL: the stand-in delivers to http on this machine only.", "url")


def create_endpoint(world, call):
    """Add an endpoint; only this answer shows its secret."""
    endpoint = add_endpoint(world, **call.given)
    return endpoint | {"secret": endpoint["_secret"]}


def update_endpoint(world, call):
    """Change an endpoint, or switch it off and on."""
    endpoint, changes = world.find("webhook_endpoint", call.ident), dict(call.given)
    if "url" in changes:
        _check_url(changes["url"])
    if "disabled" in changes:
        changes["status"] = "disabled" if changes.pop("disabled") else "enabled"
    endpoint.update(changes)
    return endpoint


def delete_endpoint(world, call):
    """Remove an endpoint."""
    world.remove(world.find("webhook_endpoint", call.ident))
    return {"id": call.ident, "object": "webhook_endpoint", "deleted": True}


def retrieve_endpoint(world, call):
    """Show an endpoint."""
    return world.find("webhook_endpoint", call.ident)


def list_endpoints(world, call):
    """List the endpoints."""
    return page(call, world.every("webhook_endpoint"))


def retrieve(world, call):
    """Show an event."""
    return world.find("event", call.ident)


def list_events(world, call):
    """List the events, newest first."""
    events = world.every("event")
    if "types" in call.given:
        events = [event for event in events if event["type"] in call.given["types"]]
    return page(call, events, "type")


_POINT = "/v1/webhook_endpoints"
ROUTES = [
    Route("GET", "/v1/events/{id}", retrieve, "EventRetrieveParams"),
    Route("GET", "/v1/events", list_events, "EventListParams", f"{PAGING} created type types"),
    Route(
        "POST",
        _POINT,
        create_endpoint,
        "WebhookEndpointCreateParams",
        "url enabled_events api_version description metadata",
    ),
    Route(
        "POST",
        _POINT + "/{id}",
        update_endpoint,
        "WebhookEndpointUpdateParams",
        "url enabled_events description disabled",
    ),
    Route("GET", _POINT + "/{id}", retrieve_endpoint, "WebhookEndpointRetrieveParams"),
    Route("GET", _POINT, list_endpoints, "WebhookEndpointListParams", PAGING),
    Route("DELETE", _POINT + "/{id}", delete_endpoint, "WebhookEndpointDeleteParams"),
]
