"""The log of every API call, so that a test can assert what was asked and how often."""

import copy


class CallLog:
    """Calls in the order of their arrival; one entry is completed when the call is answered."""

    def __init__(self):
        self._entries = []

    def note(self, request, fault):
        """Write down a call that has come in, and return its entry."""
        entry = {
            "method": request.method,
            "path": request.path,
            "params": copy.deepcopy(request.form),
            "idempotency_key": request.idempotency_key,
            "fault": fault.action,
            "status": None,
            "replayed": False,
        }
        self._entries.append(entry)
        return entry

    def entries(self):
        """Return all entries, oldest first."""
        return list(self._entries)

    def clear(self):
        """Forget all calls."""
        self._entries = []
