"""Lines, PINs, schedules, held calls, and what came in from the bridges."""

from conferences.models.conference import AccessType, Conference, DialInNumber
from conferences.models.feed import CallFile, QuarantinedRecord
from conferences.models.pin import Pin
from conferences.models.schedule import Schedule
from conferences.models.session import Leg, Session

__all__ = [
    "AccessType",
    "CallFile",
    "Conference",
    "DialInNumber",
    "Leg",
    "Pin",
    "QuarantinedRecord",
    "Schedule",
    "Session",
]
