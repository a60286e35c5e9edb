"""What came in from the bridges: the files, and the records that could not be taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallFile(models.Model):
    """One taking-in of one file of call records, with what became of its records."""

    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    duplicates = models.PositiveIntegerField(_("duplicates"), default=0)
    quarantined = models.PositiveIntegerField(_("quarantined"), default=0)
    recording_nodes = models.PositiveIntegerField(_("recording nodes"), default=0)
    rejected_attempts = models.PositiveIntegerField(_("rejected attempts"), default=0)
    other_calls = models.PositiveIntegerField(_("other calls"), default=0)

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("call file")
        verbose_name_plural = _("call files")
        indexes = [models.Index(fields=["sha256"], name="call_files_by_content")]

    def __str__(self):
        return self.name

    @property
    def records(self):
        """How many legs or events the file held: each accepted, a duplicate or quarantined."""
        return self.accepted + self.duplicates + self.quarantined


class QuarantinedRecordQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(released_at=None)


class QuarantinedRecord(models.Model):
    """One record that could not be taken in, kept whole until its cause is mended."""

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", _("Could not be read")
        UNKNOWN_CONFERENCE = "unknown_conference", _("No such conference")
        UNKNOWN_NUMBER = "unknown_number", _("Number dialled is not in the table")
        NO_END = "no_end", _("No end")
        ENDS_BEFORE_START = "ends_before_start", _("Ends before it starts")
        TOO_LONG = "too_long", _("Longer than 24 hours")
        CONFLICT = "conflict", _("Known already with other content")

    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="quarantined_records")
    position = models.PositiveIntegerField(_("record"))
    bridge = models.CharField(_("bridge"), max_length=100, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=18, choices=Reason)
    detail = models.TextField(_("detail"), blank=True)
    raw = models.TextField(_("record as it came"))
    quarantined_at = models.DateTimeField(_("quarantined"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    objects = QuarantinedRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-quarantined_at", "-pk"]
        verbose_name = _("quarantined record")
        verbose_name_plural = _("quarantine")

    def __str__(self):
        return f"{self.get_reason_display()}: {self.external_id or self.call_file}"
