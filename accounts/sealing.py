"""Secrets at rest: sealed with the newest of a setting's Fernet keys, opened with any of them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


def sealed(secret: str, *, keys: Sequence[str]) -> bytes:
    """Encrypt `secret` with the first of `keys`."""
    return _vault(keys).encrypt(secret.encode())


def opened(seal: bytes, *, keys: Sequence[str]) -> str:
    """Return the secret in `seal`. Raises InvalidToken where none of `keys` has sealed it."""
    return _vault(keys).decrypt(seal).decode()


def _vault(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
