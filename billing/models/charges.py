"""What a bill charges beside calls: the rules of fees, surcharges and taxes, and their lines.

The rules are staff's; a bill copies what it prints of them into its charges.
"""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models import Account
from accounts.money import Money, percent_of
from billing.models.bill import Bill
from billing.models.rates import RatePlan

#: A monthly fee costs at least so much: then no day of it rounds to nothing.
LEAST_FEE_CENTS = 50
#: A percentage: four decimals, such as 8.8750.
PERCENT = {"max_digits": 7, "decimal_places": 4}
A_BILL_HAS_CHARGED_IT = _("A bill has charged it: end it, and begin another one.")


class ForATime(models.Model):
    """In force from a day of the billing zone on, until the end of another one, or for good."""

    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, included"), null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("It would end before it begins.")})

    @staticmethod
    def ends_after_its_start(name):
        """Return the constraint, under its own name in each table."""
        return models.CheckConstraint(
            name=name, condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
        )


class Charged(ForATime):
    """What bills charge while it is in force. Once one has, only its end can be changed."""

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        billed_until = self.billed_until() if self.pk else None
        if billed_until is None:
            return
        stored = type(self).objects.get(pk=self.pk)
        changed = {
            field.name
            for field in self._meta.concrete_fields
            if getattr(self, field.attname) != getattr(stored, field.attname)
        }
        errors = dict.fromkeys(changed - {"ends_on"}, A_BILL_HAS_CHARGED_IT)
        if "ends_on" in changed and self.ends_on and self.ends_on < billed_until:
            day = date_format(billed_until)
            errors["ends_on"] = _("A bill has charged it until %s.") % day
        if errors:
            raise ValidationError(errors)

    def billed_until(self):
        """Return the last day for which a bill has charged it, None where none has."""
        newest = self.charges.select_related("bill").order_by("bill__month_start").last()
        return newest and (newest.last_day or newest.bill.month.last_day)


class RecurringFee(Charged):
    """What an account pays each month, whatever it calls: of its rate plan, or of its own.

    A month in which it ran for some days only is charged by days.
    """

    name = models.CharField(_("name"), max_length=100, help_text=_("as it is printed on the bill"))
    plan = models.ForeignKey(RatePlan, models.PROTECT, null=True, blank=True, related_name="fees")
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="own_fees"
    )
    amount_cents = models.BigIntegerField(
        _("cents a month"),
        validators=[MinValueValidator(LEAST_FEE_CENTS), MaxValueValidator(10**9)],
    )

    class Meta:
        ordering = ["name", "starts_on", "pk"]
        verbose_name = _("monthly fee")
        verbose_name_plural = _("monthly fees")
        constraints = [
            models.CheckConstraint(
                name="fee_is_of_a_plan_or_of_an_account",
                condition=Q(plan__isnull=False, account=None) | Q(plan=None, account__isnull=False),
            ),
            models.CheckConstraint(
                name="no_day_of_a_fee_is_free", condition=Q(amount_cents__gte=LEAST_FEE_CENTS)
            ),
            ForATime.ends_after_its_start("fee_ends_after_its_start"),
        ]

    def __str__(self):
        return f"{self.name} from {self.starts_on}"


