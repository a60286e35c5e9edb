"""When a conference meets: wall-clock time in a zone, right over clock changes."""

import datetime as dt
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
    expected_participants = models.PositiveIntegerField(_("expected participants"), default=10)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self):
        return f"{self.starts_on} {self.starts_at_time:%H:%M} {self.time_zone}"

    @property
    def first_starts_at(self):
        """The first meeting's start, as an aware instant."""
        zone = ZoneInfo(self.time_zone)
        return dt.datetime.combine(self.starts_on, self.starts_at_time, tzinfo=zone)
