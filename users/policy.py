"""The law: what each role may do on the account, and each right on a conference.

Nobody else knows roles and rights. Ask `user.has_perm(...)` for one thing and `visible_to(user)`
for rows: both read these tables. Everything that no table grants is denied.
"""

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """What a user is on the account."""

    ADMIN = "admin"
    SCHEDULE = "schedule"
    BASIC = "basic"
    BILLING = "billing"


class Right(StrEnum):
    """What is ticked for a user on one conference; a set of them."""

    VIEW = "view"
    RECORDING = "recording"
    MODERATE = "moderate"
    FULL = "full"


class UndeclaredPermission(LookupError):
    """Somebody asked for a permission that no table here declares: a typing error."""


EVERY_ROLE = frozenset(Role)
#: Roles for which the rights ticked on a conference count.
TICKED_ROLES = frozenset({Role.SCHEDULE, Role.BASIC})
#: The role that has Full Rights on every conference without a tick.
ALL_CONFERENCES_ROLE = Role.ADMIN

#: Which roles may do what on the account.
ACCOUNT_GRANTS: dict[str, frozenset[Role]] = {
    "accounts.view_account": frozenset({Role.ADMIN}),
    "accounts.change_account": frozenset({Role.ADMIN}),
    "accounts.view_auditentry": frozenset({Role.ADMIN}),
    "users.view_user": frozenset({Role.ADMIN}),
    "users.add_user": frozenset({Role.ADMIN}),
    "users.change_user": frozenset({Role.ADMIN}),
    "users.change_profile": EVERY_ROLE,
    "billing.view_bill": frozenset({Role.ADMIN, Role.BILLING}),
    "billing.receive_bill": frozenset({Role.ADMIN, Role.BILLING}),
    "billing.decline_bill": frozenset({Role.ADMIN}),
    "billing.pay_bill": frozenset({Role.ADMIN}),
    "conferences.add_conference": frozenset({Role.ADMIN, Role.SCHEDULE}),
    "conferences.list_conferences": frozenset({Role.ADMIN, Role.SCHEDULE, Role.BASIC}),
}

_VIEW = frozenset({Right.VIEW, Right.MODERATE, Right.FULL})
_MODERATE = frozenset({Right.MODERATE, Right.FULL})
_RECORDING = frozenset({Right.RECORDING, Right.FULL})
_FULL = frozenset({Right.FULL})

#: Which rights, ticked on a conference, allow what there; any one of them is enough.
CONFERENCE_GRANTS: dict[str, frozenset[Right]] = {
    "conferences.list_conference": frozenset(Right),
    "conferences.view_conference": _VIEW,
    "conferences.view_participant_pin": _VIEW,
    "conferences.change_participant_pin": _VIEW,
    "conferences.view_speaker_pin": _MODERATE,
    "conferences.change_speaker_pin": _MODERATE,
    "conferences.view_moderator_pin": _MODERATE,
    "conferences.change_moderator_pin": _MODERATE,
    "conferences.moderate_call": _MODERATE,
    "conferences.view_recording": _RECORDING,
    "conferences.delete_recording": _FULL,
    "conferences.change_conference": _FULL,
    "conferences.change_schedule": _VIEW,
}

#: Permissions on a conference that need the role too, whatever is ticked.
CONFERENCE_ROLES: dict[str, frozenset[Role]] = {
    "conferences.change_schedule": frozenset({Role.ADMIN, Role.SCHEDULE}),
}


def is_about_a_conference(permission: str) -> bool:
    """Tell whether `permission` needs a conference to be answered. Raises UndeclaredPermission."""
    if permission in CONFERENCE_GRANTS:
        return True
    if permission in ACCOUNT_GRANTS:
        return False
    raise UndeclaredPermission(permission)


def allows(role: str, permission: str) -> bool:
    """Answer for the account as a whole. Raises UndeclaredPermission."""
    if permission not in ACCOUNT_GRANTS:
        raise UndeclaredPermission(permission)
    return role in ACCOUNT_GRANTS[permission]


def allows_on_conference(role: str, rights: Collection[str], permission: str) -> bool:
    """Answer for one conference of the account, on which `rights` are ticked.

    Raises UndeclaredPermission.
    """
    needed = rights_that_allow(role, permission)
    return role == ALL_CONFERENCES_ROLE or not needed.isdisjoint(rights)


def keeps_ticks(role: str) -> bool:
    """Tell whether rights stay ticked for `role`; not for one that never has a conference."""
    return role in TICKED_ROLES or role == ALL_CONFERENCES_ROLE


def rights_that_allow(role: str, permission: str) -> frozenset[Right]:
    """Return the rights any one of which gives `role` the `permission`; empty where none does.

    For the role that has all conferences the answer is every right. Raises UndeclaredPermission.
    """
    if permission not in CONFERENCE_GRANTS:
        raise UndeclaredPermission(permission)
    if role == ALL_CONFERENCES_ROLE:
        return frozenset(Right)
    if role not in TICKED_ROLES or role not in CONFERENCE_ROLES.get(permission, EVERY_ROLE):
        return frozenset()
    return CONFERENCE_GRANTS[permission]
