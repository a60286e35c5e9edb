"""Disputes: a cardholder's bank takes a payment back until somebody decides."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models.ledger import JournalEntry


class DisputeQuerySet(models.QuerySet):
    def open(self):
        """Narrow to those that nobody has decided yet."""
        return self.exclude(status__in=Dispute.DECIDED)


class Dispute(models.Model):
    """One dispute about one charge, as Stripe had it when it was last asked.

    While one is open, its account's card is not charged by itself.
    """

    #: https://docs.stripe.com/api/disputes/object#dispute_object-status
    DECIDED = ("won", "lost", "warning_closed", "prevented")

    dispute_id = models.CharField(_("Stripe's dispute"), max_length=100, unique=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="disputes")
    payment = models.ForeignKey(JournalEntry, models.PROTECT, related_name="disputes")
    amount_cents = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    reason = models.CharField(_("reason"), max_length=100)
    status = models.CharField(_("status"), max_length=50)
    answer_by = models.DateTimeField(_("answer by"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    updated_at = models.DateTimeField(_("updated"))
    withdrawn_entry = models.OneToOneField(
        JournalEntry, models.PROTECT, null=True, related_name="dispute"
    )
    reinstated_entry = models.OneToOneField(
        JournalEntry, models.PROTECT, null=True, related_name="won_dispute"
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(
                name="dispute_is_taken_before_it_is_given_back",
                condition=Q(reinstated_entry=None) | Q(withdrawn_entry__isnull=False),
            )
        ]

    def __str__(self):
        return self.dispute_id

    @property
    def is_open(self):
        return self.status not in self.DECIDED
