"""The log of what was done, by whom, to what."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account


class AuditEntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the log of `user`'s own account, for those who may read it.

        What is of no account is the operator's own, and nobody's here.
        """
        if not user.has_perm("accounts.view_auditentry"):
            return self.none()
        return self.filter(account__isnull=False, account_id=user.account_id)

    def with_people(self):
        """Fetch who did it, and for whom, along with the entries."""
        return self.select_related("actor", "on_behalf_of")

    def verbs(self):
        """List what was done, each kind once."""
        return list(self.order_by("verb").values_list("verb", flat=True).distinct())


class AuditEntry(models.Model):
    """One thing that somebody did: never changed, never deleted (a database trigger sees to it)."""

    at = models.DateTimeField(_("when"))
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="audit_entries")
    actor = models.ForeignKey("users.User", models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(_("who"), max_length=254, help_text=_("the name as it was then"))
    on_behalf_of = models.ForeignKey(
        "users.User", models.PROTECT, null=True, related_name="+", verbose_name=_("on behalf of")
    )
    verb = models.CharField(_("did"), max_length=60)
    subject = models.CharField(_("to what"), max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    from_address = models.GenericIPAddressField(_("from address"), null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["account", "-at"], name="audit_of_account"),
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.verb} {self.subject}"

    @property
    def who(self):
        """Who did it, as customers read it: the operator's staff are marked as such."""
        if self.actor is not None and self.actor.is_staff:
            return gettext("%(name)s (operator)") % {"name": self.actor_label}
        return self.actor_label
