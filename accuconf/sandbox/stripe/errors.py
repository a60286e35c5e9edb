"""Stripe's way of saying no: an HTTP status and an `error` object."""


class Refused(Exception):
    """A request that Stripe answers with an error."""

    def __init__(self, status, message, *, kind="invalid_request_error", **details):
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message}
        self.error.update((name, value) for name, value in details.items() if value is not None)


def invalid(message, param=None, code=None, **details):
    """Answer 400: the request makes no sense, now or ever."""
    return Refused(400, message, param=param, code=code, **details)


def missing(noun, ident, param=None):
    """Answer that `ident` names nothing: 404 for the thing in the path, 400 for one in `param`."""
    words = {"payment_method": "PaymentMethod", "setup_intent": "setupintent"}
    return Refused(
        400 if param else 404,
        f"No such {words.get(noun, noun)}: '{ident}'",
        code="resource_missing",
        param=param or ("intent" if noun.endswith("_intent") else "id"),
    )
