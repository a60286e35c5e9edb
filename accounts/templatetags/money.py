"""How amounts and rates are written on pages."""

from decimal import Decimal

from django import template

from accounts.money import Money

register = template.Library()

#: Rates are written with at least so many decimals, so that their points stand in line.
DECIMALS = 4


@register.filter
def money(amount, currency="USD"):
    """Write whole cents of `currency`, or Money, as `$1,234.56` or `−$12.00`."""
    return str(amount if isinstance(amount, Money) else Money(amount, currency))


@register.filter
def change(cents, currency="USD"):
    """Write a change by whole cents with its sign: `+$1.50`, `−$1.50`; none as `$0.00`."""
    return f"{'+' if cents > 0 else ''}{Money(cents, currency)}"


@register.filter
def rate(per_minute, currency="USD"):
    """Write a rate per minute with the decimals it has, at least four: `$0.0400`, `$0.042525`."""
    digits = f"{Decimal(per_minute).normalize():f}"
    decimals = len(digits.partition(".")[2])
    symbol = "$" if currency == "USD" else f"{currency} "
    return symbol + digits + ("." if decimals == 0 else "") + "0" * (DECIMALS - decimals)


@register.filter
def percent(share):
    """Write a percentage with the decimals it has: `5%`, `8.875%`."""
    return f"{Decimal(share).normalize():f}%"
