"""What customers ask about single lines of their bills, and what they are answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models.bill import Bill, BillLine


class LineQuestionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)

    def visible_to(self, user):
        """Narrow to the questions about `user`'s account's bills, for those who may read them."""
        if not user.has_perm("billing.view_bill"):
            return self.none()
        return self.filter(account_id=user.account_id)


class LineQuestion(models.Model):
    """One question about one line; open until staff have answered it."""

    line = models.ForeignKey(BillLine, models.PROTECT, related_name="questions")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="questions")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    text = models.TextField(_("question"), max_length=2000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
        verbose_name=_("answered by"),
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered"), null=True)

    objects = LineQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("question about a line")
        verbose_name_plural = _("questions about lines")
        constraints = [
            models.UniqueConstraint(
                fields=["line"], name="line_has_one_open_question", condition=Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="answer_has_its_words_and_its_time",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
        ]

    def __str__(self):
        return f"{self.line} on bill {self.bill}"

    def get_absolute_url(self):
        return reverse("billing:bill_view", args=[self.bill.number]) + f"#question-{self.pk}"
