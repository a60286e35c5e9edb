"""How the people of an account sign in through their own company."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.sealing import opened, sealed

validate_slug = RegexValidator(r"\A[a-z0-9-]+\Z", _("Use small letters, digits and hyphens."))
validate_domain = RegexValidator(
    r"\A[a-z0-9-]+(\.[a-z0-9-]+)+\Z", _("Write domains such as company.com, in small letters.")
)


def validate_issuer(url):
    """Raises ValidationError unless `url` can be what a provider calls itself."""
    if not may_be_called(url) or "?" in url or "#" in url:
        raise ValidationError(_("Write an address such as https://login.company.com."))


def may_be_called(url):
    """Tell whether `url` is one to call a provider at: https, or http in the sandbox."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    schemes = {"https", "http"} if settings.SANDBOX else {"https"}
    return parts.scheme in schemes and bool(parts.hostname)


class SingleSignOnQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def named(self, name):
        """Narrow to the one that people mean by `name`: its own name goes before a number."""
        own = self.filter(slug=name.strip().lower())
        return own if own.exists() else self.filter(account__number=name.strip())


class SingleSignOn(models.Model):
    """The OpenID Connect provider of one account's company."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="single_sign_on")
    slug = models.CharField(
        _("sign-in name"),
        max_length=50,
        unique=True,
        validators=[validate_slug],
        help_text=_("what the people type to sign in through their company; never changes"),
    )
    issuer = models.CharField(
        _("issuer"),
        max_length=200,
        validators=[validate_issuer],
        help_text=_("the provider's address, exactly as it calls itself"),
    )
    client_id = models.CharField(_("client ID"), max_length=200)
    sealed_secret = models.BinaryField(editable=False)
    domains = ArrayField(
        models.CharField(max_length=100, validators=[validate_domain]),
        verbose_name=_("e-mail domains"),
        help_text=_("the company vouches only for addresses of these, parted by commas"),
    )
    trusts_emails = models.BooleanField(
        _("trusts its e-mails"),
        default=False,
        help_text=_("tick only where the provider never says email_verified but checks addresses"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_required = models.BooleanField(
        _("required"),
        default=False,
        help_text=_(
            "nobody of the account signs in by password; untick while the provider is down"
        ),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = SingleSignOnQuerySet.as_manager()

    class Meta:
        verbose_name = _("single sign-on")
        verbose_name_plural = _("single sign-on")
        constraints = [
            models.CheckConstraint(
                name="single_sign_on_vouches_for_some_domain",
                condition=models.Q(domains__len__gt=0),
            )
        ]

    def __str__(self):
        return f"{self.slug} of {self.account}"

    @property
    def client_secret(self):
        """The secret in the clear: shown to the provider only, never to a person."""
        return opened(bytes(self.sealed_secret), keys=settings.SINGLE_SIGN_ON_KEYS)

    @client_secret.setter
    def client_secret(self, secret):
        self.sealed_secret = sealed(secret, keys=settings.SINGLE_SIGN_ON_KEYS)

    @property
    def redirect_uri(self):
        """The address that the company's provider sends people back to."""
        return settings.PORTAL_URL + reverse("openid_connect_callback", args=[self.slug])

    def vouches_for(self, email):
        """Tell whether `email` is of a domain that is the company's own."""
        return email.rpartition("@")[2].lower() in self.domains
