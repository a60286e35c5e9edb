"""Idempotency keys as documented (docs.stripe.com/api/idempotent_requests and error-low-level).

The first answer under a key is kept, whether success, 402 or 500, and given again for 24 hours of
virtual time. What never began to execute (bad parameters, 401, 429, a conflict) is not kept.
"""

from .errors import Refused

SECONDS_KEPT = 24 * 60 * 60


class IdempotencyKeys:
    """The keys seen, each with the request that used it first and the answer it got."""

    def __init__(self, kept=()):
        self._slots = dict(kept)

    def begin(self, key, *, path, params, request_id, now):
        """Take `key` for a request, or return the answer kept under it.

        The kept answer is (status, body, id of the first request). Raises Refused when the key
        belongs to another request, or when its first request is still running.
        """
        slot = self._slots.get(key)
        if slot is None or now - slot["at"] > SECONDS_KEPT:
            self._slots[key] = {
                "path": path,
                "params": params,
                "request_id": request_id,
                "at": now,
                "answer": None,
            }
            return None
        _check_same_request(slot, key, path, params)
        if slot["answer"] is None:
            raise _in_use(key)
        return (*slot["answer"], slot["request_id"])

    def finish(self, key, status, body):
        """Keep the answer, to be given to everyone who comes with this key again."""
        self._slots[key]["answer"] = [status, body]

    def abandon(self, key):
        """Let go of a key whose request never got an answer of its own."""
        if key in self._slots and self._slots[key]["answer"] is None:
            del self._slots[key]

    def finished(self):
        """Return the keys with an answer, as `IdempotencyKeys(kept)` takes them back."""
        return {key: slot for key, slot in self._slots.items() if slot["answer"] is not None}


def _check_same_request(slot, key, path, params):
    advice = f"Try using a key other than '{key}' if you meant to execute a different request."
    if slot["path"] != path:
        what = f"for the same endpoint they were first used for ('{slot['path']}' vs '{path}')."
    elif slot["params"] != params:
        what = "with the same parameters they were first used with."
    else:
        return
    message = f"Keys for idempotent requests can only be used {what} {advice}"
    raise Refused(400, message, kind="idempotency_error")


def _in_use(key):
    return Refused(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably"
        " means you submitted twice, and the other request is still going through):"
        f" {key}. Please try again later.",
        code="idempotency_key_in_use",
    )
