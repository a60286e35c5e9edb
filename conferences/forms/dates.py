"""The forms of dates: of a conference that is there, and of a new one-time conference."""

import datetime as dt
import uuid

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from accounts.templatetags.dates import when
from accounts.time_zones import time_zone_select
from conferences.models import Conference, Schedule
from conferences.schedules import is_on_the_clock, next_start
from conferences.services.dates import FIELDS, seen_of
from users.forms.fields import on_one_line

#: More callers than this the operator makes room for.
MOST_PARTICIPANTS = 50
#: The shortest day has 23 hours: a daily meeting that is longer would run into the next one.
LONGEST_DAILY_MINUTES = 23 * 60
#: Dates further ahead, or before there was a portal, are slips of the keyboard.
YEARS_AHEAD = 5
FIRST_YEAR = 2000
PASSED = _("This date and time has passed. Choose one to come.")


class DateForm(forms.ModelForm):
    """Date and time, once or repeated; `seen` tells from what the page was rendered.

    `today` is the reader's.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Schedule
        fields = FIELDS
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "starts_at_time": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "minutes": forms.NumberInput({"min": 5, "max": 1440}),
            "expected_participants": forms.NumberInput({"min": 1, "max": MOST_PARTICIPANTS}),
        }
        help_texts = {
            "repeats": _("The time stays the same on the clock when the clocks change."),
            "ends_on": _("Leave it empty to repeat without an end."),
        }

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.latest = today + dt.timedelta(days=366 * YEARS_AHEAD)
        self.helper = FormHelper()
        self.helper.form_tag = False
        if self.instance.pk is None:
            self.initial.update(time_zone=str(timezone.get_current_timezone()), minutes=60)
        self.initial.setdefault("seen", seen_of(self.instance if self.instance.pk else None))
        self.fields["time_zone"].widget = time_zone_select(self.initial["time_zone"])
        if "repeats" in self.fields and self._is_one_time():
            del self.fields["repeats"], self.fields["ends_on"]

    @property
    def date(self):
        """What makes the date, once the form is valid."""
        return {"repeats": Schedule.Repeats.ONCE, "ends_on": None} | {
            name: self.cleaned_data[name] for name in FIELDS if name in self.fields
        }

    def clean_time_zone(self):
        validate_time_zone(self.cleaned_data["time_zone"])
        return self.cleaned_data["time_zone"]

    def clean_starts_at_time(self):
        return self.cleaned_data["starts_at_time"].replace(second=0, microsecond=0)

    def clean_starts_on(self):
        return self._within_reach(self.cleaned_data["starts_on"])

    def clean_ends_on(self):
        day = self.cleaned_data["ends_on"]
        return self._within_reach(day) if day else None

    def clean_expected_participants(self):
        expected = self.cleaned_data["expected_participants"]
        if expected == 0:
            raise ValidationError(_("At least one participant is expected."))
        if expected > MOST_PARTICIPANTS:
            raise ValidationError(
                _(
                    "For more than %(most)d participants call us, so that we make room for them:"
                    " %(phone)s."
                ),
                params={"most": MOST_PARTICIPANTS, "phone": settings.OPERATOR_PHONE},
            )
        return expected

    def clean(self):
        cleaned = super().clean()
        if {"starts_on", "starts_at_time", "time_zone"} <= cleaned.keys():
            self._refuse_time_left_out(cleaned)
        if cleaned.get("repeats") == Schedule.Repeats.ONCE:
            cleaned["ends_on"] = None
        elif cleaned.get("ends_on") and cleaned.get("starts_on"):
            self._refuse_end_before_start(cleaned)
        if cleaned.get("repeats") == Schedule.Repeats.DAILY:
            self._refuse_overlap(cleaned)
        return cleaned

    def refuse_the_past(self):
        """Say that nothing of this date is to come."""
        self.add_error("starts_on", PASSED)

    def show_beside(self, schedule, *, now):
        """Say what somebody else has made of it; sent again, the form is saved."""
        self.data = self.data.copy()
        self.data["seen"] = seen_of(schedule)
        if schedule is None:
            sentence = _("Somebody else cleared the date meanwhile. Save again to set yours.")
            self.add_error(None, sentence)
            return
        self.add_error(
            None,
            ValidationError(
                _(
                    "Somebody else set it to %(when)s (%(zone)s), %(repeats)s, meanwhile."
                    " Save again to have it as below."
                ),
                params={
                    "when": when(next_start(schedule, now=now) or schedule.first_starts_at),
                    "zone": timezone.get_current_timezone_name(),
                    "repeats": schedule.get_repeats_display().lower(),
                },
            ),
        )

    def _is_one_time(self):
        return self.instance.conference.kind == Conference.Kind.ONE_TIME

    def _within_reach(self, day):
        if day > self.latest:
            raise ValidationError(
                _("This is more than %(years)d years ahead."), params={"years": YEARS_AHEAD}
            )
        if day.year < FIRST_YEAR:
            raise ValidationError(PASSED)
        return day

    def _refuse_time_left_out(self, cleaned):
        day, time, zone = (cleaned[name] for name in ("starts_on", "starts_at_time", "time_zone"))
        if not is_on_the_clock(day, time, zone):
            sentence = _(
                "The clocks in %(zone)s are put forward on %(day)s and do not show this time."
                " Choose an earlier or a later one."
            )
            params = {"zone": zone.replace("_", " "), "day": when(day)}
            self.add_error("starts_at_time", ValidationError(sentence, params=params))

    def _refuse_end_before_start(self, cleaned):
        if cleaned["ends_on"] < cleaned["starts_on"]:
            self.add_error("ends_on", _("The last date is before the first one."))

    def _refuse_overlap(self, cleaned):
        if cleaned.get("minutes", 0) > LONGEST_DAILY_MINUTES:
            sentence = _("Held every day, a meeting of more than %(hours)d hours meets the next.")
            params = {"hours": LONGEST_DAILY_MINUTES // 60}
            self.add_error("minutes", ValidationError(sentence, params=params))


class OneTimeForm(DateForm):
    """A new one-time conference: its date, and what it is like."""

    ABOUT = [
        "name", "billing_code", "records_automatically", "plays_entry_tones", "announces_names",
        "mutes_on_entry", "waits_for_moderator",
    ]  # fmt: skip
    OPTIONS = ABOUT[2:]

    seen = None  # nothing was there before
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta(DateForm.Meta):
        fields = [name for name in FIELDS if name not in {"repeats", "ends_on"}]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= forms.fields_for_model(Conference, fields=self.ABOUT)

    @property
    def about(self):
        """What the conference is like, once the form is valid."""
        return {name: self.cleaned_data[name] for name in self.ABOUT}

    def clean_name(self):
        return on_one_line(self.cleaned_data["name"])

    def clean_billing_code(self):
        return on_one_line(self.cleaned_data["billing_code"])

    def when_fields(self):
        return [self[name] for name in self.Meta.fields]

    def about_fields(self):
        return [self[name] for name in self.ABOUT[:2]]

    def option_fields(self):
        return [self[name] for name in self.OPTIONS]
