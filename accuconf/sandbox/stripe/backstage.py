"""The control API under /_test/, by which tests arrange the world. Stripe has no such thing."""

from . import charges, debits, events, refunds
from .answers import public
from .authentication import authenticate
from .banks import bank_of
from .errors import Refused
from .events import emit
from .faults import Fault


def answer(world, path, given):
    """Do what is asked at /_test/`path` and return something that JSON can hold.

    Raises Refused.
    """
    action = ACTIONS.get(path)
    if action is None:
        raise Refused(404, f"There is no control {path}.")
    if path == "webhooks/wait":  # takes long, and what is waited for needs the world
        return action(world, **given)
    with world.lock:
        outcome = public(action(world, **given))
        world.save()
        return outcome


def _reset(world):
    world.reset()


def _clock(world, advance=0):
    world.advance(advance)
    debits.settle_due(world)
    return {"now": world.now()}


def _take_only(world, kinds):
    world.kinds = kinds


def _fault(world, **fault):
    try:
        world.faults.order(Fault(**fault))
    except (TypeError, ValueError) as problem:
        raise Refused(400, str(problem)) from None


def _no_faults(world):
    world.faults.clear()


def _calls(world):
    return world.calls.entries()


def _objects(world, noun):
    return list(reversed(world.every(noun)))


def _webhooks_to(world, url, secret=None, enabled_events=("*",)):
    """Make an endpoint, in place of one of the same URL."""
    for endpoint in world.every("webhook_endpoint"):
        if endpoint["url"] == url:
            world.remove(endpoint)
    endpoint = events.add_endpoint(world, url, secret=secret, enabled_events=list(enabled_events))
    return {"id": endpoint["id"], "secret": endpoint["_secret"]}


def _hold(world):
    world.postman.hold()


def _flush(world, order="sent", copies=1):
    return {"flushed": world.postman.flush(order=order, copies=copies)}


def _drop(world):
    return {"dropped": world.postman.drop()}


def _copies(world, copies):
    world.postman.set_copies(copies)


def _wait(world, seconds=10):
    return {"delivered": world.postman.wait(seconds)}


def _resend(world, event):
    events.resend(world, world.find("event", event))


def _deliveries(world):
    return world.postman.log()


def _settle(world, payment_intent=None, failure=None):
    """End one bank debit, or all that are processing; each by its test account unless told."""
    intents = [one for one in debits.processing(world) if payment_intent in (None, one["id"])]
    return [debits.settle(world, one, failure or _bank_failure(world, one)) for one in intents]


def _bank_failure(world, intent):
    return bank_of(world.get(intent["payment_method"])).failure


def _authenticate(world, intent, success=True):
    return authenticate(world, world.get(intent), success=success)


def _dispute(world, charge, reason="fraudulent"):
    return charges.open_dispute(world, world.find("charge", charge), reason)


def _close_dispute(world, dispute, status):
    return charges.close_dispute(world, world.find("dispute", dispute), status)


def _finish_refund(world, refund, failure=None):
    return refunds.finish(world, world.find("refund", refund), failure)


def _decline(world, payment_method, decline_code=None):
    """Let a saved card be declined from now on; without a code it works again."""
    method = world.find("payment_method", payment_method)
    method["_declined_for"] = decline_code
    return method


def _replace_card(world, payment_method, card):
    """Change a saved card as the networks' account updater does."""
    method = world.find("payment_method", payment_method)
    previous = {"card": {name: method["card"][name] for name in card}}
    method["card"].update(card)
    emit(world, "payment_method.automatically_updated", method, previous)
    return method


ACTIONS = {
    "reset": _reset,
    "clock": _clock,
    "kinds": _take_only,
    "faults": _fault,
    "faults/clear": _no_faults,
    "calls": _calls,
    "objects": _objects,
    "webhooks/to": _webhooks_to,
    "webhooks/hold": _hold,
    "webhooks/flush": _flush,
    "webhooks/drop": _drop,
    "webhooks/copies": _copies,
    "webhooks/wait": _wait,
    "webhooks/resend": _resend,
    "webhooks/deliveries": _deliveries,
    "settle": _settle,
    "authenticate": _authenticate,
    "dispute": _dispute,
    "dispute/close": _close_dispute,
    "refund/finish": _finish_refund,
    "card/decline": _decline,
    "card/replace": _replace_card,
}
