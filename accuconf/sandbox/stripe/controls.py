"""The knobs of a running stand-in, turned over HTTP from this process or any other."""

import http.client
import json
import urllib.parse

#: The calls whose answers `drop_next_answer` loses.
ANSWERS = {
    "create": r"^/v1/payment_intents$",
    "confirm": r"^/v1/payment_intents/[^/]+/confirm$",
    "refund": r"^/v1/refunds$",
}


class ControlRefused(Exception):
    """The stand-in did not do what a test asked of it."""


class Controls:
    """Arranges and inspects the stand-in at `url`. Amounts are cents, times are seconds."""

    def __init__(self, url):
        self.url = url

    def reset(self):
        """Forget everything: objects, keys, endpoints, faults, calls, and the moved clock."""
        self._ask("reset")

    def advance(self, seconds):
        """Move the clock on and return the new time in seconds since 1970.

        Debits of bank accounts whose four days are over by then end.
        """
        return self._ask("clock", advance=seconds)["now"]

    def take_only(self, *kinds):
        """Take only these kinds of payment method from now on, as the Dashboard decides."""
        self._ask("kinds", kinds=list(kinds))

    # What goes wrong

    def fault(self, method, path, action, times=1, **more):
        """Order a mishap for the next calls that fit; `faults.Fault` lists the actions.

        `more` may be `status`, `code` and `seconds`.
        """
        self._ask("faults", method=method, path=path, action=action, times=times, **more)

    def drop_next_answer(self, what, times=1):
        """Lose the answer to the next "create", "confirm" or "refund": it is done, nobody hears.

        A client that retries by itself asks again with the same key: lose as many as it tries.
        """
        self.fault("POST", ANSWERS[what], "drop_after", times)

    def clear_faults(self):
        """Let nothing go wrong any more."""
        self._ask("faults/clear")

    # What happened

    def charges(self):
        """Return the amounts of the charges that succeeded, newest last."""
        return [c["amount"] for c in self.objects("charge") if c["status"] == "succeeded"]

    def objects(self, noun):
        """Return all objects of a kind ("refund", "payment_intent", …), newest last."""
        return self._ask("objects", noun=noun)

    def calls(self):
        """Return every API call so far: method, path, params, idempotency_key, status, …"""
        return self._ask("calls")

    # Webhooks

    def send_webhooks_to(self, url, *, secret=None, events=("*",)):
        """Deliver these kinds of event to `url` from now on; return the signing secret."""
        made = self._ask("webhooks/to", url=url, secret=secret, enabled_events=list(events))
        return made["secret"]

    def hold_webhooks(self):
        """Hold back every webhook until they are flushed."""
        self._ask("webhooks/hold")

    def flush_webhooks(self, *, reverse=False, shuffle=False, copies=1):
        """Deliver what was held, each `copies` times; return when every one was tried once."""
        order = "reverse" if reverse else "shuffle" if shuffle else "sent"
        flushed = self._ask("webhooks/flush", order=order, copies=copies)["flushed"]
        self.wait_for_webhooks()
        return flushed

    def drop_webhooks(self):
        """Lose for good what was held, and return how many."""
        return self._ask("webhooks/drop")["dropped"]

    def repeat_webhooks(self, copies):
        """Deliver each webhook that many times from now on."""
        self._ask("webhooks/copies", copies=copies)

    def resend_webhook(self, event):
        """Deliver an event once more, by its id."""
        self._ask("webhooks/resend", event=event)

    def wait_for_webhooks(self, seconds=10):
        """Wait until all due webhooks were tried; tell whether that came true in time."""
        return self._ask("webhooks/wait", seconds=seconds)["delivered"]

    def deliveries(self):
        """Return every try to deliver: event, type, url, attempt, outcome."""
        return self._ask("webhooks/deliveries")

    # What banks and cardholders do

    def settle(self, payment_intent=None, *, failure=None):
        """End a bank debit, or all of them: by its test account, or with a failure code."""
        return self._ask("settle", payment_intent=payment_intent, failure=failure)

    def authenticate(self, intent, *, success=True):
        """Answer the bank's question for a waiting intent, by its id."""
        return self._ask("authenticate", intent=intent, success=success)

    def decline(self, payment_method, decline_code):
        """Let a saved card be declined from now on; None heals it."""
        self._ask("card/decline", payment_method=payment_method, decline_code=decline_code)

    def replace_card(self, payment_method, **card):
        """Change a saved card as the account updater does: last4, exp_month, exp_year, brand."""
        return self._ask("card/replace", payment_method=payment_method, card=card)

    def dispute(self, charge, reason="fraudulent"):
        """Open a dispute about a charge, by its id, and return it."""
        return self._ask("dispute", charge=charge, reason=reason)

    def close_dispute(self, dispute, status):
        """Decide a dispute: "won" or "lost"."""
        return self._ask("dispute/close", dispute=dispute, status=status)

    def finish_refund(self, refund, *, failure=None):
        """Let a refund arrive, or fail with a reason."""
        return self._ask("refund/finish", refund=refund, failure=failure)

    def _ask(self, control, **given):
        place = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
        try:
            connection.request("POST", f"/_test/{control}", body=json.dumps(given))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlRefused(answer["error"]["message"])
        return answer
