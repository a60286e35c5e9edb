"""Who comes to the portal: every role with every set of rights, and those whom a gate holds."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.access.world import (
    AWAY,
    CANARIES,
    HOME,
    MODERATOR_CANARY,
    REMOVED_CANARY,
    UNTICKED_CANARY,
)
from tests.law import EVERY_SET_OF_RIGHTS, expected_on_account, expected_on_conference
from tests.pages import prove, sign_in
from users.models import ConferenceRight, User

#: Roles for which it matters what is ticked.
TICKED_ROLES = ["schedule", "basic"]
#: Those who stand for all where it does not matter what exactly is ticked.
TELLING = [
    "nobody", "admin", "billing", "schedule", "schedule, view", "basic", "basic, view",
    "basic, recording", "basic, moderate", "another's admin", "disabled admin",
    "temporary password", "second factor pending", "staff", "staff who look as the admin",
]  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door. `gate` names where they are led instead of any page behind it."""

    name: str
    user: User | None = None
    role: str = ""
    rights: tuple[str, ...] = ()
    gate: str = ""
    account: str = HOME
    looks_as: User | None = None

    def client(self, *, has_just_proved=True):
        """Return a browser in which this visitor has signed in; a crash is an answer too: 500.

        `has_just_proved` says whether they have just been asked anew who they are.
        """
        client = Client(raise_request_exception=False)
        if self.user is not None:
            sign_in(client, self.user)
        if self.user is not None and has_just_proved:
            prove(client, self.user)
        if self.looks_as is not None:
            client.post(reverse("look_start", args=[self.looks_as.pk]))
        return client

    def may(self, permission):
        """Tell whether the law lets this role do it on the account."""
        return permission in expected_on_account(self.role)

    def may_on(self, permission, *, ticked):
        """Tell it for a conference of the account on which the rights are ticked, or none are."""
        return permission in expected_on_conference(self.role, self.rights if ticked else ())

    @property
    def words_never_seen(self):
        """What no page, file or header for this visitor may hold."""
        if self.name == "staff":
            return []
        if self.gate == "sign in":
            everything = [*CANARIES[HOME], *CANARIES[AWAY]]
            return [*everything, UNTICKED_CANARY, MODERATOR_CANARY, REMOVED_CANARY]
        words = set(CANARIES[AWAY if self.account == HOME else HOME])
        if self.account != HOME or self.role not in {"admin", "billing"}:
            words.add(UNTICKED_CANARY)
        if not self.may_on("conferences.view_moderator_pin", ticked=True):
            words.add(MODERATOR_CANARY)
        return sorted(words | {REMOVED_CANARY})


def everybody(world, names=None):
    """Return the visitors to `world` of these names, or all, by name."""
    makers = _makers(world)
    return {name: makers[name]() for name in names or makers}


def _makers(world):
    """Return what makes each visitor, by name."""
    ticked = [(role, rights) for role in TICKED_ROLES for rights in EVERY_SET_OF_RIGHTS]
    return {
        "nobody": lambda: Visitor("nobody", gate="sign in"),
        **{
            ", ".join([role, *rights]): partial(_of_role, world, role, rights)
            for role, rights in [("admin", ()), ("billing", ()), *ticked]
        },
        "another's admin": lambda: Visitor(
            "another's admin", world.away.admin, "admin", account=AWAY
        ),
        "disabled admin": partial(_disabled, world),
        "temporary password": partial(_with_a_temporary_password, world),
        "second factor pending": _who_needs_a_second_factor,
        "staff": lambda: Visitor("staff", world.staff, gate="back office"),
        "staff who look as the admin": lambda: Visitor(
            "staff who look as the admin", world.staff, "admin", looks_as=world.home.admin
        ),
    }


def _of_role(world, role, rights):
    user = make.user(account=world.home.account, role=role)
    ConferenceRight.objects.bulk_create(
        ConferenceRight(user=user, conference=world.home.conference, right=right)
        for right in rights
    )
    return Visitor(", ".join([role, *rights]), user, role, rights)


def _who_needs_a_second_factor():
    account = make.account(requires_second_factor=True)
    user = make.user(account=account, role="admin")
    return Visitor("second factor pending", user, "admin", gate="second factor", account="")


def _disabled(world):
    user = make.user(account=world.home.account, role="admin", is_active=False)
    return Visitor("disabled admin", user, gate="sign in")


def _with_a_temporary_password(world):
    until = timezone.now() + dt.timedelta(hours=72)
    user = make.user(account=world.home.account, role="admin", password_expires_at=until)
    return Visitor("temporary password", user, "admin", gate="first sign-in")