class Tax(Charged):
    """A tax or surcharge: a percentage of some lines of the bills of some accounts.

    Taxes are passed on; a surcharge is the operator's own, whatever its name.
    """

    class Kind(models.TextChoices):
        SURCHARGE = "surcharge", _("Surcharge")
        TAX = "tax", _("Tax")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    name = models.CharField(_("name"), max_length=100, help_text=_("as it is printed on the bill"))
    percent = models.DecimalField(
        _("percent"), **PERCENT, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    on_calls = models.BooleanField(_("of calls"), default=True)
    on_fees = models.BooleanField(_("of monthly fees"), default=True)
    on_surcharges = models.BooleanField(
        _("of surcharges"), default=False, help_text=_("for taxes only")
    )
    country = CountryField(_("country"), blank=True, help_text=_("empty: of accounts anywhere"))
    region = models.CharField(
        _("state or region"), max_length=100, blank=True, help_text=_("empty: of the whole country")
    )

    class Meta:
        ordering = ["kind", "name", "starts_on", "pk"]
        verbose_name = _("tax or surcharge")
        verbose_name_plural = _("taxes and surcharges")
        constraints = [
            models.CheckConstraint(
                name="tax_is_a_percentage", condition=Q(percent__gt=0, percent__lte=100)
            ),
            models.CheckConstraint(
                name="tax_is_of_something",
                condition=Q(on_calls=True) | Q(on_fees=True) | Q(on_surcharges=True),
            ),
            models.CheckConstraint(
                name="surcharge_is_not_of_surcharges",
                condition=Q(kind="tax") | Q(on_surcharges=False),
            ),
            models.CheckConstraint(
                name="tax_of_a_region_names_its_country", condition=Q(region="") | ~Q(country="")
            ),
            ForATime.ends_after_its_start("tax_ends_after_its_start"),
        ]

    def __str__(self):
        return f"{self.name}, {self.percent.normalize():f}%"

    def clean(self):
        errors = {}
        if self.percent == 0:
            errors["percent"] = _("Give a percentage above zero.")
        if not (self.on_calls or self.on_fees or self.on_surcharges):
            errors["on_calls"] = _("Say of which lines it is a percentage.")
        if self.kind == self.Kind.SURCHARGE and self.on_surcharges:
            errors["on_surcharges"] = _("Only a tax can be of surcharges.")
        if self.region and not self.country:
            errors["country"] = _("Say in which country this state or region is.")
        if errors:
            raise ValidationError(errors)
        super().clean()

    def is_of(self, billed):
        """Tell whether it is a percentage of `billed` too, a line of a bill or a charge."""
        parts = {"fee": self.on_fees, "surcharge": self.on_surcharges}
        return parts.get(billed.kind, False) if isinstance(billed, BillCharge) else self.on_calls

    def is_due_in(self, account):
        """Tell whether it falls on accounts at the address of `account`."""
        if self.country and self.country != account.country:
            return False
        return not self.region or self.region.casefold() == account.region.casefold()


class TaxExemption(ForATime):
    """An account does not pay a tax or surcharge, or none of them at all."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="tax_exemptions")
    tax = models.ForeignKey(
        Tax, models.PROTECT, null=True, blank=True, related_name="exemptions",
        help_text=_("empty: all taxes and surcharges"),
    )  # fmt: skip
    certificate = models.CharField(
        _("certificate"), max_length=200, help_text=_("by what it is proved")
    )

    class Meta:
        ordering = ["account", "starts_on"]
        verbose_name = _("tax exemption")
        verbose_name_plural = _("tax exemptions")
        constraints = [ForATime.ends_after_its_start("exemption_ends_after_its_start")]

    def __str__(self):
        return f"{self.account}: {self.tax or _('all taxes and surcharges')}"


class BillCharge(models.Model):
    """One line of a bill beside its calls. It copies what it prints, and how it was reckoned.

    A fee is `base_cents` a month for `days` of `days_of_month`; the others are `percent` of
    `base_cents`, a late fee at least so much.
    """

    class Kind(models.TextChoices):
        FEE = "fee", _("Monthly fee")
        SURCHARGE = "surcharge", _("Surcharge")
        TAX = "tax", _("Tax")
        LATE_FEE = "late_fee", _("Late fee")

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="charges")
    position = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    name = models.CharField(_("name"), max_length=100)
    base_cents = models.BigIntegerField(_("of"))
    percent = models.DecimalField(_("percent"), **PERCENT, null=True)
    first_day = models.DateField(_("from"), null=True)
    last_day = models.DateField(_("until, included"), null=True)
    days = models.PositiveSmallIntegerField(_("days"), null=True)
    days_of_month = models.PositiveSmallIntegerField(null=True)
    amount_cents = models.BigIntegerField(_("amount"))

    fee = models.ForeignKey(RecurringFee, models.PROTECT, null=True, related_name="charges")
    tax = models.ForeignKey(Tax, models.PROTECT, null=True, related_name="charges")
    late_bill = models.OneToOneField(Bill, models.PROTECT, null=True, related_name="late_fee")

    class Meta:
        ordering = ["bill", "position"]
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        constraints = [
            models.UniqueConstraint(fields=["bill", "position"], name="charges_are_in_order"),
            models.CheckConstraint(name="charge_costs_something", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="charge_is_of_its_kind",
                condition=Q(kind="fee", fee__isnull=False, tax=None, late_bill=None)
                | Q(kind__in=["surcharge", "tax"], fee=None, tax__isnull=False, late_bill=None)
                | Q(kind="late_fee", fee=None, tax=None, late_bill__isnull=False),
            ),
            # Whole numbers only: (2ab + c) / 2c is a·b/c, rounded half up.
            models.CheckConstraint(
                name="fee_is_charged_by_days",
                condition=~Q(kind="fee")
                | Q(
                    percent=None,
                    first_day__isnull=False,
                    last_day__isnull=False,
                    days__lte=F("days_of_month"),
                    amount_cents=(F("base_cents") * F("days") * 2 + F("days_of_month"))
                    / (F("days_of_month") * 2),
                ),
            ),
            models.CheckConstraint(
                name="tax_is_charged_by_percent",
                condition=~Q(kind__in=["surcharge", "tax"])
                | Q(
                    days=None,
                    amount_cents=Round(
                        models.ExpressionWrapper(
                            F("base_cents") * F("percent") / 100,
                            output_field=models.DecimalField(),
                        )
                    ),
                ),
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.amount}"

    @property
    def amount(self):
        return Money(self.amount_cents, self.bill.currency)

    @property
    def is_whole_month(self):
        return self.days == self.days_of_month

    @property
    def is_minimum(self):
        """Whether a late fee is the least that its rule asks for, and not the percentage."""
        is_late_fee = self.kind == self.Kind.LATE_FEE
        return is_late_fee and self.amount_cents > percent_of(self.base_cents, self.percent)
