"""The letters about people, by what they are about."""

from users.letters import people

__all__ = ["people"]
