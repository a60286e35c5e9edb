"""Changing the address that one signs in with, agreed to from both ends."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from users.models.person import User


class EmailChange(models.Model):
    """One wish to sign in by another address; done once the old and the new have both agreed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="email_change")
    old_email = models.EmailField(_("from"), max_length=254)
    new_email = models.EmailField(_("to"), max_length=254)
    asked_at = models.DateTimeField(_("asked"))
    old_agreed_at = models.DateTimeField(_("old address agreed"), null=True)
    new_agreed_at = models.DateTimeField(_("new address agreed"), null=True)

    class Meta:
        verbose_name = _("change of e-mail")
        verbose_name_plural = _("changes of e-mail")
        constraints = [
            models.CheckConstraint(
                name="email_changes_to_another", condition=~Q(new_email=models.F("old_email"))
            )
        ]

    def __str__(self):
        return f"{self.old_email} to {self.new_email}"
