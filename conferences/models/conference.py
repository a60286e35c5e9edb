"""The lines callers meet on, and the numbers they dial."""

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from users import policy


class AccessType(models.TextChoices):
    """How a caller came in: it decides the rate."""

    TOLL_FREE = "toll_free", _("Toll-free")
    LOCAL = "local", _("Local")
    INTERNATIONAL = "international", _("International")
    OUT_DIAL = "out_dial", _("Out-dial")


class DialInNumberQuerySet(models.QuerySet):
    def nearest_first(self):
        """Order as a caller looks for a number: toll-free, then local, then international."""
        place = models.Case(
            *(models.When(access_type=kind, then=index) for index, kind in enumerate(AccessType))
        )
        return self.order_by(place, "label")


class DialInNumber(models.Model):
    """One telephone number of the operator's that leads to the bridge."""

    number = models.CharField(
        _("number"), max_length=20, unique=True, help_text=_("digits, as the bridge records them")
    )
    access_type = models.CharField(_("access type"), max_length=13, choices=AccessType)
    label = models.CharField(_("label"), max_length=100, help_text=_("such as: Boston, local"))

    objects = DialInNumberQuerySet.as_manager()

    class Meta:
        ordering = ["access_type", "label"]
        verbose_name = _("dial-in number")
        verbose_name_plural = _("dial-in numbers")
        constraints = [
            models.CheckConstraint(
                name="dial_in_number_is_dialled_by_callers",
                condition=Q(access_type__in=["toll_free", "local", "international"]),
            )
        ]

    def __str__(self):
        return f"{self.number} ({self.label})"


class ConferenceQuerySet(models.QuerySet):
    def visible_to(self, user, permission="conferences.list_conference"):
        """Narrow to the conferences on which `user` has `permission`: any say, unless named."""
        rights = policy.rights_that_allow(user.role, permission)
        if user.account_id is None or not user.is_active:
            return self.none()
        within = self.filter(account_id=user.account_id)
        if user.role == policy.ALL_CONFERENCES_ROLE:
            return within
        if not rights:
            return self.none()
        ticked = user.rights.filter(right__in=sorted(rights)).values("conference")
        return within.filter(pk__in=ticked)

    def on_demand(self):
        return self.filter(kind=Conference.Kind.ON_DEMAND)

    def one_time(self):
        return self.filter(kind=Conference.Kind.ONE_TIME)

    def open(self):
        return self.filter(closed_at=None)

    def matching(self, words, *, reader=None):
        """Narrow to those whose name, number or billing code holds `words`; all for none.

        With a `reader`, only codes that they may see are looked at.
        """
        by_code = Q(billing_code__icontains=words)
        if reader is not None:
            detailed = Conference.objects.visible_to(reader, "conferences.view_conference")
            by_code &= Q(pk__in=detailed.values("pk"))
        return self.filter(Q(name__icontains=words) | Q(number__icontains=words) | by_code)

    def latest_first(self):
        """Order by the date they are scheduled for, the last one first; fetches the schedules."""
        by_date = F("schedule__starts_on").desc(nulls_last=True)
        return self.select_related("schedule").order_by(by_date, "name", "number")

    def with_last_call(self):
        """Annotate `last_call_at`: when the latest session started, None before the first."""
        latest = (
            self.model.objects.filter(pk=OuterRef("pk"))
            .order_by("-sessions__started_at")
            .values("sessions__started_at")
        )
        return self.annotate(last_call_at=Subquery(latest[:1]))


class Conference(models.Model):
    """A line callers can meet on."""

    class Kind(models.TextChoices):
        ON_DEMAND = "on_demand", _("On demand")
        ONE_TIME = "one_time", _("One-time use")

    account = models.ForeignKey(Account, models.PROTECT, related_name="conferences")
    number = models.CharField(
        _("conference number"), max_length=20, unique=True, help_text=_("as the bridge names it")
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.ON_DEMAND)
    billing_code = models.CharField(_("billing code"), max_length=50, blank=True)
    records_automatically = models.BooleanField(_("record automatically"), default=False)
    plays_entry_tones = models.BooleanField(_("entry tones"), default=True)
    announces_names = models.BooleanField(_("announce names"), default=False)
    mutes_on_entry = models.BooleanField(_("mute on entry"), default=False)
    waits_for_moderator = models.BooleanField(_("wait for the moderator"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ConferenceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "number"]
        verbose_name = _("conference")
        verbose_name_plural = _("conferences")
        indexes = [
            models.Index(
                fields=["account"], name="one_time_conferences_open",
                condition=Q(kind="one_time", closed_at=None),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.name} ({self.number})"

    def get_absolute_url(self):
        return reverse("conferences:conference_view", args=[self.pk])

    @property
    def scheduled_at(self):
        """When it meets first, as an aware instant; None without a schedule."""
        schedule = getattr(self, "schedule", None)
        return schedule.first_starts_at if schedule else None

    @property
    def options(self):
        """The names of the options that are switched on, in the order of the page."""
        names = (
            "records_automatically",
            "plays_entry_tones",
            "announces_names",
            "mutes_on_entry",
            "waits_for_moderator",
        )
        return [self._meta.get_field(name).verbose_name for name in names if getattr(self, name)]
