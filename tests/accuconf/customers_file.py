"""A file of customers with one of everything, to be spoilt at will."""

import copy

RATE_PLAN = {
    "name": "Standard",
    "currency": "USD",
    "rates": [
        {"access_type": "toll_free", "rate_per_minute": "0.049000", "starts_on": "2024-01-01"},
        {"access_type": "local", "rate_per_minute": "0.029", "starts_on": "2024-01-01"},
    ],
}
DIAL_IN = {"number": "18005550100", "access_type": "toll_free", "label": "Toll-free"}
ADMIN = {
    "email": "Ana@Aurora.example",
    "name": "Ana Admin",
    "role": "admin",
    "time_zone": "America/New_York",
    "password": "a long enough password",
}
BASIC = {
    "email": "ben@aurora.example",
    "name": "Ben Basic",
    "role": "basic",
    "time_zone": "Europe/Zurich",
    "password": None,
    "receives_ebill": False,
    "rights": {"30001": ["view", "recording"]},
}
ON_DEMAND = {
    "number": "30001",
    "name": "Sales — Zürich",
    "kind": "on_demand",
    "billing_code": "CC-7",
    "options": {"mutes_on_entry": True},
    "created_on": "2025-03-09",
    "closed_on": None,
    "schedule": None,
    "rates": [{"access_type": "local", "rate_per_minute": "0.02", "starts_on": "2025-03-09"}],
    "pins": [
        {"kind": "moderator", "digits": "481516234", "name": "Ana"},
        {"kind": "participant", "digits": "90210"},
    ],
}
ONE_TIME = {
    "number": "30002",
    "name": "Town hall",
    "kind": "one_time",
    "created_on": "2026-01-05",
    "closed_on": "2026-01-20",
    "schedule": {
        "starts_on": "2026-01-20",
        "time": "09:30",
        "time_zone": "America/New_York",
        "minutes": 90,
    },
}
ACCOUNT = {
    "number": "40012",
    "name": "Aurora Robotics",
    "address": {"line1": "1 Main Street", "city": "Boston", "region": "MA", "country": "US"},
    "phone": "(617) 555-0123",
    "terms": "card",
    "time_zone": "America/New_York",
    "currency": "USD",
    "activated_on": "2025-03-01",
    "billed_from": "2025-03-01",
    "rate_plan": "Standard",
    "stripe": {
        "customer": "cus_1",
        "payment_method": "pm_card_visa",
        "brand": "visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2034,
    },
    "users": [ADMIN, BASIC],
    "conferences": [ON_DEMAND, ONE_TIME],
}


def whole_file():
    return copy.deepcopy(
        {"rate_plans": [RATE_PLAN], "dial_in_numbers": [DIAL_IN], "accounts": [ACCOUNT]}
    )


def another_account(**changes):
    """An account that shares nothing with the first."""
    alone = {"users": [{**ADMIN, "email": "bo@borealis.example"}], "conferences": []}
    return copy.deepcopy({**ACCOUNT, "number": "40013", **alone, **changes})


def put(document, place, value):
    """Set what stands at `place`, a list of keys, to `value`; `...` takes it away."""
    *way, last = place
    for key in way:
        document = document[key]
    if value is ...:
        del document[last]
    else:
        document[last] = value
