"""What a bridge tells about a recording beside its sound, as the upload and the folder take it."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conferences.services.recordings import LONGEST, Told


class InstantField(forms.Field):
    """An instant as ISO 8601 writes it, with its offset from UTC; a bare wall clock is refused."""

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            instant = dt.datetime.fromisoformat(str(value))
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or not 2000 <= instant.year < 2100:
            raise ValidationError(
                _("Write an instant with its offset, such as 2026-11-03T14:05:00-05:00.")
            )
        return instant.astimezone(dt.UTC)


class RecordingFacts(forms.Form):
    """The facts, each by the name under which it is sent."""

    external_id = forms.CharField(max_length=200)
    conference = forms.CharField(max_length=20)
    session = forms.CharField(max_length=100, required=False)
    started_at = InstantField()
    seconds = forms.IntegerField(
        min_value=0, max_value=LONGEST // dt.timedelta(seconds=1), required=False
    )

    @property
    def told(self):
        """The facts, once they are valid."""
        given = self.cleaned_data
        return Told(
            external_id=given["external_id"],
            conference_number=given["conference"],
            session_external_id=given["session"],
            started_at=given["started_at"],
            seconds=given["seconds"],
        )

    def complaints(self):
        """Say in one line what is wrong with which facts."""
        return " ".join(
            f"{name}: {sentence}" for name, wrong in self.errors.items() for sentence in wrong
        )
