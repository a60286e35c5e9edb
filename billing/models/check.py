"""Checks: paper that staff enter, each of which is one payment in the ledger."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.money import Money
from billing.models.ledger import Allocation, JournalEntry


class CheckQuerySet(models.QuerySet):
    def with_standing(self):
        """Annotate `allocated_cents`, `rest_cents` (settles nothing yet) and `is_bounced`."""
        allocated = (
            Allocation.objects.filter(entry=OuterRef("entry"))
            .values("entry")
            .annotate(total=Sum("amount_cents"))
        )
        bounced = JournalEntry.objects.filter(
            about=OuterRef("entry"), kind=JournalEntry.Kind.BOUNCED
        )
        return self.annotate(
            allocated_cents=Coalesce(Subquery(allocated.values("total")), 0),
            rest_cents=F("amount_cents") - F("allocated_cents"),
            is_bounced=Exists(bounced),
        )


class Check(models.Model):
    """One paper check. Its number counts once per account; a database trigger keeps it as it is.

    What it does not settle is credit that settles the next bill by itself, unless it is kept for
    staff to apply: that alone may change.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="checks")
    number = models.CharField(_("check number"), max_length=40)
    amount_cents = models.BigIntegerField(_("amount"))
    received_on = models.DateField(_("received"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        verbose_name=_("entered by"),
    )  # fmt: skip
    entry = models.OneToOneField(JournalEntry, models.PROTECT, related_name="paper_check")
    is_rest_kept = models.BooleanField(
        _("rest is kept"), default=False, help_text=_("what is left over waits for staff")
    )

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "number"], name="check_number_is_once_per_account"
            ),
            models.CheckConstraint(name="check_brings_money", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self):
        return self.number

    @property
    def amount(self):
        return Money(self.amount_cents, self.account.currency)
