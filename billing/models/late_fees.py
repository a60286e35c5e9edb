"""What is charged for bills that are paid late: staff's rules, and the bills they spare."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.bill import Bill
from billing.models.charges import PERCENT, BillCharge


class LateFeeRule(models.Model):
    """What is charged for bills that are paid late, where they fell due from a day on.

    A rule of nothing ends the one before it.
    """

    currency = models.CharField(_("currency"), max_length=3, default="USD")
    starts_on = models.DateField(_("for bills due from"))
    percent = models.DecimalField(
        _("percent of what is unpaid"), **PERCENT,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    minimum_cents = models.BigIntegerField(
        _("cents at least"), default=0, validators=[MinValueValidator(0), MaxValueValidator(10**7)]
    )
    grace_days = models.PositiveSmallIntegerField(_("days of grace after the due date"), default=5)

    class Meta:
        ordering = ["currency", "-starts_on"]
        verbose_name = _("late fee")
        verbose_name_plural = _("late fees")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "starts_on"], name="late_fee_is_one_from_a_day"
            ),
            models.CheckConstraint(
                name="late_fee_is_not_negative",
                condition=Q(percent__gte=0, percent__lte=100, minimum_cents__gte=0),
            ),
        ]

    def __str__(self):
        return f"{self.percent.normalize():f}% from {self.starts_on}"

    def clean(self):
        stored = LateFeeRule.objects.filter(pk=self.pk).first()
        if stored is None or not stored.has_charged():
            return
        names = [field.attname for field in self._meta.concrete_fields]
        changed = [name for name in names if getattr(self, name) != getattr(stored, name)]
        if changed:
            words = _("Bills were charged by it: begin another one on a later day.")
            raise ValidationError(dict.fromkeys(changed, words))

    def has_charged(self):
        """Tell whether a bill has charged for a bill that fell due under this rule."""
        later = LateFeeRule.objects.filter(currency=self.currency, starts_on__gt=self.starts_on)
        following = later.order_by("starts_on").first()
        charged = BillCharge.objects.filter(
            late_bill__currency=self.currency, late_bill__due_on__gte=self.starts_on
        )
        if following:
            charged = charged.filter(late_bill__due_on__lt=following.starts_on)
        return charged.exists()


class LateFeeWaiver(models.Model):
    """Staff let a bill be paid late without a fee."""

    bill = models.OneToOneField(Bill, models.PROTECT, related_name="late_fee_waiver")
    reason = models.CharField(_("reason"), max_length=500)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    waived_at = models.DateTimeField(_("waived"))

    class Meta:
        ordering = ["-waived_at"]
        verbose_name = _("waived late fee")
        verbose_name_plural = _("waived late fees")

    def __str__(self):
        return f"{self.bill}"
