"""Who was let in: each counts as one use of the PIN."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conferences.models.bridge import Bridge
from conferences.models.pin import Pin


class Admission(models.Model):
    """One call that the portal told a bridge to let in; asked again for it, it stays one."""

    pin = models.ForeignKey(Pin, models.PROTECT, related_name="admissions")
    bridge = models.ForeignKey(Bridge, models.PROTECT, related_name="admissions")
    call = models.CharField(max_length=200, help_text=_("the bridge's name for the channel"))
    caller_number = models.CharField(_("caller's number"), max_length=50, blank=True)
    admitted_at = models.DateTimeField(_("let in"))

    class Meta:
        ordering = ["-admitted_at", "-pk"]
        verbose_name = _("admission")
        verbose_name_plural = _("admissions")
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "call", "pin"], name="call_is_admitted_once_by_a_pin"
            )
        ]

    def __str__(self):
        return f"{self.caller_number} {self.admitted_at:%Y-%m-%d %H:%M}"
