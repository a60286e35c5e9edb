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
    master_rows = models.JSONField(null=True, help_text="how a Master.csv was to be read")

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

    def unconfirmed(self):
        """Narrow to the legs that wait for their channel's own report."""
        return self.waiting().filter(reason=QuarantinedRecord.Reason.UNCONFIRMED)

    def confirmed(self, confirming_hosts):
        """Narrow to those of them that need wait no more.

        The report of their channel has come, or their host is none of those that send any.
        """
        host = models.Func(
            "channel", models.Value("/"), models.Value(1), function="split_part",
            output_field=models.CharField(),
        )  # fmt: skip
        report = ChannelReport.objects.filter(channel=models.OuterRef("channel"))
        is_in = models.Q(models.Exists(report)) | ~models.Q(host__in=confirming_hosts)
        return self.unconfirmed().annotate(host=host).filter(is_in)


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
        UNCONFIRMED = "unconfirmed", _("The channel's own report has not come")
        CONTRADICTED = "contradicted", _("The channel's own report tells otherwise")

    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="quarantined_records")
    position = models.PositiveIntegerField(_("record"))
    bridge = models.CharField(_("bridge"), max_length=100, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=200, blank=True)
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
        indexes = [
            models.Index(
                fields=["channel"],
                name="legs_to_confirm",
                condition=models.Q(reason="unconfirmed", released_at=None),
            )
        ]

    def __str__(self):
        return f"{self.get_reason_display()}: {self.external_id or self.call_file}"


class ChannelReport(models.Model):
    """What a switch itself told of one channel when it ended (mod_json_cdr). Append-only.

    It tells more of a caller than the conference's record does, and no caller can write into it.
    """

    bridge = models.CharField(_("bridge"), max_length=100)
    channel = models.CharField(_("channel"), max_length=200, unique=True)
    conference_uuid = models.CharField(_("held call"), max_length=100, blank=True)
    conference_name = models.CharField(_("conference's number"), max_length=100, blank=True)
    caller_number = models.CharField(_("caller's number"), max_length=50, blank=True)
    dialled_number = models.CharField(_("number dialled"), max_length=50, blank=True)
    is_outbound = models.BooleanField(_("called by the bridge"))
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(_("ended"))
    hangup_cause = models.CharField(_("hang-up cause"), max_length=50, blank=True)
    q850_cause = models.PositiveSmallIntegerField(_("cause by Q.850"), null=True)
    disposition = models.CharField(_("who ended it"), max_length=30, blank=True)
    left_because = models.CharField(_("why the call ended"), max_length=16, blank=True)
    pin_reference = models.CharField(_("PIN by its key"), max_length=100, blank=True)
    billing_code = models.CharField(_("billing code"), max_length=50, blank=True)
    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="channel_reports")
    position = models.PositiveIntegerField(_("record"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("channel report")
        verbose_name_plural = _("channel reports")

    def __str__(self):
        return self.channel
