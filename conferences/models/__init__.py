"""Lines, PINs, schedules, held calls, recordings, bridges, and what came in from them."""

from conferences.models.admission import Admission
from conferences.models.bridge import Bridge, BridgeKey
from conferences.models.channel_event import Channel, ChannelEvent
from conferences.models.conference import AccessType, Conference, DialInNumber
from conferences.models.feed import CallFile, ChannelReport, QuarantinedRecord
from conferences.models.pin import Pin
from conferences.models.recording import IncomingFile, Recording
from conferences.models.schedule import Invitation, Schedule
from conferences.models.session import Leg, Session

__all__ = [
    "AccessType",
    "Admission",
    "Bridge",
    "BridgeKey",
    "CallFile",
    "Channel",
    "ChannelEvent",
    "ChannelReport",
    "Conference",
    "DialInNumber",
    "IncomingFile",
    "Invitation",
    "Leg",
    "Pin",
    "QuarantinedRecord",
    "Recording",
    "Schedule",
    "Session",
]
