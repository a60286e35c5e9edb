"""The telephone bridges, and the keys by which each proves that it is the one."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import sealing


def digest_of_key(key: str) -> str:
    """Return the hash by which a bridge's key is looked up; keys are random and long."""
    return hashlib.sha256(key.encode()).hexdigest()


class BridgeQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def confirming(self):
        """Narrow to the bridges whose legs count only when their channels' reports agree."""
        return self.filter(kind=Bridge.Kind.FREESWITCH, sends_json_cdr=True)


class Bridge(models.Model):
    """One telephone switch on which conferences are held."""

    class Kind(models.TextChoices):
        FREESWITCH = "freeswitch", _("FreeSWITCH")
        ASTERISK = "asterisk", _("Asterisk")

    name = models.CharField(
        _("name"), max_length=100, unique=True, help_text=_("the host name that its records bear")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    is_active = models.BooleanField(_("in use"), default=True)
    sends_json_cdr = models.BooleanField(
        _("sends channel reports"), default=True,
        help_text=_(
            "FreeSWITCH: its mod_json_cdr reports to the portal; a leg counts only when the report "
            "of its channel agrees"
        ),
    )  # fmt: skip
    control_host = models.CharField(
        _("control host"), max_length=200, blank=True,
        help_text=_("where its event socket or AMI listens; empty: no live control"),
    )  # fmt: skip
    control_port = models.PositiveIntegerField(_("control port"), null=True, blank=True)
    control_user = models.CharField(
        _("control user"), max_length=100, blank=True, help_text=_("for AMI only")
    )
    sealed_control_password = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = BridgeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("bridge")
        verbose_name_plural = _("bridges")

    def __str__(self):
        return self.name

    @property
    def control_password(self):
        """The password of the live control, in the clear; empty where none is set."""
        seal = bytes(self.sealed_control_password)
        return sealing.opened(seal, keys=settings.BRIDGE_KEYS) if seal else ""

    @control_password.setter
    def control_password(self, password):
        seal = sealing.sealed(password, keys=settings.BRIDGE_KEYS) if password else b""
        self.sealed_control_password = seal


class BridgeKeyQuerySet(models.QuerySet):
    def valid(self):
        """Narrow to the keys that open: not withdrawn, of a bridge in use."""
        return self.filter(withdrawn_at=None, bridge__is_active=True)


class BridgeKey(models.Model):
    """A secret that one bridge shares with the portal: its token, and what it signs with.

    A bridge may have two, so that a new one is in place before the old one is withdrawn.
    """

    bridge = models.ForeignKey(Bridge, models.PROTECT, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField(_("created"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = BridgeKeyQuerySet.as_manager()

    class Meta:
        ordering = ["bridge", "-created_at", "-pk"]
        verbose_name = _("key of a bridge")
        verbose_name_plural = _("keys of bridges")

    def __str__(self):
        return f"{self.bridge}, key {self.digest[:8]}"

    @property
    def secret(self):
        """The key in the clear, to check signatures with."""
        return sealing.opened(bytes(self.sealed_key), keys=settings.BRIDGE_KEYS)
