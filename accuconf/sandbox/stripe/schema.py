"""Turns decoded form fields into typed values, or refuses them, by a TypedDict.

For calls with a secret key these are stripe-python's own (`stripe.params`), so what the pinned
library does not know is refused, as the real API version does. What Stripe.js sends is not among
them: the few TypedDicts of our own are at the end.
"""

import functools
import sys
import types
from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import stripe.params
from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from .errors import invalid

#: Names that stripe-python's hints use and import only while type checking.
_NAMES = {"StripeContext": str, "Mapping": Mapping}


class Misfit(Exception):
    """A value that its type does not allow, at `path`."""

    def __init__(self, path, message, code=None):
        super().__init__(message)
        self.path, self.code = path, code


def read(form, params):
    """Return the decoded form `form` with values of the types that TypedDict `params` names.

    Raises Refused.
    """
    try:
        return _read(params, form, "")
    except Misfit as misfit:
        raise invalid(str(misfit), misfit.path, misfit.code) from None


def params_of(name):
    """Return the class of that name in stripe-python's `stripe.params`."""
    return getattr(stripe.params, name)


def _read(hint, value, path):
    if is_typeddict(hint):
        return _read_fields(hint, value, path)
    kind = get_origin(hint) or hint
    return _READERS[kind](hint, value, path)


def _read_fields(hint, value, path):
    if not isinstance(value, dict):
        raise Misfit(path, "Invalid object")
    known = _fields(hint)
    for name in value.keys() - known.keys():
        where = _below(path, name)
        raise Misfit(where, f"Received unknown parameter: {where}", "parameter_unknown")
    for name, (_, required) in known.items():
        if required and name not in value:
            where = _below(path, name)
            raise Misfit(where, f"Missing required param: {where}.", "parameter_missing")
    return {name: _read(known[name][0], part, _below(path, name)) for name, part in value.items()}


@functools.cache
def _fields(hint):
    """Return {name: (type, is required)} of a TypedDict, without the library's own options."""
    names = {**vars(sys.modules[hint.__module__]), **_NAMES}
    fields = {}
    for name, kind in get_type_hints(hint, localns=names, include_extras=True).items():
        if name in RequestOptions.__annotations__:
            continue
        wrapper = get_origin(kind)
        bare = get_args(kind)[0] if wrapper in (NotRequired, Required) else kind
        fields[name] = (bare, wrapper is not NotRequired)
    return fields


def _below(path, name):
    return f"{path}[{name}]" if path else name


def _read_either(hint, value, path):
    """Read by the first fitting type; else complain about the one that fits furthest in."""
    misfits = []
    for choice in _choices(hint):
        try:
            return _read(choice, value, path)
        except Misfit as misfit:
            misfits.append(misfit)
    raise max(misfits, key=lambda misfit: len(misfit.path))


def _choices(hint):
    """Return the types of a union, the loosest last.

    Beside a list of words stripe-python also allows any str, for words that are still to come;
    the API of today does not.
    """
    choices = get_args(hint)
    words = [word for choice in choices for word in get_args(choice) if word != ""]
    if words and Literal in map(get_origin, choices):
        choices = [choice for choice in choices if choice is not str]
    return sorted(choices, key=lambda choice: choice is str)


def _read_word(hint, value, path):
    if value not in get_args(hint):
        some = ", ".join(str(word) for word in get_args(hint)[:6])
        raise Misfit(path, f"Invalid {path}: must be one of {some}")
    return value


def _read_list(hint, value, path):
    if not isinstance(value, list):
        raise Misfit(path, "Invalid array")
    return [_read(get_args(hint)[0], part, f"{path}[{n}]") for n, part in enumerate(value)]


def _read_mapping(hint, value, path):
    if not isinstance(value, dict):
        raise Misfit(path, "Invalid object")
    return value


def _read_bool(hint, value, path):
    if value not in ("true", "false"):
        raise Misfit(path, f"Invalid boolean: {value}")
    return value == "true"


def _read_int(hint, value, path):
    if not (isinstance(value, str) and value.removeprefix("-").isdecimal()):
        raise Misfit(path, f"Invalid integer: {value}", "parameter_invalid_integer")
    return int(value)


def _read_nothing(hint, value, path):
    if value != "":
        raise Misfit(path, "Must be empty")


def _read_str(hint, value, path):
    if not isinstance(value, str):
        raise Misfit(path, "Invalid string")
    return value


_READERS = {
    Union: _read_either,
    types.UnionType: _read_either,
    Literal: _read_word,
    list: _read_list,
    dict: _read_mapping,
    Mapping: _read_mapping,
    UntypedStripeObject: _read_mapping,
    bool: _read_bool,
    int: _read_int,
    str: _read_str,
    type(None): _read_nothing,
    Any: lambda hint, value, path: value,
}


# What Stripe.js sends with a publishable key.


class TypedCard(TypedDict):
    """A card as typed into the card fields."""

    number: str
    exp_month: int
    exp_year: int
    cvc: NotRequired[str]


class TypedAddress(TypedDict):
    """As much of the billing address as the card fields ask for."""

    postal_code: NotRequired[str]
    country: NotRequired[str]


class TypedBillingDetails(TypedDict):
    """Whose card it is."""

    name: NotRequired[str]
    email: NotRequired[str]
    phone: NotRequired[str]
    address: NotRequired[TypedAddress]


class ChosenBankAccount(TypedDict):
    """A bank account as chosen at the holder's bank."""

    account_number: str
    routing_number: str


class TypedPaymentMethod(TypedDict):
    """A payment method that is made while confirming."""

    type: Literal["card", "us_bank_account"]
    card: NotRequired[TypedCard]
    us_bank_account: NotRequired[ChosenBankAccount]
    billing_details: NotRequired[TypedBillingDetails]


class OnlineAcceptance(TypedDict):
    """That whoever is at the browser agrees; who that is, Stripe.js tells."""

    infer_from_client: bool


class CustomerAcceptance(TypedDict):
    """How a mandate was accepted."""

    type: Literal["online"]
    online: OnlineAcceptance


class AcceptedMandate(TypedDict):
    """The permission to debit a bank account, given by confirming."""

    customer_acceptance: CustomerAcceptance


class BrowserRetrieve(TypedDict):
    """Looking at an intent."""

    client_secret: str


class BrowserConfirm(TypedDict):
    """Confirming an intent with a card just typed, or with a saved one."""

    client_secret: str
    payment_method: NotRequired[str]
    payment_method_data: NotRequired[TypedPaymentMethod]
    mandate_data: NotRequired[AcceptedMandate]
    return_url: NotRequired[str]
    use_stripe_sdk: NotRequired[bool]
