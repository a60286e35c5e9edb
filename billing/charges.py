"""Charges beside calls: monthly fees for the days they ran, surcharges, taxes and late fees.

A fee is charged in the bill of the month it ran in: the month's amount times its days, by the
month's days. A surcharge or tax is a percentage of a sum of lines, as it is on the month's last
day. Each charge is rounded once, half up, to the cent. A late fee is charged once for each bill
that was paid late or is not paid yet, never for late fees.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Exists, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.money import percent_of, prorated
from accounts.periods import Month
from billing.models import (
    AccountPlan,
    Bill,
    BillCharge,
    Collection,
    LateFeeRule,
    RecurringFee,
    Tax,
    TaxExemption,
)

Kind = BillCharge.Kind
#: Charges by account key, in printed order; of no bill yet.
Charges = Mapping[int, Sequence[BillCharge]]


def charges_of(
    accounts: Sequence[Account], month: Month, *, calls_cents: Mapping[int, int], on: dt.date
) -> Charges:
    """Work out what each of `accounts` is charged for `month` beside its calls.

    `calls_cents` is what the calls on its bill cost, by account key, nothing where it is left out;
    `on` is the day of the billing zone on which the bill is issued: it decides what is late.
    """
    fees = _fees_of(accounts, month)
    percentages = _Percentages(accounts, month.last_day)
    late = _late_fees_of(accounts, on)
    charges = {}
    for account in accounts:
        own = fees[account.pk]
        taxes = percentages.charges_of(
            account, calls_cents=calls_cents.get(account.pk, 0), fees_cents=sum_of(own)
        )
        charges[account.pk] = _numbered([*own, *taxes, *late[account.pk]])
    return charges


def _numbered(charges: list[BillCharge]) -> list[BillCharge]:
    for position, charge in enumerate(charges, start=1):
        charge.position = position
    return charges


def sum_of(charges: Iterable[BillCharge]) -> int:
    """Add up `charges`, in cents."""
    return sum(charge.amount_cents for charge in charges)


# Monthly fees

#: Days from the first to the last, which is None where there is no end.
Days = tuple[dt.date, dt.date | None]


def _fees_of(accounts: Sequence[Account], month: Month) -> Mapping[int, list[BillCharge]]:
    in_time = RecurringFee.objects.filter(starts_on__lte=month.last_day).filter(
        Q(ends_on=None) | Q(ends_on__gte=month.first_day)
    )
    of_plan, of_account = defaultdict(list), defaultdict(list)
    for fee in in_time.filter(Q(account=None) | Q(account__in=accounts)):
        (of_plan[fee.plan_id] if fee.plan_id else of_account[fee.account_id]).append(fee)
    plans = _plans_of(accounts)
    charges = {}
    for account in accounts:
        agreed = [(fee, _life(account)) for fee in of_account[account.pk]]
        for plan_id, days in plans[account.pk]:
            both = _common(days, _life(account))
            agreed += [(fee, both) for fee in of_plan[plan_id] if both]
        made = [_fee(fee, days, month) for fee, days in agreed]
        charges[account.pk] = sorted(filter(None, made), key=lambda fee: (fee.name, fee.first_day))
    return charges


def _plans_of(accounts: Sequence[Account]) -> Mapping[int, list[tuple[int, Days]]]:
    """List the plans of each account, each with its days; a plan in another currency is none."""
    by_account = defaultdict(list)
    rows = AccountPlan.objects.filter(account__in=accounts).order_by("starts_on")
    for row in rows.select_related("plan", "account"):
        by_account[row.account_id].append(row)
    return defaultdict(list, {pk: list(_in_turn(rows)) for pk, rows in by_account.items()})


def _in_turn(rows: Sequence[AccountPlan]) -> Iterator[tuple[int, Days]]:
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        last = following.starts_on - dt.timedelta(days=1) if following else None
        if row.plan.currency == row.account.currency:
            yield row.plan_id, (row.starts_on, last)


def _life(account: Account) -> Days:
    return account.billed_from or account.activated_on, account.closed_on


def _common(one: Days, other: Days) -> Days | None:
    """Return the days that both have, None where there are none."""
    first = max(one[0], other[0])
    last = min((day for day in (one[1], other[1]) if day), default=None)
    return None if last and last < first else (first, last)


def _fee(fee: RecurringFee, agreed: Days, month: Month) -> BillCharge | None:
    """Charge the days of `month` in which the fee ran, None where there were none."""
    days = _common((fee.starts_on, fee.ends_on), agreed)
    days = days and _common(days, (month.first_day, month.last_day))
    if days is None:
        return None
    count, whole = (days[1] - days[0]).days + 1, month.last_day.day
    return BillCharge(
        kind=Kind.FEE,
        name=fee.name,
        fee=fee,
        base_cents=fee.amount_cents,
        first_day=days[0],
        last_day=days[1],
        days=count,
        days_of_month=whole,
        amount_cents=prorated(fee.amount_cents, count, whole),
    )


# Surcharges and taxes


class _Percentages:
    """The surcharges and taxes in force on `day`, and who of `accounts` is exempt from which."""

    def __init__(self, accounts: Sequence[Account], day: dt.date) -> None:
        in_force = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))
        taxes = Tax.objects.filter(in_force).order_by("kind", "name", "pk")
        self.surcharges = [tax for tax in taxes if tax.kind == Tax.Kind.SURCHARGE]
        self.taxes = [tax for tax in taxes if tax.kind == Tax.Kind.TAX]
        exempt = TaxExemption.objects.filter(in_force, account__in=accounts)
        self.exempt = set(exempt.values_list("account_id", "tax_id"))

    def charges_of(
        self, account: Account, *, calls_cents: int, fees_cents: int
    ) -> list[BillCharge]:
        surcharges = self._charged(account, self.surcharges, calls_cents, fees_cents, 0)
        sum_of_surcharges = sum_of(surcharges)
        taxes = self._charged(account, self.taxes, calls_cents, fees_cents, sum_of_surcharges)
        return surcharges + taxes

    def _charged(
        self, account: Account, taxes: list[Tax], calls: int, fees: int, surcharges: int
    ) -> list[BillCharge]:
        if (account.pk, None) in self.exempt:
            return []
        due = [
            tax
            for tax in taxes
            if (account.pk, tax.pk) not in self.exempt and tax.is_due_in(account)
        ]
        made = [
            _percentage(
                tax, calls * tax.on_calls + fees * tax.on_fees + surcharges * tax.on_surcharges
            )
            for tax in due
        ]
        return [charge for charge in made if charge.amount_cents]


def _percentage(tax: Tax, base_cents: int) -> BillCharge:
    return BillCharge(
        kind=tax.kind,
        name=tax.name,
        tax=tax,
        base_cents=base_cents,
        percent=tax.percent,
        amount_cents=percent_of(base_cents, tax.percent),
    )


# Late fees


def _late_fees_of(accounts: Sequence[Account], on: dt.date) -> Mapping[int, list[BillCharge]]:
    rules = list(LateFeeRule.objects.order_by("-starts_on"))
    charges = defaultdict(list)
    if not rules:
        return charges
    late_fees = Sum("charges__amount_cents", filter=Q(charges__kind=Kind.LATE_FEE))
    late = (
        Bill.objects.filter(
            account__in=accounts, due_on__lt=on, late_fee=None, late_fee_waiver=None
        )
        .unpaid()
        .exclude(Exists(Collection.objects.on_its_way()))
        .annotate(late_fees_cents=Coalesce(late_fees, 0))
        .order_by("number")
    )
    for bill in late:
        charge = _late_fee(bill, rules, on)
        if charge is not None:
            charges[bill.account_id].append(charge)
    return charges


def _late_fee(bill: Bill, rules: Sequence[LateFeeRule], on: dt.date) -> BillCharge | None:
    """Charge what the rule in force on the day `bill` fell due asks for, if anything."""
    rule = next(
        (one for one in rules if one.currency == bill.currency and one.starts_on <= bill.due_on),
        None,
    )
    if rule is None or on <= bill.due_on + dt.timedelta(days=rule.grace_days):
        return None
    base = min(bill.unpaid_cents, bill.current_charges_cents - bill.late_fees_cents)
    cents = max(percent_of(base, rule.percent), rule.minimum_cents)
    if base <= 0 or cents == 0:
        return None
    return BillCharge(
        kind=Kind.LATE_FEE,
        name=_("Late fee for bill %s") % bill.label,
        late_bill=bill,
        base_cents=base,
        percent=rule.percent,
        amount_cents=cents,
    )
