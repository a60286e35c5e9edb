"""The letters about people, by what they are about."""

from users.letters import people, profile, signing_in

__all__ = ["people", "profile", "signing_in"]
