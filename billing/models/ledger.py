"""The books: append-only double entry per account. Balance and overdue come from here only.

Database triggers refuse any change of a row, and at commit any entry whose postings do not
add up to zero (see the migrations).
"""

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
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
    TAX = "tax", _("Taxes to be passed on")
    CREDIT_NOTES = "credit_notes", _("Credit notes")
    BAD_DEBT = "bad_debt", _("Bad debt")


class JournalEntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the books of `user`'s account, for those who may read bills."""
        if not user.has_perm("billing.view_bill"):
            return self.none()
        return self.filter(account_id=user.account_id)

    def payments(self):
        return self.filter(kind=JournalEntry.Kind.PAYMENT)

    def moving_money(self):
        """Narrow to what a customer calls paid: payments, and payments taken back."""
        return self.filter(kind__in=JournalEntry.MONEY_KINDS)

    def corrections(self):
        """Narrow to what changes a debt without money: credit notes, write-offs, adjustments."""
        return self.filter(kind__in=JournalEntry.CORRECTION_KINDS)

    def open_credits(self):
        """Narrow to credit that settles nothing yet, oldest first; annotates `rest_cents`."""
        rest = -F("receivable_cents") - F("allocated_cents")
        credits = self.with_receivable().with_allocated().annotate(rest_cents=rest)
        return credits.filter(receivable_cents__lt=0, rest_cents__gt=0).order_by("pk")

    def free_credits(self):
        """Narrow to open credits that settle by themselves: not what a check keeps for staff."""
        return self.open_credits().exclude(paper_check__is_rest_kept=True)

    def open_debits(self):
        """Narrow to what is owed beside bills, oldest first; annotates `rest_cents`."""
        settled = (
            Allocation.objects.filter(debit=OuterRef("pk"))
            .values("debit")
            .annotate(total=Sum("amount_cents"))
        )
        rest = F("receivable_cents") - Coalesce(Subquery(settled.values("total")), 0)
        debits = self.exclude(kind=JournalEntry.Kind.BILL).with_receivable()
        debits = debits.annotate(rest_cents=rest)
        return debits.filter(receivable_cents__gt=0, rest_cents__gt=0).order_by("pk")

    def with_receivable(self):
        """Annotate `receivable_cents`: what the entry adds to what the account owes."""
        postings = Posting.objects.filter(entry=OuterRef("pk"), book=Book.RECEIVABLE)
        return self.annotate(
            receivable_cents=Coalesce(Subquery(postings.values("amount_cents")[:1]), 0)
        )

    def with_allocated(self):
        """Annotate `allocated_cents`: how much of the entry has settled what is owed."""
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
        BOUNCED = "bounced", _("Bounced check")
        CREDIT_NOTE = "credit_note", _("Credit note")
        REFUND = "refund", _("Refund")
        REFUND_FAILED = "refund_failed", _("Failed refund")
        DISPUTE = "dispute", _("Disputed payment")
        DISPUTE_WON = "dispute_won", _("Dispute won")
        WRITE_OFF = "write_off", _("Write-off")
        ADJUSTMENT = "adjustment", _("Adjustment")

    MONEY_KINDS = ("payment", "bounced", "refund", "refund_failed", "dispute", "dispute_won")
    CORRECTION_KINDS = ("credit_note", "write_off", "adjustment")

    account = models.ForeignKey(Account, models.PROTECT, related_name="journal")
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    reference = models.CharField(
        _("reference"), max_length=200, unique=True, help_text=_("bill:000123, ch_…, check:…")
    )
    booked_at = models.DateTimeField(_("booked"))
    currency = models.CharField(max_length=3)
    memo = models.CharField(_("memo"), max_length=200, blank=True)
    about = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by",
        help_text=_("the entry that this one takes back or answers"),
    )  # fmt: skip

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
            models.CheckConstraint(name="posting_is_not_zero", condition=~Q(amount_cents=0)),
        ]

    def __str__(self):
        return f"{self.entry} {self.book} {self.amount_cents}"


class Allocation(models.Model):
    """Part of a payment or credit that settles part of what is owed: a bill, or another debit.

    It never changes: what must settle no longer is undone by a row of the same amount below zero.
    """

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="allocations")
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, related_name="allocations")
    debit = models.ForeignKey(JournalEntry, models.PROTECT, null=True, related_name="settled_by")
    amount_cents = models.BigIntegerField(_("amount"))
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    #: The newest entry of the account's journal by then: statements tell by it what came before.
    booked_with = models.ForeignKey(JournalEntry, models.PROTECT, related_name="+")
    allocated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(
                name="allocation_is_positive_unless_it_undoes",
                condition=Q(amount_cents__gt=0, undoes=None)
                | Q(amount_cents__lt=0, undoes__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_settles_one_thing",
                condition=Q(bill=None, debit__isnull=False) | Q(bill__isnull=False, debit=None),
            ),
        ]

    def __str__(self):
        return f"{self.amount_cents} of {self.entry} to {self.bill or self.debit}"
