"""What follows an issued bill as work with a state: its PDF, and its e-bill to each recipient."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Outgoing, OutgoingQuerySet
from billing.models.bill import Bill
from billing.models.document import Document


class BillDocument(Document):
    """The PDF of a bill."""

    subject_field = "bill"
    bill = models.OneToOneField(Bill, models.PROTECT, related_name="document")

    class Meta(Document.Meta):
        ordering = ["-bill"]
        verbose_name = _("bill document")
        verbose_name_plural = _("bill documents")
        constraints = [Document.has_its_hash("made_document_has_its_hash")]

    def __str__(self):
        return f"PDF of bill {self.bill}"

    @property
    def filename(self):
        """The name under which a customer saves it."""
        return f"bill-{self.bill.label}.pdf"

    @property
    def stored_name(self):
        """Where it lies in storage: one place for each bill."""
        return f"bills/{self.bill.month}/bill-{self.bill.label}-{self.bill.uuid.hex[:8]}.pdf"


class BillDeliveryQuerySet(OutgoingQuerySet):
    def due(self, now):
        """Narrow to the e-bills to be sent at `now`: their PDF is made and their time has come."""
        return super().due(now).filter(bill__document__made_at__isnull=False)


class BillDelivery(Outgoing):
    """The e-bill of one bill to one person."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = BillDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-bill", "email"]
        verbose_name = _("e-bill")
        verbose_name_plural = _("e-bills")
        constraints = [
            models.UniqueConstraint(fields=["bill", "email"], name="e_bill_is_one_per_recipient")
        ]

    def __str__(self):
        return f"bill {self.bill} to {self.email}"
