"""Writing checked entries into the portal's tables, many accounts at once."""

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import Account, AuditEntry
from accounts.services.audit import audit_entry
from accuconf.moving_in.entries import AccountEntry, ConferenceEntry, DialInEntry, RatePlanEntry
from billing.models import AccountPlan, Rate, RatePlan, StoredCard
from conferences.models import Conference, DialInNumber, Pin, Schedule
from conferences.models.pin import digest_of, sealed
from users.models import ConferenceRight, User

#: Who the audit log says did it.
ACTOR = Actor(label="import_customers")
A_DAY = dt.timedelta(days=1)


@transaction.atomic
def write_rate_plans(entries: Iterable[RatePlanEntry], *, now: dt.datetime) -> None:
    """Store new rate plans with their rates."""
    entries = list(entries)
    plans = RatePlan.objects.bulk_create(
        RatePlan(name=entry.name, currency=entry.currency) for entry in entries
    )
    Rate.objects.bulk_create(
        Rate(plan=plan, **asdict(rate))
        for plan, entry in zip(plans, entries, strict=True)
        for rate in entry.rates
    )
    _record(plans, now)


@transaction.atomic
def write_dial_in_numbers(entries: Iterable[DialInEntry], *, now: dt.datetime) -> None:
    """Store new dial-in numbers."""
    numbers = DialInNumber.objects.bulk_create(DialInNumber(**asdict(entry)) for entry in entries)
    _record(numbers, now)


@transaction.atomic
def write_accounts(
    entries: Sequence[AccountEntry], plans: Mapping[str, RatePlan], *, now: dt.datetime
) -> None:
    """Store new accounts with all that is their own, or none of them.

    `plans` are those there are, by name. Raises IntegrityError where something of
    theirs was stored by somebody else since it was checked.
    """
    _wait_for_other_imports()
    accounts = Account.objects.bulk_create(_account(entry) for entry in entries)
    pairs = list(zip(accounts, entries, strict=True))
    AccountPlan.objects.bulk_create(
        AccountPlan(account=account, plan=plans[entry.rate_plan], starts_on=entry.activated_on)
        for account, entry in pairs
    )
    StoredCard.objects.bulk_create(
        _card(account, entry) for account, entry in pairs if entry.stripe
    )
    conferences = _write_conferences(pairs, now)
    _write_users(pairs, conferences, now)
    _record(accounts, now)


def _wait_for_other_imports():
    """Hold a lock until the transaction ends: two imports in different order could deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import_customers'))")


def _account(entry):
    address = {
        f"address_{name}" if name.startswith("line") else name: value
        for name, value in asdict(entry.address).items()
    }
    return Account(
        number=entry.number,
        name=entry.name,
        phone=entry.phone,
        terms=entry.terms,
        time_zone=entry.time_zone,
        currency=entry.currency,
        activated_on=entry.activated_on,
        billed_from=entry.billed_from,
        closed_on=entry.closed_on,
        **address,
    )


def _card(account, entry):
    return StoredCard(
        account=account,
        customer_id=entry.stripe.customer,
        payment_method_id=entry.stripe.payment_method,
        kind=entry.stripe.kind,
        brand=entry.stripe.brand,
        bank_name=entry.stripe.bank_name,
        last4=entry.stripe.last4,
        expiry_month=entry.stripe.exp_month,
        expiry_year=entry.stripe.exp_year,
    )


def _write_conferences(pairs, now):
    """Store the accounts' conferences with what hangs on them; return them by number."""
    entries = {line.number: line for _, entry in pairs for line in entry.conferences}
    stored = Conference.objects.bulk_create(
        _conference(account, line, now) for account, entry in pairs for line in entry.conferences
    )
    conferences = {conference.number: conference for conference in stored}
    Schedule.objects.bulk_create(
        _schedule(conferences[number], line.schedule)
        for number, line in entries.items()
        if line.schedule
    )
    Rate.objects.bulk_create(
        Rate(conference=conferences[number], **asdict(rate))
        for number, line in entries.items()
        for rate in line.rates
    )
    Pin.objects.bulk_create(
        _pin(conferences[number], pin) for number, line in entries.items() for pin in line.pins
    )
    return conferences


def _conference(account: Account, line: ConferenceEntry, now: dt.datetime) -> Conference:
    zone = ZoneInfo(account.time_zone)
    last_moment = line.closed_on and min(_midnight(line.closed_on + A_DAY, zone), now)
    return Conference(
        account=account,
        number=line.number,
        name=line.name,
        kind=line.kind,
        billing_code=line.billing_code,
        created_at=_midnight(line.created_on, zone),
        closed_at=last_moment,
        **asdict(line.options),
    )


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant at which `day` begins in `zone`."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone)


def _schedule(conference, entry):
    return Schedule(
        conference=conference,
        starts_on=entry.starts_on,
        starts_at_time=entry.time,
        time_zone=entry.time_zone,
        minutes=entry.minutes,
    )


def _pin(conference, entry):
    return Pin(
        conference=conference,
        kind=entry.kind,
        holder_name=entry.name,
        sealed_digits=sealed(entry.digits),
        digest=digest_of(entry.digits),
        created_at=conference.created_at,
    )


def _write_users(pairs, conferences, now):
    """Store the accounts' people, and the rights that are ticked for them."""
    stored = User.objects.bulk_create(
        _user(account, person, now) for account, entry in pairs for person in entry.users
    )
    users = {user.email: user for user in stored}
    ConferenceRight.objects.bulk_create(
        ConferenceRight(user=users[person.email], conference=conferences[number], right=right)
        for _, entry in pairs
        for person in entry.users
        for number, rights in person.rights.items()
        for right in sorted(rights)
    )


def _user(account, entry, now):
    user = User(
        account=account,
        email=entry.email,
        name=entry.name,
        role=entry.role,
        time_zone=entry.time_zone,
        receives_bills=entry.receives_ebill,
        added_at=now,
    )
    user.password = make_password(None) if entry.password is None else _hashed(entry.password)
    return user


@functools.lru_cache(maxsize=100)
def _hashed(password: str) -> str:
    """Hash a password of the sandbox, whose made-up people share a few: hashing is slow."""
    return make_password(password)


def _record(rows, now):
    AuditEntry.objects.bulk_create(
        audit_entry(
            "imported",
            row,
            by=ACTOR,
            now=now,
            account=row if isinstance(row, Account) else None,
        )
        for row in rows
    )
