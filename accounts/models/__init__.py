"""The customer companies, the log of what was done to them, and what they are written."""

from accounts.models.account import Account, AccountQuerySet, Terms, validate_time_zone
from accounts.models.audit import AuditEntry, AuditEntryQuerySet
from accounts.models.letter import Letter
from accounts.models.outgoing import Outgoing, OutgoingQuerySet

__all__ = [
    "Account",
    "AccountQuerySet",
    "AuditEntry",
    "AuditEntryQuerySet",
    "Letter",
    "Outgoing",
    "OutgoingQuerySet",
    "Terms",
    "validate_time_zone",
]
