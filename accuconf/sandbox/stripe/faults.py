"""Mishaps that tests order: lost requests, lost answers, errors and slowness."""

import re
from dataclasses import dataclass

from .errors import Refused


class Hangup(Exception):
    """The connection closes and the caller never hears an answer."""


@dataclass
class Fault:
    """One mishap, for the next `times` calls that fit `method` and `path` (a regex, searched).

    drop_before   the request is lost: nothing happens, nobody answers
    drop_after    the work is done, the answer is lost
    status        `status` is answered instead of doing the work
    status_after  the work is done, yet `status` is answered (and kept under the idempotency key)
    slow          the work begins `seconds` later, its idempotency key in use meanwhile
    hang_after    the work is done, the answer comes `seconds` later
    """

    action: str
    method: str = "POST"
    path: str = "."
    times: int = 1
    status: int = 500
    code: str | None = None
    seconds: float = 1.0

    def fits(self, method, path):
        """Tell whether this mishap is still to come and meant for such a call."""
        return self.times > 0 and self.method == method and re.search(self.path, path)

    def before(self):
        """Happen before Stripe has looked at the request. Raises Hangup, Refused."""
        if self.action == "drop_before":
            raise Hangup
        if self.action == "status":
            raise self.error()

    def during(self, closing):
        """Happen after the idempotency key was taken and before the work."""
        if self.action == "slow":
            closing.wait(self.seconds)

    def spoils(self):
        """Tell whether the work's own answer is to be replaced by `error()`."""
        return self.action == "status_after"

    def after(self, closing):
        """Happen once the answer is ready. Raises Hangup."""
        if self.action == "drop_after":
            raise Hangup
        if self.action == "hang_after":
            closing.wait(self.seconds)

    def error(self):
        """Make the error that is answered instead."""
        kind = "api_error" if self.status >= 500 else "invalid_request_error"
        return Refused(self.status, "A fault that was ordered.", kind=kind, code=self.code)


ACTIONS = {"drop_before", "drop_after", "status", "status_after", "slow", "hang_after"}
NO_FAULT = Fault(action=None, times=0)


class Faults:
    """The mishaps still to come, oldest first."""

    def __init__(self):
        self._waiting = []

    def order(self, fault):
        """Arrange for a mishap. Raises ValueError for one that is not known."""
        if fault.action not in ACTIONS:
            raise ValueError(f"{fault.action!r} is none of {', '.join(sorted(ACTIONS))}.")
        self._waiting.append(fault)

    def take(self, method, path):
        """Return the mishap for this call, which uses it up; NO_FAULT when there is none."""
        for fault in self._waiting:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        return NO_FAULT

    def clear(self):
        """Let nothing go wrong any more."""
        self._waiting = []
