"""PDFs as work with a state: made once, kept with their hash, served from storage."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DocumentQuerySet(models.QuerySet):
    def waiting(self):
        """Narrow to the PDFs still to be made, those tried least first."""
        return self.filter(made_at=None).order_by("tries", "pk")


class Document(models.Model):
    """The PDF of one thing: made once, kept with its hash, served from storage."""

    #: The field that names what is printed; set by each subclass.
    subject_field = ""

    file = models.FileField(_("file"), upload_to="bills/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(_("bytes"), null=True)
    made_at = models.DateTimeField(_("made"), null=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    last_error = models.TextField(_("last error"), blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def subject(self):
        """What is printed: a bill, a credit note."""
        return getattr(self, self.subject_field)

    @staticmethod
    def has_its_hash(name):
        """Return the constraint, under its own name in each table."""
        return models.CheckConstraint(
            name=name,
            condition=Q(made_at=None) | (~Q(sha256="") & ~Q(file="") & Q(size__gt=0)),
        )
