"""Held calls: sessions and the legs of their callers."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import CharField, Count, F, Func, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from conferences.models.conference import AccessType, Conference
from conferences.models.feed import CallFile
from conferences.models.pin import Pin

#: The code under which a session is billed, in SQL: as mended, else as keyed in on the telephone,
#: else its conference's. Empty where there is none.
BILLING_CODE = "coalesce(nullif({mended}, ''), nullif({keyed}, ''), {own})"


class BillingCode(Func):
    """The same in querysets; `prefix` leads from their rows to the session."""

    output_field = CharField()

    def __init__(self, prefix=""):
        names = ("billing_code", "keyed_code", "conference__billing_code")
        super().__init__(*(F(prefix + name) for name in names))

    def as_sql(self, compiler, connection, **_):
        mended, keyed, own = (compiler.compile(part)[0] for part in self.get_source_expressions())
        return BILLING_CODE.format(mended=mended, keyed=keyed, own=own), ()


class SessionQuerySet(models.QuerySet):
    def visible_to(self, user, permission="conferences.list_conference"):
        """Narrow to the sessions of conferences on which `user` has `permission`."""
        return self.filter(conference__in=Conference.objects.visible_to(user, permission))

    def with_code(self):
        """Annotate each session with the billing `code` under which it is billed."""
        return self.annotate(code=BillingCode())

    def without_code(self):
        """Narrow to those for which there is no code, neither of their own nor a conference's."""
        return self.with_code().filter(code="")

    def with_usage(self):
        """Annotate each session with its `participants` and whole billable `minutes`."""
        legs = Leg.objects.filter(session=OuterRef("pk")).order_by().values("session")
        participants = legs.annotate(count=Count("pk")).values("count")
        minutes = legs.annotate(sum=Sum((F("seconds") + 59) / 60)).values("sum")
        return self.annotate(
            participants=Coalesce(Subquery(participants), 0),
            minutes=Coalesce(Subquery(minutes), 0),
        )


class Session(models.Model):
    """One held call of a conference, from its first join to its last leave."""

    conference = models.ForeignKey(Conference, models.PROTECT, related_name="sessions")
    bridge = models.CharField(_("bridge"), max_length=100)
    external_id = models.CharField(max_length=100, help_text=_("the bridge's name for this call"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), help_text=_("when the last caller left"))
    billing_code = models.CharField(
        _("billing code"), max_length=50, blank=True, help_text=_("as a customer mended it")
    )
    keyed_code = models.CharField(
        _("code keyed in"), max_length=50, blank=True, help_text=_("on the telephone")
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "external_id"], name="session_is_known_once_per_bridge"
            ),
            models.CheckConstraint(
                name="session_ends_after_its_start", condition=Q(ended_at__gte=F("started_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["conference", "-started_at"], name="sessions_of_conference"),
            models.Index(fields=["ended_at"], name="sessions_by_end"),
        ]

    def __str__(self):
        return f"{self.conference} {self.started_at:%Y-%m-%d %H:%M}"


class Leg(models.Model):
    """One caller's stay in a session. Append-only."""

    class LeftBecause(models.TextChoices):
        UNKNOWN = "", _("Not recorded")
        HUNG_UP = "hung_up", _("Hung up")
        REMOVED = "removed", _("Removed by the moderator")
        CONFERENCE_ENDED = "conference_ended", _("The conference ended")
        BRIDGE_ENDED = "bridge_ended", _("Ended by the bridge")
        FAILURE = "failure", _("The line failed")

    session = models.ForeignKey(Session, models.PROTECT, related_name="legs")
    bridge = models.CharField(max_length=100)
    external_id = models.CharField(max_length=200)
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"))
    seconds = models.PositiveIntegerField(_("seconds"), help_text=_("begun seconds count whole"))
    caller_name = models.CharField(_("caller's name"), max_length=200, blank=True)
    caller_number = models.CharField(_("caller's number"), max_length=50, blank=True)
    dialled_number = models.CharField(_("number dialled"), max_length=50, blank=True)
    access_type = models.CharField(_("access type"), max_length=13, choices=AccessType)
    is_moderator = models.BooleanField(_("moderator"), default=False)
    left_because = models.CharField(
        _("why the call ended"), max_length=16, choices=LeftBecause, blank=True
    )
    pin = models.ForeignKey(Pin, models.PROTECT, null=True, related_name="legs")
    call_file = models.ForeignKey(CallFile, models.PROTECT, related_name="legs")
    position = models.PositiveIntegerField(help_text=_("which record of the file this was"))

    class Meta:
        ordering = ["joined_at", "pk"]
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        constraints = [
            models.UniqueConstraint(
                fields=["bridge", "external_id"], name="leg_is_known_once_per_bridge"
            ),
            models.CheckConstraint(
                name="leg_ends_after_its_start", condition=Q(left_at__gte=F("joined_at"))
            ),
            models.CheckConstraint(
                name="leg_is_at_most_a_day", condition=Q(seconds__lte=24 * 60 * 60)
            ),
        ]
        indexes = [BrinIndex(fields=["joined_at"], name="legs_by_time")]

    def __str__(self):
        return f"{self.caller_name or self.caller_number} {self.joined_at:%Y-%m-%d %H:%M}"

    @property
    def minutes(self):
        """Whole minutes, each begun one counted; 0 seconds are 0 minutes."""
        return -(-self.seconds // 60)
