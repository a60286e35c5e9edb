"""What an Asterisk bridge told of its channels, event by event, until legs are made of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conferences.models.feed import CallFile


class ChannelEvent(models.Model):
    """One thing that happened on one channel, as Asterisk's CEL tells it. Append-only.

    `unique_id` is the bridge's name for the channel, `mixer` the id of the bridge that mixes a held
    call. `kind` is as BRIDGE_ENTER, or USER_DEFINED for an event of the dialplan's own: then
    `user_event` names it, and `words` are what the dialplan said by it. Known by `digest`, a hash
    of all that was written of it, wherever and how often it comes.
    """

    bridge = models.CharField(_("bridge"), max_length=100)
    unique_id = models.CharField(_("channel"), max_length=150)
    linked_id = models.CharField(_("first channel of the call"), max_length=150, blank=True)
    kind = models.CharField(_("event"), max_length=20)
    user_event = models.CharField(_("dialplan's own event"), max_length=80, blank=True)
    words = models.CharField(_("its words"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    channel_name = models.CharField(_("channel's name"), max_length=200, blank=True)
    caller_name = models.CharField(_("caller's name"), max_length=200, blank=True)
    caller_number = models.CharField(_("caller's number"), max_length=50, blank=True)
    dialled_number = models.CharField(_("number dialled"), max_length=80, blank=True)
    extension = models.CharField(_("extension"), max_length=80, blank=True)
    app_name = models.CharField(_("application"), max_length=80, blank=True)
    app_data = models.CharField(_("application's data"), max_length=200, blank=True)
    user_field = models.CharField(_("user field"), max_length=200, blank=True)
    mixer = models.CharField(_("mixing bridge"), max_length=100, blank=True)
    technology = models.CharField(_("technology"), max_length=40, blank=True)
    hangup_cause = models.PositiveSmallIntegerField(
        _("hang-up cause"), null=True, help_text="Q.850"
    )
    digest = models.CharField(max_length=64)
    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="channel_events")
    position = models.PositiveIntegerField(_("line"))

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("channel event")
        verbose_name_plural = _("channel events")
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "digest"], name="channel_event_is_known_once_per_bridge"
            )
        ]
        indexes = [models.Index(fields=["unique_id", "bridge"], name="events_of_channel")]

    def __str__(self):
        return f"{self.user_event or self.kind} on {self.channel_name}, {self.at:%Y-%m-%d %H:%M:%S}"


class ChannelQuerySet(models.QuerySet):
    def waiting(self):
        """Narrow to the channels whose events are not yet made into legs."""
        return self.filter(is_waiting=True)


class Channel(models.Model):
    """One channel of which events came: work while it `is_waiting`, and again after more."""

    bridge = models.CharField(max_length=100)
    unique_id = models.CharField(max_length=150)
    last_arrival_at = models.DateTimeField(help_text="when the last new event came in")
    is_waiting = models.BooleanField(default=True, help_text="for its events to become legs")
    assembled_at = models.DateTimeField(null=True, help_text="when they last did")

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "unique_id"], name="channel_is_known_once_per_bridge"
            )
        ]
        indexes = [
            models.Index(
                fields=["last_arrival_at"],
                name="channels_to_assemble",
                condition=Q(is_waiting=True),
            )
        ]

    def __str__(self):
        return f"{self.unique_id} on {self.bridge}"
