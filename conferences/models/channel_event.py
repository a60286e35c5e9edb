"""What an Asterisk bridge told of its channels, event by event, until legs are made of it."""

from django.db import models
from django.db.models import Q

from conferences.models.feed import CallFile


class ChannelEvent(models.Model):
    """One thing that happened on one channel, as Asterisk's CEL tells it. Append-only.

    Known by `digest`, a hash of all that the bridge wrote of it, wherever and how often it comes.
    """

    bridge = models.CharField(max_length=100)
    unique_id = models.CharField(max_length=150, help_text="the bridge's name for the channel")
    linked_id = models.CharField(max_length=150, blank=True)
    kind = models.CharField(
        max_length=20, help_text="as BRIDGE_ENTER; USER_DEFINED: the dialplan's"
    )
    user_event = models.CharField(max_length=80, blank=True, help_text="the dialplan's own name")
    words = models.CharField(max_length=200, blank=True, help_text="what the dialplan says by it")
    at = models.DateTimeField()
    channel_name = models.CharField(max_length=200, blank=True)
    caller_name = models.CharField(max_length=200, blank=True)
    caller_number = models.CharField(max_length=50, blank=True)
    dialled_number = models.CharField(max_length=80, blank=True)
    extension = models.CharField(max_length=80, blank=True)
    app_name = models.CharField(max_length=80, blank=True)
    app_data = models.CharField(max_length=200, blank=True)
    user_field = models.CharField(max_length=200, blank=True)
    mixer = models.CharField(max_length=100, blank=True, help_text="id of the mixing bridge")
    technology = models.CharField(max_length=40, blank=True)
    hangup_cause = models.PositiveSmallIntegerField(null=True, help_text="Q.850")
    digest = models.CharField(max_length=64)
    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="channel_events")
    position = models.PositiveIntegerField(help_text="which line of the file this was")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "digest"], name="channel_event_is_known_once_per_bridge"
            )
        ]
        indexes = [models.Index(fields=["bridge", "unique_id"], name="events_of_channel")]

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
