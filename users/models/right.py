"""What is ticked for a person on a conference."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from users import policy
from users.models.person import User


class RightChoice(models.TextChoices):
    """The rights with the names that customers know."""

    VIEW = policy.Right.VIEW.value, _("View")
    RECORDING = policy.Right.RECORDING.value, _("Recording")
    MODERATE = policy.Right.MODERATE.value, _("Moderate")
    FULL = policy.Right.FULL.value, _("Full Rights")


class ConferenceRight(models.Model):
    """One tick in the table of rights: `user` has `right` on `conference`."""

    user = models.ForeignKey(User, models.CASCADE, related_name="rights")
    conference = models.ForeignKey("conferences.Conference", models.CASCADE, related_name="rights")
    right = models.CharField(max_length=9, choices=RightChoice)

    class Meta:
        verbose_name = _("conference right")
        verbose_name_plural = _("conference rights")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "conference", "right"], name="right_is_ticked_once"
            ),
            models.CheckConstraint(
                name="right_is_one_of_the_policy", condition=Q(right__in=list(policy.Right))
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_right_display()} on {self.conference}"
