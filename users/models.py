"""The people who sign in, and the rights ticked for them on conferences."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
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


class RightChoice(models.TextChoices):
    """The rights with the names that customers know."""

    VIEW = policy.Right.VIEW.value, _("View")
    RECORDING = policy.Right.RECORDING.value, _("Recording")
    MODERATE = policy.Right.MODERATE.value, _("Moderate")
    FULL = policy.Right.FULL.value, _("Full Rights")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Narrow to the people of `user`'s own account, for those who may see the user list."""
        if not user.has_perm("users.view_user"):
            return self.none()
        return self.filter(account_id=user.account_id)

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
        return self.get(email=email.lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person with an own sign-in: on exactly one account, or of the operator's staff."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
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

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "email"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_is_of_an_account_or_of_staff",
                condition=Q(account=None, is_staff=True, role="")
                | Q(account__isnull=False, is_staff=False, is_superuser=False, role__in=list(Role)),
            ),
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_in_any_case"),
        ]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def rights_on(self, conference):
        """Return the set of rights ticked for this person on `conference`."""
        if self.role == policy.ALL_CONFERENCES_ROLE or self.role not in policy.TICKED_ROLES:
            return frozenset()
        return self.ticked_rights.get(conference.pk, frozenset())

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
