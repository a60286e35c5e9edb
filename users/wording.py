"""The law of users/policy.py in words that customers read: what a role and rights let one do.

Each sentence part stands for the permissions beside it and is said where all of them are given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from users import policy
from users.models import RightChoice

#: With more conferences than this, some are counted instead of named.
NAMED_CONFERENCES = 2

ON_THE_ACCOUNT = [
    (
        lazy("see and change the address and phone of the account, and how it pays"),
        {"accounts.view_account", "accounts.change_account"},
    ),
    (
        lazy("add, change, disable and remove users, and set their rights"),
        {"users.view_user", "users.add_user", "users.change_user"},
    ),
    (lazy("read the audit log of the account"), {"accounts.view_auditentry"}),
    (lazy("read bills, their PDFs and the unbilled activity"), {"billing.view_bill"}),
    (lazy("get the bill by e-mail"), {"billing.receive_bill"}),
    (lazy("do without the bill by e-mail while somebody else gets it"), {"billing.decline_bill"}),
    (lazy("pay bills"), {"billing.pay_bill"}),
    (lazy("schedule new one-time conferences"), {"conferences.add_conference"}),
    (lazy("open the Conference Manager"), {"conferences.list_conferences"}),
    (
        lazy("change their own name, password, time zone and second factor"),
        {"users.change_profile"},
    ),
]
ON_A_CONFERENCE = [
    (lazy("see name and number in the list"), {"conferences.list_conference"}),
    (lazy("see details, schedule and call history"), {"conferences.view_conference"}),
    (
        lazy("see, add and remove participant PINs"),
        {"conferences.view_participant_pin", "conferences.change_participant_pin"},
    ),
    (
        lazy("see, add and remove speaker and moderator PINs"),
        {
            "conferences.view_speaker_pin",
            "conferences.change_speaker_pin",
            "conferences.view_moderator_pin",
            "conferences.change_moderator_pin",
        },
    ),
    (lazy("run the live call: mute, drop, lock, record"), {"conferences.moderate_call"}),
    (lazy("play and download recordings"), {"conferences.view_recording"}),
    (lazy("delete recordings"), {"conferences.delete_recording"}),
    (lazy("set and clear date and time"), {"conferences.change_schedule"}),
    (lazy("change name, options and billing code"), {"conferences.change_conference"}),
]
ABOUT_ROLES = {
    policy.Role.ADMIN: lazy("Runs the account: everything below, on every conference."),
    policy.Role.BASIC: lazy("Uses the conferences ticked below. Sees no bills."),
    policy.Role.SCHEDULE: lazy(
        "Uses the conferences ticked below, sets their dates and schedules new ones. Sees no bills."
    ),
    policy.Role.BILLING: lazy("Reads the bills and gets them by e-mail. Has no conferences."),
}


def account_words(role: str) -> list[str]:
    """Say what `role` may do on the account."""
    return [
        str(words)
        for words, permissions in ON_THE_ACCOUNT
        if all(policy.allows(role, permission) for permission in permissions)
    ]


def conference_words(role: str, rights: Collection[str]) -> list[str]:
    """Say what `role` may do on a conference on which `rights` are ticked."""
    return [
        str(words)
        for words, permissions in ON_A_CONFERENCE
        if all(policy.allows_on_conference(role, rights, permission) for permission in permissions)
    ]


def allowances(role: str, held: Mapping[Any, Collection[str]]) -> list[dict[str, Any]]:
    """Say what `role` may do on which conferences, where `held` has the rights ticked on each.

    Each part has `on` (the conferences), `rights` (their names) and `words`.
    """
    if role == policy.ALL_CONFERENCES_ROLE:
        full = [policy.Right.FULL]
        everywhere = {"on": _("every conference"), "rights": names_of_rights(full)}
        return [{**everywhere, "words": conference_words(role, full)}]
    if role not in policy.TICKED_ROLES:
        return []
    return [
        {
            "on": named_or_counted(names),
            "rights": names_of_rights(rights),
            "words": conference_words(role, rights),
        }
        for rights, names in grouped(held).items()
    ]


def grouped(held: Mapping[Any, Collection[str]]) -> dict[frozenset[str], list[str]]:
    """Gather the names of the conferences on which the same rights are ticked, in their order."""
    names: dict[frozenset[str], list[str]] = {}
    for conference, rights in sorted(held.items(), key=lambda pair: pair[0].name):
        names.setdefault(frozenset(rights), []).append(conference.name)
    return names


def names_of_rights(rights: Collection[str]) -> str:
    """Name a set of rights in the order of the page: `View and Recording`."""
    return get_text_list([str(right.label) for right in RightChoice if right in rights], _("and"))


def named_or_counted(names: Collection[str]) -> str:
    """Name a few conferences, or tell how many they are."""
    if len(names) <= NAMED_CONFERENCES:
        return get_text_list(list(names), _("and"))
    return ngettext("%(count)d conference", "%(count)d conferences", len(names)) % {
        "count": len(names)
    }
