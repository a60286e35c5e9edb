"""What staff ask for with the operator's money, and above a limit another of them must allow."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.money import Money
from billing.models.bill import Bill
from billing.models.ledger import JournalEntry


class Asked(models.Model):
    """One wish: who asked for how much and why, and who decided it.

    Within the limit nobody else decides, and `decided_by` stays empty.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    reason = models.CharField(_("reason"), max_length=500)
    #: Of the form that asked: sent twice, it asks once.
    form_key = models.UUIDField(unique=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        abstract = True

    @property
    def amount(self):
        return Money(self.amount_cents, self.currency)

    @staticmethod
    def rules(noun):
        """Return the constraints, under their own names in each table."""
        return [
            models.CheckConstraint(name=f"{noun}_is_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name=f"{noun}_is_decided_by_another", condition=~Q(decided_by=F("asked_by"))
            ),
        ]


class RefundRequest(Asked):
    """Money given back of one payment, by the way that it came.

    It is booked when it is allowed, before Stripe is asked: by then the credit is spent.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person")
        DECLINED = "declined", _("Not allowed")
        APPROVED = "approved", _("To be sent")
        PENDING = "pending", _("On its way")
        SUCCEEDED = "succeeded", _("Given back")
        FAILED = "failed", _("Failed")

    #: Booked, and the money gone or going.
    GOING = ("approved", "pending", "succeeded")

    payment = models.ForeignKey(JournalEntry, models.PROTECT, related_name="refund_requests")
    check_number = models.CharField(
        _("check number"), max_length=50, blank=True, help_text=_("of our own check")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    refund_id = models.CharField(_("Stripe's refund"), max_length=100, unique=True, null=True)  # noqa: DJ001 (NULL: none yet)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    asked_stripe_at = models.DateTimeField(_("last asked Stripe"), null=True)
    failure = models.CharField(_("failed because"), max_length=200, blank=True)
    entry = models.OneToOneField(JournalEntry, models.PROTECT, null=True, related_name="refund")
    failed_entry = models.OneToOneField(
        JournalEntry, models.PROTECT, null=True, related_name="failed_refund"
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("approve_refund", "Can allow refunds above the limit that others ask for")]
        constraints = [
            *Asked.rules("refund"),
            models.CheckConstraint(
                name="refund_is_booked_when_allowed",
                condition=Q(entry=None, state__in=["asked", "declined"])
                | Q(entry__isnull=False, state__in=["approved", "pending", "succeeded", "failed"]),
            ),
            models.CheckConstraint(
                name="failed_refund_is_booked_back",
                condition=Q(failed_entry=None) ^ Q(state="failed"),
            ),
        ]

    def __str__(self):
        return f"{self.amount} of {self.payment}"

    @property
    def is_by_check(self):
        return self.check_number != ""


class WriteOff(Asked):
    """Money of one bill that nobody expects any more."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person")
        DECLINED = "declined", _("Not allowed")
        BOOKED = "booked", _("Written off")

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="write_offs")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    entry = models.OneToOneField(JournalEntry, models.PROTECT, null=True, related_name="write_off")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        permissions = [("approve_writeoff", "Can allow write-offs above the limit of others")]
        constraints = [
            *Asked.rules("write_off"),
            models.CheckConstraint(
                name="write_off_is_booked_when_allowed",
                condition=Q(entry=None) ^ Q(state="booked"),
            ),
        ]

    def __str__(self):
        return f"{self.amount} of bill {self.bill}"
