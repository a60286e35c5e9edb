"""Credit notes: what was billed wrongly, given back by line. Frozen when issued, as bills are."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.money import Money
from billing.models.bill import Bill, BillLine
from billing.models.charges import BillCharge
from billing.models.document import Document
from billing.models.ledger import JournalEntry


class CreditNoteNumber(models.Model):
    """The one row that holds the next number; its lock keeps the numbers without a gap."""

    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="credit_note_number_is_one_row", condition=Q(pk=1))
        ]

    def __str__(self):
        return str(self.next)


class CreditNoteQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the credit notes of `user`'s account, for those who may read bills."""
        if not user.has_perm("billing.view_bill"):
            return self.none()
        return self.filter(account_id=user.account_id)


class CreditNote(models.Model):
    """A correction of one bill, under a number of its own. It copies what it prints."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveIntegerField(_("number"), unique=True)
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="credit_notes")
    account = models.ForeignKey(Account, models.PROTECT, related_name="credit_notes")
    entry = models.OneToOneField(JournalEntry, models.PROTECT, related_name="credit_note")
    #: Of the form that asked for it: sent twice, it makes one.
    form_key = models.UUIDField(unique=True, editable=False)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))
    issued_on = models.DateField(_("date"), help_text=_("in the billing time zone"))
    reason = models.CharField(_("reason"), max_length=500)
    currency = models.CharField(_("currency"), max_length=3)
    total_cents = models.BigIntegerField(_("total"))

    billing_zone = models.CharField(_("billing time zone"), max_length=50)
    account_number = models.CharField(max_length=20)
    account_name = models.CharField(max_length=200)
    account_address = ArrayField(models.CharField(max_length=300))
    operator_name = models.CharField(max_length=200)
    operator_address = ArrayField(models.CharField(max_length=300))
    operator_contact = ArrayField(models.CharField(max_length=300))

    objects = CreditNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            models.CheckConstraint(name="credit_note_gives_back", condition=Q(total_cents__gt=0))
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("billing:credit_note_pdf", args=[self.number])

    @property
    def label(self):
        """The number as it is printed."""
        return f"C{self.number:06}"

    @property
    def total(self):
        return Money(self.total_cents, self.currency)


class CreditNoteLine(models.Model):
    """What a credit note gives back of one line of its bill, or of one of its other charges."""

    note = models.ForeignKey(CreditNote, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    bill_line = models.ForeignKey(BillLine, models.PROTECT, null=True, related_name="credits")
    charge = models.ForeignKey(BillCharge, models.PROTECT, null=True, related_name="credits")
    name = models.CharField(max_length=200, help_text=_("of the conference, or of the charge"))
    started_at = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    billed_cents = models.BigIntegerField(_("billed"))
    amount_cents = models.BigIntegerField(_("given back"))

    class Meta:
        ordering = ["note", "position"]
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints = [
            models.UniqueConstraint(fields=["note", "position"], name="credits_are_in_order"),
            models.UniqueConstraint(fields=["note", "bill_line"], name="line_is_credited_once"),
            models.UniqueConstraint(fields=["note", "charge"], name="charge_is_credited_once"),
            models.CheckConstraint(
                name="credit_is_of_a_line_or_of_a_charge",
                condition=Q(
                    bill_line__isnull=False,
                    charge=None,
                    started_at__isnull=False,
                    minutes__isnull=False,
                )
                | Q(bill_line=None, charge__isnull=False),
            ),
            models.CheckConstraint(
                name="credit_is_within_its_line",
                condition=Q(amount_cents__gt=0, amount_cents__lte=F("billed_cents")),
            ),
        ]

    def __str__(self):
        return f"{self.note} {self.position}"


class CreditNoteDocument(Document):
    """The PDF of a credit note."""

    subject_field = "note"
    note = models.OneToOneField(CreditNote, models.PROTECT, related_name="document")

    class Meta(Document.Meta):
        ordering = ["-note"]
        verbose_name = _("credit note document")
        verbose_name_plural = _("credit note documents")
        constraints = [Document.has_its_hash("made_credit_note_document_has_its_hash")]

    def __str__(self):
        return f"PDF of credit note {self.note}"

    @property
    def filename(self):
        """The name under which a customer saves it."""
        return f"credit-note-{self.note.label}.pdf"

    @property
    def stored_name(self):
        """Where it lies in storage: one place for each credit note."""
        note = self.note
        return f"credit-notes/{note.issued_on.year}/{note.label}-{note.uuid.hex[:8]}.pdf"


def uncredited(rows):
    """Annotate lines or charges of bills with `credited_cents` and `uncredited_cents`."""
    cents = "cost_cents" if rows.model is BillLine else "amount_cents"
    credited = Coalesce(Sum("credits__amount_cents"), 0, output_field=models.BigIntegerField())
    return rows.annotate(credited_cents=credited).annotate(
        uncredited_cents=F(cents) - F("credited_cents")
    )


def with_credited(bills):
    """Annotate bills with `credited_cents`: what credit notes have given back of them."""
    notes = CreditNote.objects.filter(bill=OuterRef("pk")).order_by().values("bill")
    total = notes.annotate(cents=Sum("total_cents")).values("cents")
    return bills.annotate(credited_cents=Coalesce(Subquery(total), 0))
