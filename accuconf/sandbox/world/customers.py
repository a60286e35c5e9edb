"""The sample world's customers, as the document that `manage.py import_customers` takes in.

Its format is explained in docs/customers-format.md.
"""

import datetime as dt
import random

from accuconf.sandbox.world.companies import (
    COMPANIES,
    DIAL_IN_NUMBERS,
    OWN_RATES,
    RATES,
    Company,
)
from accuconf.sandbox.world.lines import (
    MONTHS,
    Line,
    activated_on,
    closed_on,
    lines_of,
    months_back,
    months_until,
)
from accuconf.sandbox.world.people import callers_of, users_of

CURRENCY = "USD"
#: The newer rates hold from so many months before the last one on.
RATES_CHANGED_MONTHS_BACK = 6
OPTIONS = {
    "records_automatically": 0.2,
    "plays_entry_tones": 0.7,
    "announces_names": 0.3,
    "mutes_on_entry": 0.15,
    "waits_for_moderator": 0.4,
}


def document(until: dt.date, stripe: dict[str, dict[str, str]]) -> dict:
    """Return the customers as they are on `until`; `stripe` names ids by account number."""
    return {
        "rate_plans": [_plan(name, rates, until) for name, rates in RATES.items()],
        "dial_in_numbers": [
            {"number": number, "access_type": access_type, "label": label}
            for number, access_type, label in DIAL_IN_NUMBERS
        ],
        "accounts": [_account(company, until, stripe) for company in COMPANIES],
    }


def _plan(name: str, rates: tuple[dict[str, str], ...], until: dt.date) -> dict:
    old, new = rates
    began = months_back(until, MONTHS + 36)
    changed = months_back(until, RATES_CHANGED_MONTHS_BACK)
    newer = {kind: rate for kind, rate in new.items() if rate != old[kind]}
    return {
        "name": name,
        "currency": CURRENCY,
        "rates": _rates(old, began) + _rates(newer, changed),
    }


def _rates(by_access_type: dict[str, str], starts_on: dt.date) -> list[dict]:
    return [
        {
            "access_type": access_type,
            "rate_per_minute": rate.ljust(8, "0"),
            "starts_on": starts_on.isoformat(),
        }
        for access_type, rate in by_access_type.items()
    ]


def _account(company: Company, until: dt.date, stripe: dict[str, dict[str, str]]) -> dict:
    lines = lines_of(company, until)
    parts = ("line1", "line2", "city", "region", "postal_code", "country")
    return {
        "number": company.number,
        "name": company.name,
        "address": dict(zip(parts, company.address, strict=True)),
        "phone": company.phone,
        "terms": company.terms,
        "time_zone": company.zone,
        "currency": CURRENCY,
        "activated_on": activated_on(company, until).isoformat(),
        "billed_from": months_until(until)[0].first_day.isoformat(),
        "closed_on": _day(closed_on(company, until)),
        "rate_plan": company.plan,
        "stripe": _stripe(company, until, stripe.get(company.number)),
        "users": users_of(company, [line.number for line in lines]),
        "conferences": [_conference(company, line) for line in lines],
    }


def _stripe(company: Company, until: dt.date, ids: dict[str, str] | None) -> dict | None:
    if ids is None:
        return None
    if company.bank:
        bank_name, last4 = company.bank
        return ids | {"kind": "us_bank_account", "bank_name": bank_name, "last4": last4}
    brand, last4 = company.card
    expiry = {"exp_month": 12, "exp_year": until.year + 3}
    return ids | {"brand": brand, "last4": last4} | expiry


def _schedule(company: Company, line: Line) -> dict | None:
    if line.held_on is None:
        return None
    return {
        "starts_on": line.held_on.isoformat(),
        "time": "10:00",
        "time_zone": company.zone,
        "minutes": 90,
    }


def _conference(company: Company, line: Line) -> dict:
    dice = random.Random(f"conference {line.number}")
    own_rates = OWN_RATES.get((company.number, line.name), {})
    return {
        "number": line.number,
        "name": line.name,
        "kind": line.kind,
        "billing_code": line.billing_code,
        "options": {name: dice.random() < share for name, share in OPTIONS.items()},
        "created_on": line.created_on.isoformat(),
        "closed_on": _day(line.closed_on),
        "schedule": _schedule(company, line),
        "rates": _rates(own_rates, line.created_on),
        "pins": _pins(company, line, dice),
    }


def _pins(company: Company, line: Line, dice: random.Random) -> list[dict]:
    pins = [("moderator", ""), ("participant", "")]
    if dice.random() < 0.3:
        pins.append(("speaker", ""))
    if line.kind == "on_demand":
        named = [person.name for person in callers_of(company)[: dice.randrange(6)]]
        pins += [("participant", name) for name in named if name]
    return [
        {"kind": kind, "digits": _digits(line, place), "name": name}
        for place, (kind, name) in enumerate(pins)
    ]


def _digits(line: Line, place: int) -> str:
    """Nine digits without runs and repeats; a test sees to it that no two are the same."""
    dice = random.Random(f"PIN {line.number} {place}")
    digits = [dice.randrange(1, 10)]
    while len(digits) < 9:
        digits.append(dice.choice([d for d in range(10) if abs(d - digits[-1]) > 1]))
    return "".join(map(str, digits))


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
