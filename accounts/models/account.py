"""The customer companies."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from accounts import time_zones
from accounts.money import CURRENCIES


def validate_time_zone(name):
    """Raises ValidationError unless `name` is an IANA time zone."""
    if name not in time_zones.names():
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class Terms(models.TextChoices):
    """How an account pays its bills."""

    CARD = "card", _("Card or bank account, charged on the 1st")
    CHECK = "check", _("Corporate check, 30 days")


class AccountQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the account that `user` may view: their own, or none."""
        if not user.has_perm("accounts.view_account"):
            return self.none()
        return self.filter(pk=user.account_id)

    def active_in(self, month):
        """Narrow to the accounts that were customers, billed here, on any day of `month`."""
        still_there = Q(closed_on=None) | Q(closed_on__gte=month.first_day)
        billed_here = Q(billed_from=None) | Q(billed_from__lte=month.last_day)
        return self.filter(still_there, billed_here, activated_on__lte=month.last_day)


class Account(models.Model):
    """One customer company."""

    number = models.CharField(_("account number"), max_length=20, unique=True)
    name = models.CharField(_("company name"), max_length=200)
    address_line1 = models.CharField(_("address"), max_length=200)
    address_line2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100)
    region = models.CharField(_("state or region"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = CountryField(_("country"), default="US")
    phone = PhoneNumberField(_("phone"), blank=True)
    terms = models.CharField(_("payment terms"), max_length=5, choices=Terms)
    time_zone = models.CharField(_("time zone"), max_length=50, validators=[validate_time_zone])
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    requires_second_factor = models.BooleanField(
        _("requires a second factor"),
        default=False,
        help_text=_("everybody of this account signs in with a second factor"),
    )
    activated_on = models.DateField(_("activated on"))
    billed_from = models.DateField(
        _("billed from"),
        null=True,
        blank=True,
        help_text=_("earlier calls were billed elsewhere; empty: billed since activation"),
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "number"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                name="account_closes_after_it_was_activated",
                condition=Q(closed_on=None) | Q(closed_on__gte=models.F("activated_on")),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.number})"

    def clean(self):
        if self.currency not in CURRENCIES:
            raise ValidationError(
                {"currency": _("Please write the code of a currency with cents, such as USD.")}
            )

    @property
    def address_lines(self):
        """The postal address as printed, one line each, without empty ones."""
        place = " ".join(part for part in (self.region, self.postal_code) if part)
        town = ", ".join(part for part in (self.city, place) if part)
        lines = [self.address_line1, self.address_line2, town, str(self.country.name)]
        return [line for line in lines if line]
