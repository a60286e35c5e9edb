"""What every letter that leaves the portal has in common."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutgoingQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Outgoing.State.WAITING)

    def due(self, now: dt.datetime):
        """Narrow to the letters to be sent at `now`, the longest due first."""
        return self.waiting().filter(next_try_at__lte=now).order_by("next_try_at", "pk")


class Outgoing(models.Model):
    """One letter to one address, kept until it is sent or refused for good."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")

    email = models.EmailField(_("to"), max_length=254)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    last_error = models.TextField(_("last error"), blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        abstract = True
