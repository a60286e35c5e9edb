"""What accounts pay: rates, fees, taxes and late fees."""

import datetime as dt
from decimal import Decimal

from billing.models import (
    LateFeeRule,
    Rate,
    RatePlan,
    RecurringFee,
    Tax,
)
from conferences.models import (
    AccessType,
)
from tests.make.serials import serials


def rate_plan(*, name=None, starts_on=dt.date(2024, 1, 1), **rates):
    """A plan with one rate per access type; by default all four."""
    made = RatePlan.objects.create(name=name or f"Plan {next(serials)}")
    rates = rates or {
        AccessType.TOLL_FREE: "0.049",
        AccessType.LOCAL: "0.029",
        AccessType.INTERNATIONAL: "0.119",
        AccessType.OUT_DIAL: "0.089",
    }
    Rate.objects.bulk_create(
        Rate(plan=made, access_type=kind, rate_per_minute=Decimal(price), starts_on=starts_on)
        for kind, price in rates.items()
    )
    return made


def fee(*, name="Service fee", amount_cents=1000, **fields):
    """A monthly fee of a `plan` or an `account`."""
    defaults = {"starts_on": dt.date(2024, 1, 1)}
    return RecurringFee.objects.create(
        name=name, amount_cents=amount_cents, **{**defaults, **fields}
    )


def tax(*, name="Sales tax", kind=Tax.Kind.TAX, percent="5", **fields):
    defaults = {"starts_on": dt.date(2024, 1, 1)}
    return Tax.objects.create(name=name, kind=kind, percent=percent, **{**defaults, **fields})


def late_fee(*, percent="1.5", starts_on=dt.date(2024, 1, 1), **fields):
    return LateFeeRule.objects.create(percent=percent, starts_on=starts_on, **fields)
