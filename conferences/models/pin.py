"""PINs: the digits that let a caller in, stored so that a stolen database hands none out."""

import hashlib
import hmac

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import sealing
from conferences.models.conference import Conference


def digest_of(digits: str) -> str:
    """Return the keyed hash by which a PIN is looked up."""
    key = settings.PIN_HASH_KEY.encode()
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()


def sealed(digits: str) -> bytes:
    """Encrypt `digits` with the newest key."""
    return sealing.sealed(digits, keys=settings.PIN_KEYS)


class PinQuerySet(models.QuerySet):
    def active(self):
        return self.filter(removed_at=None)

    def with_digits(self, digits):
        """Narrow to the PIN that a caller keys in as `digits`: one or none, never a removed one."""
        return self.active().filter(digest=digest_of(digits))

    def of_kinds_visible_to(self, user, conference):
        """Narrow to the kinds of PIN that `user` may see on `conference`."""
        kinds = [
            kind
            for kind in Pin.Kind.values
            if user.has_perm(f"conferences.view_{kind}_pin", conference)
        ]
        return self.filter(kind__in=kinds)


class Pin(models.Model):
    """Digits that let a caller into one conference; removed ones rest before they come again."""

    class Kind(models.TextChoices):
        MODERATOR = "moderator", _("Moderator")
        SPEAKER = "speaker", _("Speaker")
        PARTICIPANT = "participant", _("Participant")

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="pins")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    holder_name = models.CharField(_("name"), max_length=150, blank=True)
    sealed_digits = models.BinaryField()
    digest = models.CharField(max_length=64, null=True)  # noqa: DJ001 (NULL: free to be given again)
    starts_at = models.DateTimeField(_("works from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("works until"), null=True, blank=True)
    maximum_uses = models.PositiveIntegerField(
        _("maximum uses"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = PinQuerySet.as_manager()

    class Meta:
        ordering = ["conference", "kind", "holder_name", "pk"]
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="pin_is_unique_over_the_bridge"),
            models.CheckConstraint(
                name="active_pin_can_be_looked_up",
                condition=Q(digest__isnull=False) | Q(removed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} PIN {self.masked}"

    @property
    def digits(self):
        """The PIN in the clear. Whoever shows it to a person writes that to the audit log."""
        return sealing.opened(bytes(self.sealed_digits), keys=settings.PIN_KEYS)

    @property
    def masked(self):
        return "•••••" + self.digits[-2:]
