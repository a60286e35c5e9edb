"""Setting the sample operator's fees, surcharge, taxes and late fee."""

import datetime as dt

from accounts.models import Account
from accuconf.sandbox.world.charges import EXEMPT, FEES, LATE_FEE, SURCHARGE, TAXES
from billing.models import LateFeeRule, RatePlan, RecurringFee, Tax, TaxExemption


def set_charges(starts_on: dt.date) -> None:
    """Have all of it charged from a day on; once, however often."""
    since = {"starts_on": starts_on}
    for plan, (name, cents) in FEES.items():
        RecurringFee.objects.get_or_create(
            plan=RatePlan.objects.get(name=plan), name=name, amount_cents=cents, **since
        )
    Tax.objects.get_or_create(kind=Tax.Kind.SURCHARGE, **SURCHARGE, **since)
    for tax in TAXES:
        in_state = {"country": "US", "on_surcharges": True}
        Tax.objects.get_or_create(kind=Tax.Kind.TAX, **tax, **in_state, **since)
    for number, (name, certificate) in EXEMPT.items():
        TaxExemption.objects.get_or_create(
            account=Account.objects.get(number=number),
            tax=Tax.objects.get(name=name),
            certificate=certificate,
            **since,
        )
    LateFeeRule.objects.get_or_create(**LATE_FEE, **since)
