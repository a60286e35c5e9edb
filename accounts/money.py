"""Money: whole minor units with a currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from iso4217 import Currency

#: The currencies (ISO 4217) that are counted in cents; no amount could be written in another.
CURRENCIES = frozenset(currency.code for currency in Currency if currency.exponent == 2)


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies were about to be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole cents of one currency (ISO 4217 code)."""

    cents: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if not isinstance(self.cents, int):
            raise TypeError(f"Money is whole cents, not {self.cents!r}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.cents < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.cents <= self._same(other)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        sign = "−" if self.cents < 0 else ""
        whole, cents = divmod(abs(self.cents), 100)
        symbol = "$" if self.currency == "USD" else f"{self.currency} "
        return f"{sign}{symbol}{whole:,}.{cents:02}"

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"Money goes with Money, not with {other!r}")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.cents


def prorated(cents: int, part: int, whole: int) -> int:
    """Return `part` of `whole` of `cents`, none of them below zero, rounded half up."""
    return (2 * cents * part + whole) // (2 * whole)


def percent_of(cents: int, percent: Decimal) -> int:
    """Return `percent` of `cents`, neither of them below zero, rounded half up."""
    return int((cents * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
