"""The people who sign in, and what is ticked for them on conferences."""

from users.models.email_change import EmailChange
from users.models.person import PersonState, RoleChoice, User
from users.models.right import ConferenceRight, RightChoice
from users.models.single_sign_on import SingleSignOn

__all__ = [
    "ConferenceRight",
    "EmailChange",
    "PersonState",
    "RightChoice",
    "RoleChoice",
    "SingleSignOn",
    "User",
]
