"""The books: append-only double entry per account. Balance and overdue come from here only.

Database triggers refuse any change of a row, and at commit any entry whose postings do not
add up to zero (see the migrations).
"""

from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models.bill import Bill


class Book(models.TextChoices):
    """The accounts of the operator's general ledger."""

    RECEIVABLE = "receivable", _("Accounts receivable")
    REVENUE = "revenue", _("Conferencing revenue")
    CARD_CLEARING = "card_clearing", _("Card clearing")
    BANK = "bank", _("Bank")


class JournalEntryQuerySet(models.QuerySet):
    def payments(self):
        return self.filter(kind=JournalEntry.Kind.PAYMENT)

    def with_receivable(self):
        """Annotate `receivable_cents`: what the entry adds to what the account owes."""
        postings = Posting.objects.filter(entry=OuterRef("pk"), book=Book.RECEIVABLE)
        return self.annotate(
            receivable_cents=Coalesce(Subquery(postings.values("amount_cents")[:1]), 0)
        )

    def with_allocated(self):
        """Annotate `allocated_cents`: how much of the entry has settled bills."""
        allocated = (
            Allocation.objects.filter(entry=OuterRef("pk"))
            .values("entry")
            .annotate(total=Sum("amount_cents"))
        )
        return self.annotate(allocated_cents=Coalesce(Subquery(allocated.values("total")), 0))


class JournalEntry(models.Model):
    """One fact in an account's books; `reference` makes it a fact only once."""

    class Kind(models.TextChoices):
        BILL = "bill", _("Bill")
        PAYMENT = "payment", _("Payment")

    account = models.ForeignKey(Account, models.PROTECT, related_name="journal")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reference = models.CharField(
        _("reference"), max_length=200, unique=True, help_text=_("bill:000123, ch_…, check:…")
    )
    booked_at = models.DateTimeField(_("booked"))
    currency = models.CharField(max_length=3)
    memo = models.CharField(_("memo"), max_length=200, blank=True)

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        ordering = ["booked_at", "pk"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [models.Index(fields=["account", "booked_at"], name="journal_of_account")]

    def __str__(self):
        return self.reference


class Posting(models.Model):
    """One side of an entry: debits are positive cents, credits negative."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings")
    book = models.CharField(_("book"), max_length=13, choices=Book)
    amount_cents = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["entry", "book"], name="posting_is_one_per_book"),
            models.CheckConstraint(name="posting_is_not_zero", condition=~models.Q(amount_cents=0)),
        ]

    def __str__(self):
        return f"{self.entry} {self.book} {self.amount_cents}"


class Allocation(models.Model):
    """Part of a payment or credit that settles part of one bill's charges."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="allocations")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="allocations")
    amount_cents = models.BigIntegerField(_("amount"))
    allocated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                name="allocation_is_positive", condition=models.Q(amount_cents__gt=0)
            )
        ]

    def __str__(self):
        return f"{self.amount_cents} of {self.entry} to {self.bill}"
