"""When a conference meets: wall-clock time in a zone, right over clock changes."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from conferences.models.conference import Conference


class Schedule(models.Model):
    """One date and time of a conference, once or repeated."""

    class Repeats(models.TextChoices):
        ONCE = "once", _("Once")
        DAILY = "daily", _("Daily")
        WEEKLY = "weekly", _("Weekly")
        MONTHLY = "monthly", _("Monthly")

    conference = models.OneToOneField(Conference, models.CASCADE, related_name="schedule")
    starts_on = models.DateField(_("date"))
    starts_at_time = models.TimeField(_("time"))
    time_zone = models.CharField(_("time zone"), max_length=50, validators=[validate_time_zone])
    minutes = models.PositiveIntegerField(
        _("length in minutes"), validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    repeats = models.CharField(_("repeats"), max_length=7, choices=Repeats, default=Repeats.ONCE)
    ends_on = models.DateField(
        _("last date"), null=True, blank=True, help_text=_("empty: repeats without an end")
    )
    expected_participants = models.PositiveIntegerField(_("expected participants"), default=10)
    #: By which calendars know it again, and which change of it they have seen (RFC 5545).
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self):
        return f"{self.starts_on} {self.starts_at_time:%H:%M} {self.time_zone}"

    @property
    def first_starts_at(self):
        """The first meeting's start, as an aware instant in UTC."""
        return self.start_on(self.starts_on)

    def start_on(self, day):
        """Return when a meeting on `day` starts, in UTC: instants of one zone do not compare."""
        zone = ZoneInfo(self.time_zone)
        return dt.datetime.combine(day, self.starts_at_time, tzinfo=zone).astimezone(dt.UTC)


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to those on conferences to which `user` may invite."""
        permission = "conferences.change_participant_pin"
        return self.filter(conference__in=Conference.objects.visible_to(user, permission))

    def standing(self):
        return self.filter(cancelled_at=None)


class Invitation(models.Model):
    """Somebody who was sent the date of a conference, and is told when it changes."""

    conference = models.ForeignKey(Conference, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    invited_by = models.ForeignKey(
        "users.User", models.PROTECT, null=True, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["email"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["conference", "email"],
                name="address_is_invited_once",
                condition=models.Q(cancelled_at=None),
            )
        ]

    def __str__(self):
        return f"{self.email} to {self.conference}"
