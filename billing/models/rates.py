"""What a minute costs: rate plans, the accounts' plans, and conferences' own rates."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from conferences.models import AccessType, Conference


class RatePlan(models.Model):
    """A named set of rates that accounts are put on."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    currency = models.CharField(_("currency"), max_length=3, default="USD")

    class Meta:
        ordering = ["name"]
        verbose_name = _("rate plan")
        verbose_name_plural = _("rate plans")

    def __str__(self):
        return self.name


class AccountPlan(models.Model):
    """An account is on a plan, from a day of the billing zone on."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="plans")
    plan = models.ForeignKey(RatePlan, models.PROTECT, related_name="accounts")
    starts_on = models.DateField(_("from"))

    class Meta:
        ordering = ["account", "-starts_on"]
        verbose_name = _("account's plan")
        verbose_name_plural = _("accounts' plans")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "starts_on"], name="account_has_one_plan_from_a_day"
            )
        ]

    def __str__(self):
        return f"{self.account}: {self.plan} from {self.starts_on}"

    def clean(self):
        account = getattr(self, "account", None)  # not saved yet where it is added with its plan
        if self.plan_id and account and self.plan.currency != account.currency:
            raise ValidationError(
                {"plan": _("The plan is in another currency than the account's.")}
            )


class Rate(models.Model):
    """The price of a minute for one access type, from a day of the billing zone on.

    It belongs to a plan, or to a conference that has its own rates.
    """

    plan = models.ForeignKey(RatePlan, models.PROTECT, null=True, blank=True, related_name="rates")
    conference = models.ForeignKey(
        Conference, models.PROTECT, null=True, blank=True, related_name="own_rates"
    )
    access_type = models.CharField(_("access type"), max_length=13, choices=AccessType)
    rate_per_minute = models.DecimalField(
        _("rate per minute"), max_digits=12, decimal_places=6, validators=[MinValueValidator(0)]
    )
    starts_on = models.DateField(_("from"))

    class Meta:
        ordering = ["plan", "conference", "access_type", "-starts_on"]
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.CheckConstraint(
                name="rate_is_of_a_plan_or_of_a_conference",
                condition=Q(plan__isnull=False, conference=None)
                | Q(plan=None, conference__isnull=False),
            ),
            models.CheckConstraint(
                name="rate_is_not_negative", condition=Q(rate_per_minute__gte=0)
            ),
            models.UniqueConstraint(
                fields=["plan", "access_type", "starts_on"], name="plan_has_one_rate_from_a_day"
            ),
            models.UniqueConstraint(
                fields=["conference", "access_type", "starts_on"],
                name="conference_has_one_rate_from_a_day",
            ),
        ]

    def __str__(self):
        return f"{self.get_access_type_display()} {self.rate_per_minute} from {self.starts_on}"
