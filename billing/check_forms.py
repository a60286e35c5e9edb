"""What staff fill in about checks: the paper itself, and which open items it settles."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.money import Money
from accounts.templatetags.dates import when
from billing.models import Check, JournalEntry

OLDEST, CHOSEN = "oldest", "chosen"
#: The most that a field of money takes: what is typed above it is a slip.
MOST_CENTS = 10**11
AMOUNT = re.compile(r"\$?\s*(?P<whole>\d[\d,]*)(\.(?P<part>\d{1,2}))?", re.ASCII)


class CentsField(forms.CharField):
    """An amount as people write it, `$1,234.50`; its value is whole cents."""

    def __init__(self, **kwargs):
        attrs = {"inputmode": "decimal", "autocomplete": "off", "size": 12}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        amount = AMOUNT.fullmatch(typed)
        if amount is None:
            raise ValidationError(_("Write an amount such as 1,234.50."))
        whole, part = amount["whole"].replace(",", ""), amount["part"] or ""
        cents = int(whole + part.ljust(2, "0"))
        if not 0 < cents <= MOST_CENTS:
            raise ValidationError(_("Write an amount above zero, and below a billion."))
        return cents


class SharesForm(forms.Form):
    """How many cents settle which of the open `items`; `shares` is None for the oldest first."""

    how = forms.ChoiceField(
        label=_("It settles"),
        choices=[
            (OLDEST, _("the oldest bills first")),
            (CHOSEN, _("the amounts that I fill in below")),
        ],
        initial=OLDEST,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, items, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self.items, self.currency = items, currency
        for item in items:
            label = _("To settle of %(item)s") % {"item": item}
            self.fields[_name_of(item)] = CentsField(label=label, required=False)

    @property
    def rows(self):
        """Each open item with its field."""
        return [(item, self[_name_of(item)]) for item in self.items]

    @property
    def shares(self):
        if self.cleaned_data["how"] == OLDEST:
            return None
        return self._filled_in()

    def refuse_misfits(self, at_most_cents):
        """Say beside the fields which amounts are more than is open, or than there is."""
        filled_in = self._filled_in()
        if filled_in and self.cleaned_data.get("how") == OLDEST:
            words = _("Amounts are filled in below: choose them here, or empty them.")
            self.add_error("how", words)
        for item in self.items:
            if filled_in.get(item.key, 0) > item.unpaid_cents:
                words = _("Only %(amount)s of it is open.")
                self.add_error(_name_of(item), words % {"amount": self._money(item.unpaid_cents)})
        if sum(filled_in.values()) > at_most_cents:
            words = _("The amounts below add up to %(sum)s, and the check has only %(left)s.")
            said = {"sum": self._money(sum(filled_in.values())), "left": self._money(at_most_cents)}
            self.add_error("how", words % said)

    def _filled_in(self):
        given = {item.key: self.cleaned_data.get(_name_of(item)) for item in self.items}
        return {key: cents for key, cents in given.items() if cents}

    def _money(self, cents):
        return Money(cents, self.currency)


class CheckForm(SharesForm):
    """One check of `account`, received by `today`."""

    number = forms.CharField(
        label=_("Check number"),
        max_length=Check._meta.get_field("number").max_length,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", _("Only digits, letters and hyphens."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 12}),
        help_text=_(
            "As printed, without leading zeros. One that bounced and is deposited again gets a"
            " letter behind it, such as 1001B."
        ),
    )
    amount = CentsField(label=_("Amount"))
    received_on = forms.DateField(
        label=_("Received"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    memo = forms.CharField(
        label=_("Memo"),
        required=False,
        max_length=JournalEntry._meta.get_field("memo").max_length,
        help_text=_("for the books; customers do not see it"),
    )
    is_rest_kept = forms.BooleanField(
        label=_("Keep what is left over until staff apply it"),
        required=False,
        help_text=_("Otherwise it settles the oldest bills, then the next bill, by itself."),
    )
    field_order = ["number", "amount", "received_on", "memo", "how"]

    def __init__(self, *args, account, today, **kwargs):
        super().__init__(*args, currency=account.currency, **kwargs)
        self.account, self.today = account, today
        self.fields["received_on"].initial = today

    def clean_number(self):
        """Return the number as it counts: two of one check must not pass for two checks."""
        return self.cleaned_data["number"].upper().lstrip("0") or "0"

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day > self.today:
            raise ValidationError(_("This day is still to come."))
        if (self.today - day).days > 365:
            raise ValidationError(_("This day is more than a year ago."))
        return day

    def clean(self):
        cleaned = super().clean()
        known = Check.objects.filter(account=self.account, number=cleaned.get("number")).first()
        if known is not None:
            self._refuse_another(known)
        elif "amount" in cleaned:
            self.refuse_misfits(cleaned["amount"])
        return cleaned

    def _refuse_another(self, known):
        """Refuse what is not the check known by that number; that one itself may come twice."""
        given = self.cleaned_data.get("amount"), self.cleaned_data.get("received_on")
        if given != (known.amount_cents, known.received_on):
            self.add_error("number", number_taken(known))


def number_taken(check):
    """Say that another check stands under the number."""
    return _(
        "Check %(number)s of this account is recorded already: %(amount)s, received on %(day)s."
    ) % {"number": check.number, "amount": check.amount, "day": when(check.received_on)}


class RestForm(SharesForm):
    """What the unapplied rest of a check settles."""

    def __init__(self, *args, rest_cents, **kwargs):
        super().__init__(*args, **kwargs)
        self.rest_cents = rest_cents

    def clean(self):
        cleaned = super().clean()
        self.refuse_misfits(self.rest_cents)
        if cleaned.get("how") == CHOSEN and not self.errors and not self._filled_in():
            self.add_error("how", _("Fill in at least one amount."))
        return cleaned


class BounceForm(forms.Form):
    """Why the bank returned a check."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=JournalEntry._meta.get_field("memo").max_length,
        help_text=_("as the bank gives it; for the books, customers do not see it"),
    )


def _name_of(item):
    return f"settle-{item.key}"
