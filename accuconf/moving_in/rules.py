"""What must hold between the values of one account, and between the accounts of one file."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from accuconf.moving_in.entries import (
    AccountEntry,
    CardEntry,
    ConferenceEntry,
    DialInEntry,
    RateEntry,
    UserEntry,
)
from accuconf.moving_in.reading import Note
from billing.models import RatePlan, StoredCard
from conferences.models import AccessType
from conferences.models.pin import digests_of
from users.policy import TICKED_ROLES, Role

#: Something that can be used only once: its kind, its value, and where the file uses it.
Use = tuple[str, str, str]


def broken_in_account(
    account: AccountEntry, where: str, *, plans: Mapping[str, RatePlan], now: dt.datetime
) -> Iterator[Note]:
    """Yield what does not fit together within `account`; `plans` are those there are, by name."""
    if account.closed_on and account.closed_on < account.activated_on:
        yield Note(f"{where}.closed_on", "must not be before activated_on")
    if account.rate_plan not in plans:
        yield Note(f"{where}.rate_plan", "names no rate plan of the portal or of this file")
    elif plans[account.rate_plan].currency != account.currency:
        yield Note(f"{where}.rate_plan", "is in another currency than the account")
    if account.stripe:
        yield from _broken_card(account.stripe, f"{where}.stripe")
    if not any(user.role == Role.ADMIN for user in account.users):
        yield Note(f"{where}.users", "must hold at least one person whose role is admin")
    numbers = {conference.number for conference in account.conferences}
    for index, user in enumerate(account.users):
        yield from _broken_rights(user, numbers, f"{where}.users[{index}].rights")
    today = now.astimezone(ZoneInfo(account.time_zone)).date()
    for index, conference in enumerate(account.conferences):
        yield from _broken_conference(conference, f"{where}.conferences[{index}]", today)


def broken_in_dial_in(number: DialInEntry, where: str) -> Iterator[Note]:
    """Yield what is wrong with a dial-in number: nobody dials in to be dialled out to."""
    if number.access_type == AccessType.OUT_DIAL:
        yield Note(f"{where}.access_type", "must be a way in; out_dial calls have no number")


def _broken_card(card: CardEntry, where: str) -> Iterator[Note]:
    """Yield what a card lacks, or a bank account has, of what is shown of cards alone."""
    is_card = card.kind == StoredCard.Kind.CARD
    for name in ("brand", "exp_month", "exp_year"):
        if is_card and not getattr(card, name):
            yield Note(f"{where}.{name}", "is missing: every card has one")
        elif not is_card and getattr(card, name):
            yield Note(f"{where}.{name}", "must be left out: a bank account has none")
    if is_card and card.bank_name:
        yield Note(f"{where}.bank_name", "must be left out: it is a bank account's")


def _broken_rights(user: UserEntry, numbers: set[str], where: str) -> Iterator[Note]:
    if user.rights and user.role not in TICKED_ROLES:
        roles = " or ".join(sorted(TICKED_ROLES))
        yield Note(where, f"must be empty: rights count only for the role {roles}")
    for number in sorted(user.rights.keys() - numbers):
        yield Note(where, f"names {number[:40]!a}, which is no conference of this account")


def _broken_conference(conference: ConferenceEntry, where: str, today: dt.date) -> Iterator[Note]:
    if conference.closed_on and not conference.created_on <= conference.closed_on <= today:
        yield Note(f"{where}.closed_on", "must be from created_on to today")
    yield from rates_named_twice(conference.rates, f"{where}.rates")


def rates_named_twice(rates: Iterable[RateEntry], where: str) -> Iterator[Note]:
    """Yield each rate that has the access type and the first day of an earlier one."""
    seen = set()
    for index, rate in enumerate(rates):
        if rate.key in seen:
            yield Note(f"{where}[{index}]", "has the access type and day of an earlier rate")
        seen.add(rate.key)


class Claims:
    """Which place in the file was first to use what can be used only once."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}

    def broken_by(self, used: Iterable[Use]) -> Iterator[Note]:
        """Claim each (kind, value, where) of `used`, and yield those claimed before."""
        for kind, value, where in used:
            first = self._first.setdefault((kind, value), where)
            if first != where:
                yield Note(where, f"is the same as {first}")


def used_once(account: AccountEntry, where: str) -> Iterator[Use]:
    """Yield what the account uses that no other may; a PIN by its digest under each key."""
    for index, user in enumerate(account.users):
        yield "email", user.email, f"{where}.users[{index}].email"
    for index, conference in enumerate(account.conferences):
        place = f"{where}.conferences[{index}]"
        yield "conference", conference.number, f"{place}.number"
        for number, pin in enumerate(conference.pins):
            for digest in digests_of(pin.digits):
                yield "pin", digest, f"{place}.pins[{number}].digits"
