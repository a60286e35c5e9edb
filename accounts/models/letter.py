"""Letters about accounts and people: invitations, links, notices."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from accounts.models.outgoing import Outgoing


class Letter(Outgoing):
    """A letter to be written and sent; `key` makes it one per fact.

    It holds no secret: links and codes are made when it is written, by the function of its `kind`
    (accounts/letters.py), and never kept.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=50)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey("users.User", models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    queued_at = models.DateTimeField(_("queued"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(
                fields=["next_try_at"], name="letters_to_send", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self):
        return f"{self.kind} to {self.email}"
