"""Conferences, their PINs, and what was held on them."""

import datetime as dt
import hashlib

from django.core.files.base import ContentFile

from conferences.models import (
    AccessType,
    Bridge,
    CallFile,
    Conference,
    DialInNumber,
    Leg,
    Pin,
    Recording,
    Session,
)
from conferences.models.pin import digest_of, sealed
from conferences.models.recording import KEPT_FOR
from conferences.recordings.storage import recordings_storage
from tests.make.serials import serials
from tests.recordings import wav


def conference(*, account, name="Weekly meeting", number=None, **fields):
    return Conference.objects.create(
        account=account, name=name, number=number or f"{30000 + next(serials)}", **fields
    )


def pin(*, conference, kind=Pin.Kind.PARTICIPANT, digits=None, **fields):
    digits = digits or f"{next(serials):09}"
    return Pin.objects.create(
        conference=conference,
        kind=kind,
        sealed_digits=sealed(digits),
        digest=digest_of(digits),
        **fields,
    )


def dial_in_number(*, number="18005550100", access_type=AccessType.TOLL_FREE, label="Toll-free"):
    return DialInNumber.objects.create(number=number, access_type=access_type, label=label)


def bridge(*, name=None, kind=Bridge.Kind.FREESWITCH, **fields):
    return Bridge.objects.create(name=name or f"bridge{next(serials)}", kind=kind, **fields)


def session(
    *,
    conference,
    started_at=None,
    legs=((600, AccessType.TOLL_FREE),),
    bridge="bridge1",
    **fields,
):
    """A held call; `legs` are (seconds, access type) of callers who all join at the start."""
    started_at = started_at or dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)
    longest = max((seconds for seconds, _ in legs), default=0)
    held = Session.objects.create(
        conference=conference,
        bridge=bridge,
        external_id=f"session-{next(serials)}",
        started_at=started_at,
        ended_at=started_at + dt.timedelta(seconds=longest),
        **fields,
    )
    add_legs(held, *legs)
    return held


def add_legs(session, *legs, **fields):
    """Let callers join `session` at its start: (seconds, access type) each."""
    defaults = {"caller_name": "Renée", "caller_number": "12125550123"}
    source = CallFile.objects.create(
        name="made.csv", sha256="0" * 64, received_at=session.ended_at, accepted=len(legs)
    )
    return Leg.objects.bulk_create(
        Leg(
            session=session,
            bridge=session.bridge,
            joined_at=session.started_at,
            left_at=session.started_at + dt.timedelta(seconds=seconds),
            seconds=seconds,
            access_type=access_type,
            call_file=source,
            position=position,
            **{**defaults, "external_id": f"leg-{next(serials)}", **fields},
        )
        for position, (seconds, access_type) in enumerate(legs)
    )


def recording(*, conference, sound=None, session=None, **fields):
    """A recording whose file is there; a second of silence unless `sound` is given."""
    sound = wav() if sound is None else sound
    serial = next(serials)
    received_at = fields.pop("received_at", dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC))
    defaults = {
        "bridge": "bridge1",
        "external_id": f"recording-{serial}",
        "started_at": received_at - dt.timedelta(hours=1),
        "seconds": 1,
        "content_type": "audio/wav",
        "size": len(sound),
        "sha256": hashlib.sha256(sound).hexdigest(),
        "keep_until": received_at + KEPT_FOR,
        "file": recordings_storage().save(f"made/{serial}.wav", ContentFile(sound)),
    }
    return Recording.objects.create(
        conference=conference,
        session=session,
        received_at=received_at,
        **{**defaults, **fields},
    )
