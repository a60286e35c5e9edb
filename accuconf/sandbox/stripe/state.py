"""Everything the stand-in knows: the objects Stripe would keep, its clock, and what tests arranged.

Objects are plain dicts as Stripe shows them; a name that begins with `_` is ours and never leaves.
"""

import json
import os
import secrets
import string
import threading
import time
from collections import defaultdict
from pathlib import Path

from .calls import CallLog
from .delivery import Postman
from .errors import missing
from .faults import Faults
from .idempotency import IdempotencyKeys

#: Kinds of object that do not say whether they are of test mode.
WITHOUT_MODE = {"balance_transaction", "refund"}
#: Kinds of payment that are played; an account at Stripe may take fewer.
METHOD_TYPES = ["card", "us_bank_account"]
_LETTERS = string.ascii_letters + string.digits


def random_name(prefix, length=24):
    """Make up an identifier as Stripe's look: a prefix and letters that nobody can guess."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))


class World:
    """One Stripe account in test mode. Whoever reads or changes it holds `lock`."""

    def __init__(self, state_file=None):
        self.lock = threading.RLock()
        self.url = ""
        self.closing = threading.Event()
        self.faults = Faults()
        self.calls = CallLog()
        self.postman = Postman()
        self._state_file = Path(state_file) if state_file else None
        self.reset()
        if self._state_file:
            self._state_file.parent.mkdir(parents=True, exist_ok=True)
            self._load()

    def reset(self):
        """Forget everything, as if the account had just been opened."""
        self._objects = defaultdict(dict)  # by kind, then by id, oldest first
        self._seconds_ahead = 0
        self.kinds = METHOD_TYPES
        self.keys = IdempotencyKeys()
        self.call = None
        self.faults.clear()
        self.calls.clear()
        self.postman.reset()

    def now(self):
        """Return the virtual time in whole seconds since 1970."""
        return int(time.time()) + self._seconds_ahead

    def advance(self, seconds):
        """Move the virtual clock."""
        self._seconds_ahead += int(seconds)

    def add(self, prefix, noun, **fields):
        """Keep and return a new object."""
        thing = {"id": random_name(prefix), "object": noun, "created": self.now()}
        thing |= fields if noun in WITHOUT_MODE else {"livemode": False, **fields}
        self._objects[noun][thing["id"]] = thing
        return thing

    def remove(self, thing):
        """Forget an object for good."""
        del self._objects[thing["object"]][thing["id"]]

    def get(self, ident):
        """Return the object of that id whatever it is, or None."""
        for things in self._objects.values():
            if ident in things:
                return things[ident]
        return None

    def find(self, noun, ident, param=None):
        """Return the `noun` of that id; `param` names the parameter that named it, if any did.

        Raises Refused.
        """
        if ident not in self._objects[noun]:
            raise missing(noun, ident, param)
        return self._objects[noun][ident]

    def every(self, noun):
        """Return all objects of a kind, newest first: a write is in the very next list."""
        return list(reversed(self._objects[noun].values()))

    def save(self):
        """Write the state file, if there is one: whole or not at all."""
        if self._state_file is None:
            return
        kept = {
            "seconds_ahead": self._seconds_ahead,
            "objects": self._objects,
            "keys": self.keys.finished(),
        }
        unfinished = self._state_file.with_name(self._state_file.name + ".new")
        unfinished.write_text(json.dumps(kept))
        os.replace(unfinished, self._state_file)

    def _load(self):
        if not self._state_file.exists():
            return
        kept = json.loads(self._state_file.read_text())
        self._seconds_ahead = kept["seconds_ahead"]
        self._objects.update(kept["objects"])
        self.keys = IdempotencyKeys(kept["keys"])
