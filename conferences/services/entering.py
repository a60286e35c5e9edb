"""Letting callers in: the one decision that every bridge asks for."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from conferences.entering import Call, Entry, Reason, Refusal, parted, plain_number, refusal_of
from conferences.models import Admission, Bridge, Pin
from conferences.services import lock_outs

#: How long a caller who was let in is known by their number.
KNOWN_FOR = dt.timedelta(days=90)


def admit(
    digits: str,
    *,
    bridge: Bridge,
    call: str,
    caller_number: str,
    dialled_number: str,
    now: dt.datetime,
) -> Entry | Refusal:
    """Decide whether the caller who keyed in `digits` (a PIN, `*` and a billing code) enters now.

    `call` is the bridge's name for the channel: asked again for it, the answer is the same and the
    PIN is used once. While a caller is locked out, also the right PIN opens nothing to them. While
    a dialled number is besieged, it opens to whoever has been in that conference by telephone
    lately: strangers must not keep customers from their calls.
    """
    wanted, billing_code = parted(digits)
    at_the_door = Call(bridge, call, plain_number(caller_number), plain_number(dialled_number))
    locks = lock_outs.locks_on(at_the_door, now=now)
    if locks - {lock_outs.DIALLED}:
        return Refusal(Reason.LOCKED_OUT)
    is_besieged = lock_outs.DIALLED in locks
    if not wanted:  # nothing was keyed in, or no PIN: that guesses nothing
        return Refusal(Reason.UNKNOWN)
    pin = _pin_of(wanted)
    if pin is None:
        lock_outs.count_wrong_pin(at_the_door, now=now)
        return Refusal(Reason.LOCKED_OUT if is_besieged else Reason.UNKNOWN)
    if is_besieged and not _is_known(at_the_door, pin, now=now):
        return Refusal(Reason.LOCKED_OUT)
    return refusal_of(pin, now=now) or _use(pin, at_the_door, billing_code, now=now)


def _pin_of(digits: str) -> Pin | None:
    """Find the PIN with what decides about it, in one query."""
    everything = ("conference__account", "conference__schedule")
    return Pin.objects.with_digits(digits).select_related(*everything).first()


def _is_known(call: Call, pin: Pin, *, now: dt.datetime) -> bool:
    """Tell whether this caller's number has been let into the PIN's conference lately."""
    return (
        bool(call.caller_number)
        and Admission.objects.filter(
            pin__conference=pin.conference,
            caller_number=call.caller_number,
            admitted_at__gt=now - KNOWN_FOR,
        ).exists()
    )


@transaction.atomic
def _use(pin: Pin, call: Call, billing_code: str, *, now: dt.datetime) -> Entry | Refusal:
    """Note that `call` comes in by `pin`, unless its uses are used up by other calls."""
    if pin.maximum_uses is not None:
        # Whoever counts the uses waits for who is about to add one.
        Pin.objects.select_for_update(no_key=True).get(pk=pin.pk)
        others = pin.admissions.exclude(bridge=call.bridge, call=call.name)
        if others.count() >= pin.maximum_uses:
            return Refusal(Reason.USED_UP)
    admission = Admission(
        pin=pin,
        bridge=call.bridge,
        call=call.name,
        caller_number=call.caller_number,
        admitted_at=now,
    )
    Admission.objects.bulk_create([admission], ignore_conflicts=True)
    return Entry(pin, billing_code)
