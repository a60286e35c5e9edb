"""What the portal holds already: for comparing, and for finding what is taken by others."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import Lower

from accounts.models import Account
from accuconf.moving_in.entries import OptionsEntry
from accuconf.moving_in.reading import Note
from accuconf.moving_in.rules import Use
from billing.models import AccountPlan, Rate, RatePlan, StoredCard
from conferences.models import Conference, DialInNumber, Pin, Schedule
from conferences.models.pin import digest_of
from users.models import ConferenceRight, User

#: Something stored as {name of the entry's field: value}; children as {their key: the same}.
Stored = dict[str, Any]
#: A conference closes when its last day ends: this much earlier it is still that day.
AN_INSTANT = dt.timedelta(microseconds=1)
#: Sentences for what is used by another account, by the kinds of rules.used_once.
TAKEN = {
    "email": "signs in on another account already",
    "conference": "is a conference of another account already",
    "pin": "is in use already, or was until lately",
}


def rate_plans(names: Collection[str]) -> dict[str, Stored]:
    """Return the stored rate plans of those names, by name."""
    plans = RatePlan.objects.filter(name__in=names).in_bulk()
    rates = _rates("plan", plans)
    return {
        plan.name: {"currency": plan.currency, "rates": rates[key]} for key, plan in plans.items()
    }


def dial_in_numbers(numbers: Collection[str]) -> dict[str, Stored]:
    """Return the stored dial-in numbers among `numbers`, by number."""
    found = DialInNumber.objects.filter(number__in=numbers)
    return {row.number: {"access_type": row.access_type, "label": row.label} for row in found}


def accounts(numbers: Collection[str]) -> dict[str, Stored]:
    """Return the stored accounts among `numbers`, by number, each with all that is its own."""
    found = Account.objects.filter(number__in=numbers).in_bulk()
    plans = _first_plans(found)
    cards = {card.account_id: _card(card) for card in StoredCard.objects.filter(account__in=found)}
    users = _users(found)
    conferences = _conferences(found)
    return {
        account.number: {
            **_account(account),
            "rate_plan": plans.get(key, ""),
            "stripe": cards.get(key),
            "users": users[key],
            "conferences": conferences[key],
        }
        for key, account in found.items()
    }


def taken_among(used: Iterable[Use]) -> set[tuple[str, str]]:
    """Return the (kind, value) of `used` that are in use already."""
    values = defaultdict(set)
    for kind, value, _ in used:
        values[kind].add(value)
    return {(kind, value) for kind in values for value in _taken(kind, values[kind])}


def notes_on_taken(used: Iterable[Use], taken: Collection[tuple[str, str]]) -> Iterator[Note]:
    """Yield a note on each of `used` that is `taken`."""
    return (Note(where, TAKEN[kind]) for kind, value, where in used if (kind, value) in taken)


def _taken(kind: str, values: Collection[str]) -> Iterable[str]:
    match kind:
        case "email":
            people = User.objects.confirmed().annotate(small=Lower("email"))
            people = people.filter(small__in=values)
            return people.values_list("small", flat=True)
        case "conference":
            lines = Conference.objects.filter(number__in=values)
            return lines.values_list("number", flat=True)
        case "pin":
            return Pin.objects.filter(digest__in=values).values_list("digest", flat=True)


def differences(entry: Any, there: Stored, where: str) -> Iterator[Note]:
    """Yield where `entry` says otherwise than what is `there`; what is only there is left out."""
    for name, value in there.items():
        given, place = getattr(entry, name), f"{where}.{name}"
        if isinstance(given, tuple):
            yield from _children_that_differ(given, value, place)
        elif isinstance(value, dict) and given is not None and name != "rights":
            yield from differences(given, value, place)
        elif given != value:
            yield Note(place, "differs from what is there")


def _children_that_differ(
    given: tuple[Any, ...], there: Mapping[Any, Stored], where: str
) -> Iterator[Note]:
    for index, child in enumerate(given):
        place = f"{where}[{index}]"
        if child.key in there:
            yield from differences(child, there[child.key], place)
        else:
            yield Note(place, "is not there, or no longer")


def _account(account: Account) -> Stored:
    return {
        "name": account.name,
        "address": {
            "line1": account.address_line1,
            "line2": account.address_line2,
            "city": account.city,
            "region": account.region,
            "postal_code": account.postal_code,
            "country": account.country.code,
        },
        "phone": account.phone.as_e164 if account.phone else "",
        "terms": account.terms,
        "time_zone": account.time_zone,
        "currency": account.currency,
        "activated_on": account.activated_on,
        "billed_from": account.billed_from,
        "closed_on": account.closed_on,
    }


def _first_plans(found):
    newest_first = AccountPlan.objects.filter(account__in=found).order_by("-starts_on")
    return dict(newest_first.values_list("account_id", "plan__name"))


def _card(card: StoredCard) -> Stored:
    return {
        "customer": card.customer_id,
        "payment_method": card.payment_method_id,
        "kind": card.kind,
        "brand": card.brand,
        "bank_name": card.bank_name,
        "last4": card.last4,
        "exp_month": card.expiry_month,
        "exp_year": card.expiry_year,
    }


def _users(found):
    rights = defaultdict(lambda: defaultdict(frozenset))
    ticks = ConferenceRight.objects.filter(user__account__in=found)
    for user, number, right in ticks.values_list("user_id", "conference__number", "right"):
        rights[user][number] |= {right}
    of_accounts = defaultdict(dict)
    for user in User.objects.filter(account__in=found):
        of_accounts[user.account_id][user.email] = {
            "name": user.name,
            "role": user.role,
            "time_zone": user.time_zone,
            "receives_ebill": user.receives_bills,
            "rights": dict(rights[user.pk]),
        }
    return of_accounts


def _conferences(found):
    lines = Conference.objects.filter(account__in=found).select_related("account").in_bulk()
    rates, pins = _rates("conference", lines), defaultdict(dict)
    for pin in Pin.objects.active().filter(conference__in=lines):
        known_by = digest_of(pin.digits)  # hashed anew: it may stand under an older key
        pins[pin.conference_id][known_by] = {"kind": pin.kind, "name": pin.holder_name}
    schedules = {
        schedule.conference_id: _schedule(schedule)
        for schedule in Schedule.objects.filter(conference__in=lines)
    }
    of_accounts = defaultdict(dict)
    for key, line in lines.items():
        of_accounts[line.account_id][line.number] = {
            **_conference(line),
            "schedule": schedules.get(key),
            "rates": rates[key],
            "pins": pins[key],
        }
    return of_accounts


def _conference(line: Conference) -> Stored:
    zone = ZoneInfo(line.account.time_zone)
    closed_on = line.closed_at and (line.closed_at - AN_INSTANT).astimezone(zone).date()
    return {
        "name": line.name,
        "kind": line.kind,
        "billing_code": line.billing_code,
        "options": {field.name: getattr(line, field.name) for field in fields(OptionsEntry)},
        "created_on": line.created_at.astimezone(zone).date(),
        "closed_on": closed_on,
    }


def _schedule(schedule: Schedule) -> Stored:
    return {
        "starts_on": schedule.starts_on,
        "time": schedule.starts_at_time,
        "time_zone": schedule.time_zone,
        "minutes": schedule.minutes,
    }


def _rates(owner, owners):
    of_owners = defaultdict(dict)
    for rate in Rate.objects.filter(**{f"{owner}__in": owners}):
        price = {"rate_per_minute": rate.rate_per_minute}
        of_owners[getattr(rate, f"{owner}_id")][rate.access_type, rate.starts_on] = price
    return of_owners
