"""The people who sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, validate_time_zone
from users import policy
from users.policy import Role


class RoleChoice(models.TextChoices):
    """The roles with the names that customers know."""

    ADMIN = Role.ADMIN.value, _("Customer Admin")
    BASIC = Role.BASIC.value, _("Customer Basic")
    SCHEDULE = Role.SCHEDULE.value, _("Customer Schedule")
    BILLING = Role.BILLING.value, _("Customer View Billing / AR")


class PersonState(models.TextChoices):
    """How a person stands, as the user list shows it."""

    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the people of `user`'s own account, for those who may see the user list."""
        if not user.has_perm("users.view_user"):
            return self.none()
        return self.filter(account_id=user.account_id, removed_at=None)

    def confirmed(self):
        """Narrow to those who have proved that their address is theirs, and are still there."""
        return self.filter(email_confirmed_at__isnull=False, removed_at=None)

    def signing_in_by(self, email):
        """Narrow to whoever signs in by `email`: one person at most."""
        return self.confirmed().addressed(email)

    def invited_by(self, email):
        """Narrow to those added under `email` who have not proved yet that it is theirs."""
        return self.filter(email_confirmed_at=None).addressed(email)

    def addressed(self, email):
        """Narrow to those who are there under `email`, proved or not."""
        there = self.filter(removed_at=None).alias(small_email=Lower("email"))
        return there.filter(small_email=email.strip().lower())

    def with_second_factor(self):
        """Annotate `has_second_factor`: an authenticator app or a security key is set up."""
        kinds = ["totp", "webauthn"]
        having = self.model.objects.filter(pk=OuterRef("pk"), authenticator__type__in=kinds)
        return self.annotate(has_second_factor=Exists(having))

    def active_admins(self):
        """Narrow to those who can run their account: active Customer Admins who have signed in.

        An Admin who never proved the own e-mail may never come, so does not count.
        """
        return self.confirmed().filter(role=Role.ADMIN, is_active=True)

    def entitled_to_bills(self):
        """Narrow to the active people whose role lets them receive the e-bill."""
        roles = policy.ACCOUNT_GRANTS["billing.receive_bill"]
        return self.filter(is_active=True, role__in=sorted(roles))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, password=None, **fields):
        """Make a person; without a password they cannot sign in until they set one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.signing_in_by(email).get()


class User(AbstractBaseUser, PermissionsMixin):
    """One person with an own sign-in: on exactly one account, or of the operator's staff."""

    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=150)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="users"
    )
    role = models.CharField(_("role"), max_length=8, choices=RoleChoice, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="America/New_York", validators=[validate_time_zone]
    )
    receives_bills = models.BooleanField(_("receives the e-bill"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator's staff"), default=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    email_confirmed_at = models.DateTimeField(
        _("e-mail confirmed"),
        null=True,
        blank=True,
        default=timezone.now,
        help_text=_("empty: invited, and has not proved yet that the address is theirs"),
    )
    password_expires_at = models.DateTimeField(
        _("temporary password works until"),
        null=True,
        blank=True,
        help_text=_("set while somebody else knows the password: it must be changed"),
    )
    sign_in_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("raised to end all of this person's sign-ins")
    )
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "email"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("look_as_user", _("Can look at the portal as a user"))]
        constraints = [
            models.CheckConstraint(
                name="user_is_of_an_account_or_of_staff",
                condition=Q(account=None, is_staff=True, role="")
                | Q(account__isnull=False, is_staff=False, is_superuser=False, role__in=list(Role)),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="confirmed_email_is_one_person_s",
                condition=Q(email_confirmed_at__isnull=False, removed_at=None),
            ),
            models.UniqueConstraint(
                "account",
                Lower("email"),
                name="email_is_once_on_an_account",
                condition=Q(removed_at=None),
            ),
            models.CheckConstraint(
                name="removed_user_is_not_active", condition=Q(removed_at=None) | Q(is_active=False)
            ),
        ]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    @property
    def state(self):
        """How this person stands: invited, active or disabled."""
        if not self.is_active:
            return PersonState.DISABLED
        return PersonState.ACTIVE if self.email_confirmed_at else PersonState.INVITED

    @property
    def must_choose_password(self):
        """Whether this person signs in by a password that somebody else typed."""
        return self.password_expires_at is not None

    def get_session_auth_hash(self):
        """Tie each sign-in to the epoch too, so that raising it ends them all."""
        return self._epoch_hash(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self):
        return map(self._epoch_hash, super().get_session_auth_fallback_hash())

    def _epoch_hash(self, password_hash):
        return f"{password_hash}{self.sign_in_epoch:x}"

    def rights_on(self, conference):
        """Return the set of rights ticked for this person on `conference`."""
        if self.role == policy.ALL_CONFERENCES_ROLE or self.role not in policy.TICKED_ROLES:
            return frozenset()
        return self.ticked_rights.get(conference.pk, frozenset())

    def may_anywhere(self, permission):
        """Tell whether this person has `permission` on any conference that they might have."""
        is_ticked = self.role in policy.TICKED_ROLES
        rights = frozenset().union(*self.ticked_rights.values()) if is_ticked else frozenset()
        return policy.allows_on_conference(self.role, rights, permission)

    @property
    def ticked_rights(self):
        """All ticked rights, as {conference pk: set of rights}; read once per request."""
        if not hasattr(self, "_ticked_rights"):
            ticked = {}
            for conference_pk, right in self.rights.values_list("conference_id", "right"):
                ticked.setdefault(conference_pk, set()).add(right)
            self._ticked_rights = ticked
        return self._ticked_rights

    def refresh_from_db(self, *args, **kwargs):
        self.__dict__.pop("_ticked_rights", None)
        super().refresh_from_db(*args, **kwargs)
