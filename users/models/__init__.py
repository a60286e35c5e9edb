"""The people who sign in, and what is ticked for them on conferences."""

from users.models.email_change import EmailChange
from users.models.person import PersonState, RoleChoice, User
from users.models.right import ConferenceRight, RightChoice

__all__ = [
    "ConferenceRight",
    "EmailChange",
    "PersonState",
    "RightChoice",
    "RoleChoice",
    "User",
]
