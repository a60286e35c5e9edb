"""Bills: frozen when issued. Database triggers refuse every later change (see the migrations)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Round
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Terms
from accounts.money import Money
from accounts.periods import Month
from conferences.models import Conference, Leg, Session


class BillNumber(models.Model):
    """The one row that holds the next bill number; its lock keeps the numbers without a gap."""

    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="bill_number_is_one_row", condition=models.Q(pk=1))
        ]

    def __str__(self):
        return str(self.next)


class BillQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the bills of `user`'s account, for those who may read bills."""
        if not user.has_perm("billing.view_bill"):
            return self.none()
        return self.filter(account_id=user.account_id)

    def with_unpaid(self):
        """Annotate `unpaid_cents`: this bill's own charges less what was allocated to it."""
        allocated = (
            self.model.objects.filter(pk=OuterRef("pk"))
            .values("pk")
            .annotate(total=Sum("allocations__amount_cents"))
        )
        return self.annotate(
            unpaid_cents=F("current_charges_cents")
            - Coalesce(Subquery(allocated.values("total")), 0)
        )

    def unpaid(self):
        return self.with_unpaid().filter(unpaid_cents__gt=0)


class Bill(models.Model):
    """The statement of one account for one month. It copies every name and address it prints."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="bills")
    month_start = models.DateTimeField(_("from"))
    month_end = models.DateTimeField(_("to, excluded"))
    billing_zone = models.CharField(_("billing time zone"), max_length=50)
    issued_at = models.DateTimeField(_("issued"))
    issued_on = models.DateField(_("date"), help_text=_("in the billing time zone"))
    due_on = models.DateField(_("due"))
    terms = models.CharField(_("payment terms"), max_length=5, choices=Terms)
    currency = models.CharField(_("currency"), max_length=3)

    account_number = models.CharField(max_length=20)
    account_name = models.CharField(max_length=200)
    account_address = ArrayField(models.CharField(max_length=300))
    account_country = models.CharField(max_length=2, help_text=_("two letters, in e-bills"))
    card_label = models.CharField(
        max_length=200, blank=True, help_text=_("such as: Visa •••• 4242")
    )
    operator_name = models.CharField(max_length=200)
    operator_address = ArrayField(models.CharField(max_length=300))
    operator_contact = ArrayField(models.CharField(max_length=300))
    operator_country = models.CharField(max_length=2, help_text=_("two letters, in e-bills"))
    operator_registration = models.CharField(
        max_length=50, help_text=_("the number a register or tax office knows it by, in e-bills")
    )

    last_bill_cents = models.BigIntegerField(_("amount of the last bill"))
    paid_cents = models.BigIntegerField(_("amount paid since"))
    corrected_cents = models.BigIntegerField(
        _("corrections since"), default=0, help_text=_("credit notes and write-offs")
    )
    overdue_cents = models.BigIntegerField(_("overdue"))
    not_yet_due_cents = models.BigIntegerField(_("unpaid, not yet due"))
    credits_cents = models.BigIntegerField(_("credits"))
    current_charges_cents = models.BigIntegerField(_("current charges"))
    amount_due_cents = models.BigIntegerField(_("amount due"))
    last_entry_pk = models.BigIntegerField(
        default=0, help_text=_("the newest journal entry of the account that it reckons with")
    )

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month_start"], name="bill_is_one_per_account_and_month"
            ),
            models.CheckConstraint(
                name="bill_statement_adds_up",
                condition=models.Q(
                    amount_due_cents=F("overdue_cents")
                    + F("not_yet_due_cents")
                    - F("credits_cents")
                    + F("current_charges_cents")
                ),
            ),
            models.CheckConstraint(
                name="bill_month_is_a_period", condition=models.Q(month_end__gt=F("month_start"))
            ),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("billing:bill_view", args=[self.number])

    @property
    def label(self):
        """The number as it is printed."""
        return f"{self.number:06}"

    @property
    def month(self):
        return Month.containing(self.month_start, self.billing_zone)

    @property
    def current_charges(self):
        return Money(self.current_charges_cents, self.currency)

    @property
    def amount_due(self):
        return Money(self.amount_due_cents, self.currency)


class BillLine(models.Model):
    """One line of a bill: one session at one rate."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    session = models.ForeignKey(Session, models.PROTECT, related_name="bill_lines")
    conference = models.ForeignKey(Conference, models.PROTECT, related_name="bill_lines")
    conference_name = models.CharField(_("conference"), max_length=200)
    conference_number = models.CharField(max_length=20)
    billing_code = models.CharField(_("billing code"), max_length=50, blank=True)
    started_at = models.DateTimeField(_("start"))
    access_types = ArrayField(models.CharField(max_length=13))
    participants = models.PositiveIntegerField(_("participants"))
    minutes = models.PositiveIntegerField(_("minutes"))
    rate_per_minute = models.DecimalField(_("rate"), max_digits=12, decimal_places=6)
    cost_cents = models.BigIntegerField(_("cost"))

    class Meta:
        ordering = ["bill", "position"]
        verbose_name = _("bill line")
        verbose_name_plural = _("bill lines")
        constraints = [
            models.UniqueConstraint(fields=["bill", "position"], name="bill_lines_are_in_order"),
            models.UniqueConstraint(
                fields=["bill", "session", "rate_per_minute"],
                name="bill_line_is_one_session_at_one_rate",
            ),
            models.CheckConstraint(
                name="bill_line_cost_is_minutes_times_rate",
                condition=models.Q(
                    cost_cents=Round(
                        models.ExpressionWrapper(
                            F("minutes") * F("rate_per_minute") * 100,
                            output_field=models.DecimalField(),
                        )
                    )
                ),
            ),
        ]

    def __str__(self):
        return f"{self.conference_name} {self.started_at:%Y-%m-%d %H:%M}"


class BilledLeg(models.Model):
    """Which line billed a leg. Its primary key is what keeps a leg from being billed twice."""

    leg = models.OneToOneField(Leg, models.PROTECT, primary_key=True, related_name="billed")
    line = models.ForeignKey(BillLine, models.PROTECT, related_name="billed_legs")

    class Meta:
        verbose_name = _("billed leg")
        verbose_name_plural = _("billed legs")

    def __str__(self):
        return f"{self.leg_id} by {self.line_id}"
