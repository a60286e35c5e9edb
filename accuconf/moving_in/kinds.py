"""The three lists of the file, each with how its rows are looked up, checked and stored."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence

from accuconf.moving_in import rules, stored, writing
from accuconf.moving_in.entries import AccountEntry, DialInEntry, RatePlanEntry
from accuconf.moving_in.reading import Note
from accuconf.moving_in.rules import Use
from accuconf.moving_in.stored import Stored
from billing.models import RatePlan


class RatePlans:
    """The rate plans, which accounts name."""

    list_name = "rate_plans"
    entry = RatePlanEntry
    identity = "name"

    def there(self, names: Collection[str]) -> dict[str, Stored]:
        """Return the rows of those identities that the portal has, by identity."""
        return stored.rate_plans(names)

    def broken(self, plan: RatePlanEntry, where: str, *, now: dt.datetime) -> Iterator[Note]:
        """Yield what does not fit together within a new row."""
        return rules.rates_named_twice(plan.rates, f"{where}.rates")

    def used_once(self, plan: RatePlanEntry, where: str) -> Iterable[Use]:
        """Return what the row uses that nothing else may use, besides its identity."""
        return ()

    def write(self, plans: Sequence[RatePlanEntry], *, now: dt.datetime) -> None:
        """Store new rows, all or none. Raises IntegrityError."""
        writing.write_rate_plans(plans, now=now)


class DialInNumbers:
    """The telephone numbers that lead to the bridge. Methods as of RatePlans."""

    list_name = "dial_in_numbers"
    entry = DialInEntry
    identity = "number"

    def there(self, numbers: Collection[str]) -> dict[str, Stored]:
        return stored.dial_in_numbers(numbers)

    def broken(self, number: DialInEntry, where: str, *, now: dt.datetime) -> Iterator[Note]:
        return rules.broken_in_dial_in(number, where)

    def used_once(self, number: DialInEntry, where: str) -> Iterable[Use]:
        return ()

    def write(self, numbers: Sequence[DialInEntry], *, now: dt.datetime) -> None:
        writing.write_dial_in_numbers(numbers, now=now)


class Accounts:
    """The accounts with their people and conferences. Methods as of RatePlans."""

    list_name = "accounts"
    entry = AccountEntry
    identity = "number"

    def __init__(self) -> None:
        self.plans = {plan.name: plan for plan in RatePlan.objects.all()}

    def there(self, numbers: Collection[str]) -> dict[str, Stored]:
        return stored.accounts(numbers)

    def broken(self, account: AccountEntry, where: str, *, now: dt.datetime) -> Iterator[Note]:
        return rules.broken_in_account(account, where, plans=self.plans, now=now)

    def used_once(self, account: AccountEntry, where: str) -> Iterable[Use]:
        return rules.used_once(account, where)

    def write(self, accounts: Sequence[AccountEntry], *, now: dt.datetime) -> None:
        writing.write_accounts(accounts, self.plans, now=now)
