"""What ought to be, worked out from what was drawn and from Stripe's own books.

It shares no reckoning with billing.
"""

from collections import Counter

from billing.models import Attempt
from tests.billing.random_runs import forms


class Expected:
    """Reckons from the run's calls and forms, and from the objects at Stripe."""

    def __init__(self, run):
        self.run = run
        objects = run.standin.objects
        self.charges = [one for one in objects("charge") if one["status"] == "succeeded"]
        self.refunds = [one for one in objects("refund") if one["status"] != "failed"]
        self.disputes = objects("dispute")

    def owed(self, account):
        """Return what was billed, less what came and was given up, with what went back again."""
        billed = sum(self.billed(account, month) for month in self.run.months)
        return billed - self.came_in(account) - self.given_up(account) + self.went_back(account)

    def billed(self, account, month):
        """Return the month's calls and fee, with the tax on both, half a cent rounded up."""
        calls = [call for call in self.run.calls if (call.account, call.month) == (account, month)]
        untaxed = sum(call.cents for call in calls) + self.run.fee_cents
        return untaxed + (untaxed * self.run.tax_percent + 50) // 100

    def came_in(self, account):
        charged = sum(charge["amount"] for charge in self.charges_of(account))
        checks = self.forms_of(account, forms.CheckForm)
        return charged + sum(check.cents for check in checks if not check.is_bounced)

    def given_up(self, account):
        kinds = (forms.CreditNoteForm, forms.WriteOffForm)
        given = [form for form in self.forms_of(account, kinds) if form.answer == forms.DONE]
        return sum(form.cents for form in given)

    def went_back(self, account):
        by_check = [
            form.cents
            for form in self.forms_of(account, forms.RefundForm)
            if form.answer == forms.BY_CHECK
        ]
        charges = {charge["id"] for charge in self.charges_of(account)}
        lost = [one for one in self.disputes if one["status"] != "won"]
        by_card = [one["amount"] for one in [*self.refunds, *lost] if one["charge"] in charges]
        return sum(by_check) + sum(by_card)

    def may_have_credit(self, account):
        """Tell whether more can have come in than was owed: a card alone never takes it."""
        charges = {charge["id"] for charge in self.charges_of(account)}
        disputed = any(one["charge"] in charges for one in self.disputes)
        kinds = (forms.CheckForm, forms.CreditNoteForm, forms.WriteOffForm)
        return disputed or bool(self.forms_of(account, kinds))

    def accepted(self, kind):
        """Return the cents of all forms of that kind that were not refused, by their keys."""
        sent = [form for form in self.run.forms if isinstance(form, kind)]
        return {form.key: form.cents for form in sent if form.answer != forms.REFUSED}

    def forms_of(self, account, kinds):
        return [
            form for form in self.run.forms if form.account == account and isinstance(form, kinds)
        ]

    def charges_of(self, account):
        attempts = Attempt.objects.filter(collection__bill__account=account)
        customers = set(attempts.values_list("customer_id", flat=True))
        return [charge for charge in self.charges if charge["customer"] in customers]

    @staticmethod
    def twice(things, about):
        """Return what more than one of `things` is about."""
        return [name for name, times in Counter(map(about, things)).items() if times > 1]
