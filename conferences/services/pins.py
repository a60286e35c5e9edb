"""Giving conferences PINs, taking them away and putting them back, and letting people see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.models import AuditEntry
from accounts.services.audit import audit_entry, record
from conferences.models import Conference, Pin
from conferences.models.pin import SECOND_THOUGHTS
from conferences.services.digits import store_with_digits

#: What makes out a PIN beside its digits: kept when it is replaced, and told in the log.
_KEPT = ("kind", "holder_name", "starts_at", "ends_at", "maximum_uses")


class ConferenceClosed(Exception):
    """The conference is closed: nobody calls in any more, so it gets no PIN."""


class PinRemoved(LookupError):
    """Somebody else removed the PIN meanwhile."""


class TooLateToRestore(Exception):
    """The PIN was removed too long ago to be put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPin:
    """A PIN that is wanted: all of it but the digits, which nobody chooses."""

    kind: str
    holder_name: str = ""
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    maximum_uses: int | None = None


def add_pin(
    conference: Conference,
    kind: str,
    *,
    now: dt.datetime,
    by: Actor | None = None,
    holder_name: str = "",
    starts_at: dt.datetime | None = None,
    ends_at: dt.datetime | None = None,
    maximum_uses: int | None = None,
) -> Pin:
    """Give `conference` a PIN that nobody chose and no other conference has, and return it.

    Without `by` the log says nothing of it: the PIN comes with a new conference, of which the log
    tells. Raises ConferenceClosed, NoFreeDigits.
    """
    wanted = NewPin(
        kind=kind,
        holder_name=holder_name,
        starts_at=starts_at,
        ends_at=ends_at,
        maximum_uses=maximum_uses,
    )
    (pin,) = add_pins(conference, [wanted], by=by, now=now)
    return pin


@transaction.atomic
def add_pins(
    conference: Conference,
    wanted: Sequence[NewPin],
    *,
    by: Actor | None,
    now: dt.datetime,
    newest_seen: int | None = None,
) -> list[Pin]:
    """Give `conference` a PIN for each that is wanted, all or none, and return them.

    `newest_seen` is what newest_of() said when the wish was made, so that a wish that is sent twice
    is granted once. Raises ConferenceClosed, ChangedMeanwhile, NoFreeDigits.
    """
    conference = _open(conference)
    if newest_seen is not None and newest_seen != newest_of(conference):
        raise ChangedMeanwhile(str(conference))
    pins = store_with_digits(
        [Pin(conference=conference, created_at=now, **asdict(wish)) for wish in wanted]
    )
    if by is not None:
        entries = [_entry("added", pin, by=by, now=now, after=_facts(pin)) for pin in pins]
        AuditEntry.objects.bulk_create(entries)
    return pins


def newest_of(conference: Conference) -> int:
    """Return what tells whether PINs were added since: the newest one's key, 0 without any."""
    newest = conference.pins.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


@transaction.atomic
def remove_pin(pin: Pin, *, by: Actor, now: dt.datetime) -> Pin:
    """Let nobody in by `pin` any more, and return it; one that is removed stays as it is.

    Its digits rest before anybody is given them again.
    """
    pin = _locked(pin)
    if pin.removed_at is None:
        _remove(pin, now)
        account = pin.conference.account
        record("removed", pin, by=by, now=now, account=account, before=_facts(pin))
    return pin


@transaction.atomic
def restore_pin(pin: Pin, *, by: Actor, now: dt.datetime) -> Pin:
    """Let callers in again by a PIN that was removed lately, and return it.

    Raises ConferenceClosed, TooLateToRestore.
    """
    _open(pin.conference)
    pin = _locked(pin)
    if pin.removed_at is None:
        return pin
    if pin.digest is None or pin.removed_at <= now - SECOND_THOUGHTS:
        raise TooLateToRestore(str(pin))
    pin.removed_at = None
    pin.save(update_fields=["removed_at"])
    record("restored", pin, by=by, now=now, account=pin.conference.account, after=_facts(pin))
    return pin


@transaction.atomic
def replace_pin(pin: Pin, *, by: Actor, now: dt.datetime) -> Pin:
    """Remove `pin`, and return a new one with other digits that is otherwise the same.

    Its uses count anew. Raises ConferenceClosed, PinRemoved.
    """
    conference = _open(pin.conference)
    old = _locked(pin)
    if old.removed_at is not None:
        raise PinRemoved(str(old))
    _remove(old, now)
    like_it = {name: getattr(old, name) for name in _KEPT}
    (new,) = store_with_digits([Pin(conference=conference, created_at=now, **like_it)])
    record(
        "replaced",
        old,
        by=by,
        now=now,
        account=conference.account,
        before=_facts(old),
        after={**_facts(new), "new PIN": str(new)},
    )
    return new


def reveal_pin(pin: Pin, *, by: Actor, now: dt.datetime) -> str:
    """Return the digits to somebody who asked to see them, and write down that they did."""
    record(
        "revealed",
        pin,
        by=by,
        now=now,
        account=pin.conference.account,
        after={"conference": str(pin.conference)},
    )
    return pin.digits


def reveal_pins(
    conference: Conference, pins: Sequence[Pin], *, by: Actor, now: dt.datetime
) -> list[tuple[Pin, str]]:
    """Return (PIN, digits) of each of the conference's `pins`; one entry says who saw which."""
    record(
        "revealed PINs of",
        conference,
        by=by,
        now=now,
        account=conference.account,
        after={"PINs": [str(pin) for pin in pins]},
    )
    return [(pin, pin.digits) for pin in pins]


def release_rested_pins(*, now: dt.datetime) -> int:
    """Free the digits of PINs that were removed so long ago; return how many. For the timetable."""
    return Pin.objects.rested(now=now).update(digest=None)


def _open(conference: Conference) -> Conference:
    """Lock a conference that is to get a PIN, before its PINs. Raises ConferenceClosed."""
    # NO KEY: rows that only point to it, such as calls coming in, need not wait.
    lines = Conference.objects.select_for_update(no_key=True, of=["self"])
    conference = lines.select_related("account").get(pk=conference.pk)
    if conference.closed_at is not None:
        raise ConferenceClosed(str(conference))
    return conference


def _locked(pin: Pin) -> Pin:
    pins = Pin.objects.select_for_update(no_key=True, of=["self"])
    return pins.select_related("conference__account").get(pk=pin.pk)


def _remove(pin: Pin, now: dt.datetime) -> None:
    pin.removed_at = now
    pin.save(update_fields=["removed_at"])


def _entry(verb: str, pin: Pin, **circumstances) -> AuditEntry:
    return audit_entry(verb, pin, account=pin.conference.account, **circumstances)


def _facts(pin: Pin) -> dict:
    """Tell what the log keeps of a PIN: all but its digits, and nothing that was left empty."""
    facts = {name: getattr(pin, name) for name in _KEPT}
    return {"conference": str(pin.conference)} | {
        name: value for name, value in facts.items() if value not in (None, "")
    }
