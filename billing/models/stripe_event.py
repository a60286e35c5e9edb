"""What Stripe has told us, and where its books and ours differ: both are work with a state."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StripeEventQuerySet(models.QuerySet):
    def waiting(self):
        """Narrow to the events still to be worked, those tried least first."""
        return self.filter(worked_at=None).order_by("tries", "received_at", "pk")


class StripeEvent(models.Model):
    """That something happened to an object of Stripe's; what it is now, one asks Stripe."""

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(_("type"), max_length=100)
    object_id = models.CharField(_("object"), max_length=255)
    received_at = models.DateTimeField(_("received"))
    worked_at = models.DateTimeField(_("worked"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    last_error = models.TextField(_("last error"), blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("event of Stripe")
        verbose_name_plural = _("events of Stripe")
        indexes = [
            models.Index(
                fields=["tries", "received_at"], name="stripe_events_to_work",
                condition=Q(worked_at=None),
            )
        ]  # fmt: skip

    def __str__(self):
        return f"{self.type} {self.object_id}"


class DifferenceQuerySet(models.QuerySet):
    def open(self):
        return self.filter(settled_at=None)


class Difference(models.Model):
    """What Stripe's books and ours do not agree on; staff decide, nothing mends itself."""

    class Kind(models.TextChoices):
        NOT_BOOKED = "not_booked", _("Stripe took money that is not booked")
        NOT_TAKEN = "not_taken", _("Booked, but Stripe took no such money")
        NOT_ASKED = "not_asked", _("Stripe gave money back that nobody asked for here")
        OTHER_AMOUNT = "other_amount", _("Booked with another amount")

    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    reference = models.CharField(_("Stripe's name"), max_length=255)
    theirs_cents = models.BigIntegerField(_("at Stripe"), null=True)
    ours_cents = models.BigIntegerField(_("booked"), null=True)
    found_at = models.DateTimeField(_("found"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        verbose_name = _("difference to Stripe")
        verbose_name_plural = _("differences to Stripe")
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="difference_is_shown_once")
        ]

    def __str__(self):
        return f"{self.reference}: {self.get_kind_display()}"
