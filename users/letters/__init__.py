"""The letters about people, by what they are about."""

from users.letters import people, signing_in

__all__ = ["people", "signing_in"]
