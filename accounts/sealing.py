"""Secrets at rest: sealed with the newest of a setting's Fernet keys, opened with any of them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def sealed(secret: str, *, keys: Sequence[str]) -> bytes:
    """Encrypt `secret` with the first of `keys`."""
    return _vault(keys).encrypt(secret.encode())


def opened(seal: bytes, *, keys: Sequence[str]) -> str:
    """Return the secret in `seal`. Raises InvalidToken where none of `keys` has sealed it."""
    return _vault(keys).decrypt(seal).decode()


def renewed(seal: bytes, *, keys: Sequence[str]) -> bytes:
    """Return `seal` as it is where the first of `keys` made it, else sealed anew with that.

    Raises InvalidToken where none of `keys` has sealed it.
    """
    try:
        Fernet(keys[0]).decrypt(seal)
    except InvalidToken:
        return _vault(keys).rotate(seal)
    return seal


def _vault(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
