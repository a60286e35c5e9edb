"""What was recorded of a held call."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _

from conferences.models.conference import Conference
from conferences.models.session import Session
from conferences.recordings.storage import recordings_storage

#: How long a recording is kept, unless staff hold it.
KEPT_FOR = dt.timedelta(days=365)


class RecordingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to those that `user` may play: not deleted, on a conference with the right."""
        conferences = Conference.objects.visible_to(user, "conferences.view_recording")
        return self.present().filter(conference__in=conferences)

    def present(self):
        return self.filter(deleted_at=None)

    def without_session(self):
        """Narrow to those whose call records have not come in yet."""
        return self.present().filter(session=None)

    def to_be_removed(self):
        """Narrow to the deleted ones whose file is still there."""
        return self.exclude(deleted_at=None).exclude(file="")

    def matching(self, words):
        """Narrow to those of conferences whose name or number holds `words`."""
        named = Q(conference__name__icontains=words)
        return self.filter(named | Q(conference__number__icontains=words))

    def past_their_end(self, now):
        """Narrow to those whose time is over and that nobody holds."""
        return self.present().filter(keep_until__lte=now, is_held=False)


class Recording(models.Model):
    """One recording of a conference; it outlives its file as a row that says when that went.

    It is known by (`bridge`, `external_id`). The session joins it when its call records come in, by
    the bridge's name for the call, or where that was not told, by the time.
    """

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="recordings")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="recordings")
    bridge = models.CharField(_("bridge"), max_length=100)
    external_id = models.CharField(max_length=200)
    session_external_id = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField(_("started"))
    seconds = models.PositiveIntegerField(_("length in seconds"))
    content_type = models.CharField(max_length=50)
    #: Empty once a deleted recording's file is gone.
    file = models.FileField(storage=recordings_storage, max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))
    keep_until = models.DateTimeField(_("kept until"))
    is_held = models.BooleanField(
        _("legal hold"), default=False, help_text=_("kept past its end, and by nobody deleted")
    )
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "external_id"], name="recording_is_known_once_per_bridge"
            ),
            models.CheckConstraint(
                name="held_recording_is_present", condition=Q(is_held=False) | Q(deleted_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["conference", "-started_at"], name="recordings_of_conference"),
            models.Index(
                fields=["keep_until"], name="recordings_to_end",
                condition=Q(deleted_at=None, is_held=False),
            ),
            models.Index(
                fields=["bridge", "session_external_id"], name="recordings_without_session",
                condition=Q(session=None),
            ),
            models.Index(
                fields=["deleted_at"], name="recordings_to_remove",
                condition=Q(deleted_at__isnull=False) & ~Q(file=""),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.conference} {self.started_at:%Y-%m-%d %H:%M %Z}"

    def get_absolute_url(self):
        return reverse("conferences:recording_view", args=[self.pk])

    @property
    def kind(self):
        """What players call its kind of file."""
        return {"audio/wav": "WAV", "audio/mpeg": "MP3", "audio/ogg": "Ogg"}[self.content_type]

    @property
    def etag(self):
        """The strong validator of its sound (RFC 9110, section 8.8.3)."""
        return quote_etag(self.sha256)


class IncomingFile(models.Model):
    """A file that is being stored and is no recording's yet: announced before its first byte.

    The recording that claims it takes this row away. So what a crash leaves behind is known, and
    is removed without looking through the whole storage.
    """

    name = models.CharField(max_length=200, unique=True)
    begun_at = models.DateTimeField()
    is_abandoned = models.BooleanField(
        default=False, help_text=_("can no longer be claimed; its file is being removed")
    )

    def __str__(self):
        return self.name
