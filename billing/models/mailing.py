"""What follows an issued bill as work with a state: its PDF, and its e-bill to each recipient."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Outgoing, OutgoingQuerySet
from billing.models.bill import Bill


class BillDocumentQuerySet(models.QuerySet):
    def waiting(self):
        """Narrow to the PDFs still to be made, those tried least first."""
        return self.filter(made_at=None).order_by("tries", "pk")


class BillDocument(models.Model):
    """The PDF of a bill: made once, kept with its hash, served from storage."""

    bill = models.OneToOneField(Bill, models.PROTECT, related_name="document")
    file = models.FileField(_("file"), upload_to="bills/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(_("bytes"), null=True)
    made_at = models.DateTimeField(_("made"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    last_error = models.TextField(_("last error"), blank=True)

    objects = BillDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-bill"]
        verbose_name = _("bill document")
        verbose_name_plural = _("bill documents")
        constraints = [
            models.CheckConstraint(
                name="made_document_has_its_hash",
                condition=Q(made_at=None) | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0)),
            )
        ]

    def __str__(self):
        return f"PDF of bill {self.bill}"

    @property
    def filename(self):
        """The name under which a customer saves it."""
        return f"bill-{self.bill.label}.pdf"


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
