"""Who does something: the name under which the audit log keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest


class OnlyInPerson(PermissionDenied):
    """Only the customer in person may do this, never staff who take their place."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, perhaps on behalf of a customer whose place they take, or a program by its label.

    Raises TypeError where it names nobody.
    """

    user: models.Model | None = None
    label: str = ""
    on_behalf_of: models.Model | None = None
    from_address: str | None = None

    def __post_init__(self) -> None:
        if self.user is None and not self.label:
            raise TypeError("the audit log says who did it: give a user or a label")

    def __str__(self) -> str:
        return self.label or str(self.user)


def actor_of(request: HttpRequest, *, label: str = "") -> Actor:
    """Return who makes `request`; `label` names whoever has not signed in.

    Where staff look at the portal as a customer, `request.staff` is who really sits there.
    """
    address = get_adapter().get_client_ip(request)
    staff = getattr(request, "staff", None)
    if staff is not None:
        return Actor(user=staff, on_behalf_of=request.user, from_address=address)
    user = request.user if request.user.is_authenticated else None
    return Actor(user=user, label="" if user else label, from_address=address)
