"""The code in an invitation, for people whose Admin typed a temporary password for them."""

from __future__ import annotations

from django.utils.crypto import constant_time_compare, salted_hmac

from users.models import User


def proof_code(user: User) -> str:
    """Return the eight digits that only the reader of `user`'s mail knows.

    They belong to the address and the password: changing either makes other ones.
    """
    bound_to = f"{user.pk}:{user.email}:{user.password}"
    digest = salted_hmac("users.codes.proof_code", bound_to, algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**8:08d}"


def is_proof_code(user: User, code: str) -> bool:
    """Tell whether `code` is the one of `user`, in a time that says nothing about it."""
    return constant_time_compare(proof_code(user), code)
