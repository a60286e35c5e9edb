"""PINs: the digits that let a caller in, stored so that a stolen database hands none out."""

import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import sealing
from conferences.models.conference import Conference

#: How long removed digits are given to nobody.
REST = dt.timedelta(days=180)
#: How long a removed PIN can be put back by those who may change it.
SECOND_THOUGHTS = dt.timedelta(hours=24)


def digests_of(digits: str) -> list[str]:
    """Return the keyed hashes by which a PIN is looked up, that of the newest key first.

    There are several only while the keys are being changed (services/pin_keys.py).
    """
    return [
        hmac.new(key.encode(), digits.encode(), hashlib.sha256).hexdigest()
        for key in settings.PIN_HASH_KEYS
    ]


def digest_of(digits: str) -> str:
    """Return the keyed hash under which a PIN is stored."""
    return digests_of(digits)[0]


def sealed(digits: str) -> bytes:
    """Encrypt `digits` with the newest key."""
    return sealing.sealed(digits, keys=settings.PIN_KEYS)


def kinds_visible_to(user, conference):
    """List the kinds of PIN that `user` may see on `conference`."""
    return [kind for kind in Pin.Kind if user.has_perm(f"conferences.view_{kind}_pin", conference)]


def kinds_changeable_by(user, conference):
    """List the kinds of PIN that `user` may add to and remove from `conference`."""
    return [
        kind for kind in Pin.Kind if user.has_perm(f"conferences.change_{kind}_pin", conference)
    ]


class PinQuerySet(models.QuerySet):
    def active(self):
        return self.filter(removed_at=None)

    def with_digits(self, digits):
        """Narrow to the active PIN of these digits, under whichever hash key it stands."""
        return self.active().filter(digest__in=digests_of(digits))

    def named_like(self, words):
        """Narrow to those whose holder's name has `words` in it; all for none."""
        return self.filter(holder_name__icontains=words)

    def removed_lately(self, *, now):
        """Narrow to those that can still be put back, the last one first."""
        since = self.filter(removed_at__gt=now - SECOND_THOUGHTS, digest__isnull=False)
        return since.order_by("-removed_at", "-pk")

    def rested(self, *, now):
        """Narrow to the removed ones whose digits are free to be given again."""
        return self.filter(removed_at__lte=now - REST, digest__isnull=False)

    def of_kinds_visible_to(self, user, conference):
        """Narrow to the kinds of PIN that `user` may see on `conference`."""
        return self.filter(kind__in=kinds_visible_to(user, conference))

    def with_uses(self):
        """Annotate `uses`: how many calls each has let in."""
        own = self.model.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
        counted = own.annotate(count=Count("admissions")).values("count")
        return self.annotate(uses=Subquery(counted))


class PinState(models.TextChoices):
    """How an active PIN stands, apart from its conference's date."""

    WORKS = "works", _("Works")
    WAITS = "waits", _("Starts later")
    ENDED = "ended", _("Ended")
    USED_UP = "used_up", _("Used up")


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
            models.CheckConstraint(
                name="pin_ends_after_its_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(name="pin_has_a_use", condition=Q(maximum_uses__gte=1)),
        ]
        indexes = [
            models.Index(
                fields=["removed_at"], name="pins_that_rest",
                condition=Q(removed_at__isnull=False, digest__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.holder_name or self.pk} ({self.get_kind_display()})"

    def get_absolute_url(self):
        return reverse("conferences:pin_view", args=[self.conference_id, self.pk])

    @property
    def label(self):
        """By what its readers know it: the holder's name, or the masked digits."""
        return self.holder_name or self.masked

    @property
    def digits(self):
        """The PIN in the clear. Whoever shows it to a person writes that to the audit log."""
        return sealing.opened(bytes(self.sealed_digits), keys=settings.PIN_KEYS)

    @property
    def masked(self):
        return "•••••" + self.digits[-2:]

    def state_at(self, now):
        """Tell whether it lets callers in at `now`; of one that counts uses, after with_uses()."""
        if self.ends_at is not None and self.ends_at <= now:
            return PinState.ENDED
        if self.maximum_uses is not None and self.uses >= self.maximum_uses:
            return PinState.USED_UP
        if self.starts_at is not None and self.starts_at > now:
            return PinState.WAITS
        return PinState.WORKS
