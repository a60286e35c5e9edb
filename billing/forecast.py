"""What bills of a month would charge if they were issued now, of many accounts at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from accounts.periods import Month
from billing.charges import charges_of, sum_of
from billing.models import BillCharge
from billing.rating import Usage, usage_of


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one account's bill would charge: its calls, and the charges beside them."""

    usage: Usage
    charges: Sequence[BillCharge]

    @property
    def cents(self) -> int:
        return self.usage.cost_cents + self.charges_cents

    @property
    def charges_cents(self) -> int:
        return sum_of(self.charges)


def forecast(
    accounts: Sequence[Account], month: Month, *, until: dt.datetime, on: dt.date
) -> dict[int, Forecast]:
    """Work out the bills of `month` for each of `accounts`, by account key; nothing is written.

    Calls that ended before `until` (aware) are on them; `on` is the day of the billing zone on
    which they would be issued. The number of queries does not grow with the accounts.
    """
    usage = usage_of(accounts, until=until)
    calls_cents = {pk: used.cost_cents for pk, used in usage.items()}
    charges = charges_of(accounts, month, calls_cents=calls_cents, on=on)
    return {
        account.pk: Forecast(usage.get(account.pk, Usage()), charges[account.pk])
        for account in accounts
    }
