"""The format of the file, field by field: what docs/customers-format.md explains, Python declares.

A field with a default may be left out; one that may be null says so. Values are read by values.py.
"""
# ruff: noqa: RUF009 - reads() gives a dataclass field, as field() itself does

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django_countries import countries

from accounts.models import Account, Terms
from accounts.money import CURRENCIES
from accuconf.moving_in.reading import NotAccepted, holds, holds_many, reads
from accuconf.moving_in.values import (
    clock_time,
    day,
    fits,
    matches,
    one_of,
    rate,
    text,
    whole,
    yes_or_no,
)
from billing.models import RatePlan, StoredCard
from conferences.models import AccessType, Conference, DialInNumber, Pin, Schedule
from conferences.models.pin import digest_of
from users.models import RightChoice, RoleChoice, User

currency = matches(
    "|".join(sorted(CURRENCIES)), "must be the code of a currency with cents, such as USD"
)


def _of(model, name):
    return fits(model._meta.get_field(name))


def email(value):
    """Read an e-mail address; the portal keeps them in small letters."""
    return _of(User, "email")(value).lower()


def country(value):
    """Read a country by its code of two letters (ISO 3166)."""
    sentence = "must be a country's code of two capital letters, such as US"
    if countries.alpha2(matches("[A-Z]{2}", sentence)(value)) != value:
        raise NotAccepted(sentence)
    return value


def phone(value):
    """Read a telephone number, as +16175550123 or as the operator's country writes it."""
    written = text(value)
    try:
        number = Account._meta.get_field("phone").clean(written, None)
    except ValidationError as error:
        raise NotAccepted("must be a telephone number, such as +16175550123") from error
    return number.as_e164 if number else ""


def password(value):
    """Read a password in the clear, which only the sandbox takes."""
    if not settings.SANDBOX:
        raise NotAccepted("must be null: people choose their own by “Forgot your password?”")
    if not isinstance(value, str) or not 1 <= len(value) <= 128:
        raise NotAccepted("must be text of 1 to 128 characters, or null")
    return value


def rights(value):
    """Read rights as {conference number: set of rights}."""
    if not isinstance(value, dict):
        raise NotAccepted("must be an object of conference numbers, each with a list of rights")
    return {text(number): _set_of_rights(names) for number, names in value.items()}


def _set_of_rights(names):
    read_right = one_of(RightChoice)
    if not isinstance(names, list) or not names:
        raise NotAccepted("must have a list of at least one right for each conference")
    return frozenset(read_right(name) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEntry:
    """The price of a minute for one access type, from a day on."""

    access_type: str = reads(one_of(AccessType))
    rate_per_minute: Decimal = reads(rate)
    starts_on: dt.date = reads(day)

    @property
    def key(self):
        return (self.access_type, self.starts_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePlanEntry:
    """A named set of rates."""

    name: str = reads(_of(RatePlan, "name"))
    currency: str = reads(currency)
    rates: tuple[RateEntry, ...] = holds_many(RateEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialInEntry:
    """A telephone number that leads to the bridge."""

    number: str = reads(matches("[0-9]{3,20}", "must be 3 to 20 digits and nothing else"))
    access_type: str = reads(one_of(AccessType))
    label: str = reads(_of(DialInNumber, "label"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEntry:
    """Where an account's company is, as printed on its bills."""

    line1: str = reads(_of(Account, "address_line1"))
    line2: str = reads(_of(Account, "address_line2"), default="")
    city: str = reads(_of(Account, "city"))
    region: str = reads(_of(Account, "region"), default="")
    postal_code: str = reads(_of(Account, "postal_code"), default="")
    country: str = reads(country)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """The card or bank account that Stripe already keeps for an account."""

    customer: str = reads(_of(StoredCard, "customer_id"))
    payment_method: str = reads(_of(StoredCard, "payment_method_id"))
    kind: str = reads(one_of(StoredCard.Kind), default=StoredCard.Kind.CARD)
    brand: str = reads(_of(StoredCard, "brand"), default="")
    bank_name: str = reads(_of(StoredCard, "bank_name"), default="")
    last4: str = reads(matches("[0-9]{4}", "must be the last four digits"))
    exp_month: int | None = reads(whole(1, 12), null=True, default=None)
    exp_year: int | None = reads(whole(2000, 2100), null=True, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntry:
    """A person of an account."""

    email: str = reads(email)
    name: str = reads(_of(User, "name"))
    role: str = reads(one_of(RoleChoice))
    time_zone: str = reads(_of(User, "time_zone"))
    password: str | None = reads(password, null=True, default=None, repr=False)
    receives_ebill: bool = reads(yes_or_no, default=True)
    rights: dict[str, frozenset[str]] = reads(rights, default_factory=dict)

    @property
    def key(self):
        return self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class PinEntry:
    """Digits that let callers into a conference."""

    kind: str = reads(one_of(Pin.Kind))
    digits: str = reads(matches("[0-9]{4,20}", "must be 4 to 20 digits"), repr=False)
    name: str = reads(_of(Pin, "holder_name"), default="")

    @property
    def key(self):
        return digest_of(self.digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionsEntry:
    """How a conference behaves; what is left out is as for a new one."""

    records_automatically: bool = reads(yes_or_no, default=False)
    plays_entry_tones: bool = reads(yes_or_no, default=True)
    announces_names: bool = reads(yes_or_no, default=False)
    mutes_on_entry: bool = reads(yes_or_no, default=False)
    waits_for_moderator: bool = reads(yes_or_no, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry:
    """When a conference meets: the wall clock of a zone."""

    starts_on: dt.date = reads(day)
    time: dt.time = reads(clock_time)
    time_zone: str = reads(_of(Schedule, "time_zone"))
    minutes: int = reads(whole(5, 24 * 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceEntry:
    """A line callers can meet on, with the PINs that they have been given."""

    number: str = reads(_of(Conference, "number"))
    name: str = reads(_of(Conference, "name"))
    kind: str = reads(one_of(Conference.Kind))
    billing_code: str = reads(_of(Conference, "billing_code"), default="")
    options: OptionsEntry = holds(OptionsEntry, default=OptionsEntry())
    created_on: dt.date = reads(day)
    closed_on: dt.date | None = reads(day, null=True, default=None)
    schedule: ScheduleEntry | None = holds(ScheduleEntry, null=True, default=None)
    rates: tuple[RateEntry, ...] = holds_many(RateEntry, default=())
    pins: tuple[PinEntry, ...] = holds_many(PinEntry, default=())

    @property
    def key(self):
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """A customer company with all that is its own: taken in whole, or not at all."""

    number: str = reads(_of(Account, "number"))
    name: str = reads(_of(Account, "name"))
    address: AddressEntry = holds(AddressEntry)
    phone: str = reads(phone, default="")
    terms: str = reads(one_of(Terms))
    time_zone: str = reads(_of(Account, "time_zone"))
    currency: str = reads(currency)
    activated_on: dt.date = reads(day)
    billed_from: dt.date = reads(day)
    closed_on: dt.date | None = reads(day, null=True, default=None)
    rate_plan: str = reads(_of(RatePlan, "name"))
    stripe: CardEntry | None = holds(CardEntry, null=True, default=None)
    users: tuple[UserEntry, ...] = holds_many(UserEntry)
    conferences: tuple[ConferenceEntry, ...] = holds_many(ConferenceEntry, default=())
