"""Carries webhooks to their endpoints: signed, one after the other, tried again when refused.

Tests may hold them back, and let them go late, twice or in another order, as real ones come.
"""

import hashlib
import hmac
import http.client
import random
import threading
import time
import urllib.parse
from dataclasses import dataclass, replace

#: Seconds until the next try after the first, second, … was refused. Stripe's take three days.
RETRIES_AFTER = (0.2, 0.5, 1, 2)


@dataclass(frozen=True)
class Letter:
    """One event on its way to one endpoint."""

    url: str
    secret: str
    event: str
    type: str
    body: bytes
    attempt: int = 1
    due_at: float = 0.0


class Postman:
    """Delivers letters from a thread of its own, in the order in which they fall due."""

    def __init__(self):
        self._turn = threading.Condition()
        self._thread = None
        self._stopping = False
        self.reset()

    def reset(self):
        """Throw away all letters, and deliver each new one once and at once."""
        with self._turn:
            self._letters, self._held, self._log = [], [], []
            self._holding = self._busy = False
            self._copies = 1
            self._turn.notify_all()

    def start(self):
        """Begin to deliver."""
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self):
        """Deliver nothing more; a delivery under way is waited for."""
        with self._turn:
            self._stopping = True
            self._turn.notify_all()
        if self._thread:
            self._thread.join()

    def post(self, letter):
        """Take a letter: hold it back or deliver it, as arranged."""
        with self._turn:
            letters = self._held if self._holding else self._letters
            letters.extend([letter] * self._copies)
            self._turn.notify_all()

    def hold(self):
        """Hold back every letter from now on."""
        with self._turn:
            self._holding = True

    def flush(self, *, order="sent", copies=1):
        """Let go of the held letters, by `order` "sent", "reverse" or "shuffle"; hold no more."""
        with self._turn:
            letters, self._held, self._holding = self._held * copies, [], False
            if order == "reverse":
                letters.reverse()
            if order == "shuffle":
                random.shuffle(letters)
            self._letters.extend(letters)
            self._turn.notify_all()
        return len(letters)

    def drop(self):
        """Lose the held letters for good; those to come are held on."""
        with self._turn:
            lost, self._held = self._held, []
        return len(lost)

    def set_copies(self, copies):
        """Deliver every letter that many times from now on."""
        with self._turn:
            self._copies = copies

    def wait(self, seconds):
        """Wait until nothing is due, and tell whether that came true in time."""
        with self._turn:
            return self._turn.wait_for(lambda: not (self._busy or self._next_due()), seconds)

    def log(self):
        """Return every try: event, type, url, attempt, and the status or error it met."""
        with self._turn:
            return list(self._log)

    def _work(self):
        while letter := self._take():
            outcome = send(letter)
            with self._turn:
                self._note(letter, outcome)
                self._busy = False
                self._turn.notify_all()

    def _take(self):
        """Wait for the next letter that is due; return None when it is time to stop."""
        with self._turn:
            while not self._stopping:
                if letter := self._next_due():
                    self._letters.remove(letter)
                    self._busy = True
                    return letter
                soonest = min((letter.due_at for letter in self._letters), default=None)
                self._turn.wait(None if soonest is None else soonest - time.monotonic())
        return None

    def _next_due(self):
        now = time.monotonic()
        return next((letter for letter in self._letters if letter.due_at <= now), None)

    def _note(self, letter, outcome):
        if not self._busy:
            return  # the world was reset meanwhile
        entry = {name: getattr(letter, name) for name in ("event", "type", "url", "attempt")}
        self._log.append(entry | {"outcome": outcome})
        taken = isinstance(outcome, int) and 200 <= outcome < 300
        if not taken and letter.attempt <= len(RETRIES_AFTER):
            due_at = time.monotonic() + RETRIES_AFTER[letter.attempt - 1]
            self._letters.append(replace(letter, attempt=letter.attempt + 1, due_at=due_at))


def send(letter):
    """Deliver a letter once; return the HTTP status, or what went wrong as text."""
    url = urllib.parse.urlsplit(letter.url)
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=10)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(letter.body, letter.secret),
        "User-Agent": "Stripe/1.0 (stand-in)",
    }
    path = url.path + (f"?{url.query}" if url.query else "")
    try:
        connection.request("POST", path or "/", body=letter.body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()


def signature(body, secret):
    """Sign a body as Stripe does, at the real time: stripe-python accepts 300 s of it."""
    at = int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
