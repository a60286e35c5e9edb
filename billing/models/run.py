"""The bill run: the first-of-month work, as rows with a state."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.periods import Month
from billing.models.bill import Bill


class BillRun(models.Model):
    """The billing of one closed month, opened once."""

    year = models.PositiveSmallIntegerField(_("year"))
    month_of_year = models.PositiveSmallIntegerField(_("month"))
    billing_zone = models.CharField(_("billing time zone"), max_length=50)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        ordering = ["-year", "-month_of_year"]
        verbose_name = _("bill run")
        verbose_name_plural = _("bill runs")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "month_of_year"], name="bill_run_is_one_per_month"
            )
        ]

    def __str__(self):
        return str(self.month)

    @property
    def month(self):
        return Month(self.year, self.month_of_year, self.billing_zone)


class BillJobQuerySet(models.QuerySet):
    def waiting(self):
        """Narrow to the accounts not billed yet, in order of months."""
        return self.filter(bill=None).order_by("run__year", "run__month_of_year", "pk")


class BillJob(models.Model):
    """One account's bill in one run: waiting, issued, or held with the reason for staff."""

    run = models.ForeignKey(BillRun, models.PROTECT, related_name="jobs")
    account = models.ForeignKey(Account, models.PROTECT, related_name="bill_jobs")
    bill = models.OneToOneField(Bill, models.PROTECT, null=True, blank=True, related_name="job")
    tries = models.PositiveIntegerField(_("tries"), default=0)
    held_because = models.TextField(_("held because"), blank=True)
    tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    allowed_cents = models.BigIntegerField(
        _("allowed up to"), null=True, blank=True, help_text=_("staff saw charges of so many cents")
    )
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("allowed by"),
    )  # fmt: skip

    objects = BillJobQuerySet.as_manager()

    class Meta:
        ordering = ["run", "account"]
        verbose_name = _("bill job")
        verbose_name_plural = _("bill jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "account"], name="bill_job_is_one_per_run_and_account"
            )
        ]

    def __str__(self):
        return f"{self.account} {self.run}"
