"""The back office's pages of people: customers' users, and the staff themselves."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actors import Actor, actor_of
from accounts.staff import StaffAdmin, account_link
from users import staff_single_sign_on  # noqa: F401 - its page registers itself
from users.forms.fields import on_one_line
from users.models import PersonState, RoleChoice, User
from users.policy import Role, keeps_ticks
from users.services import notices
from users.services.locks import LastAdmin, keep_an_admin, locked
from users.services.notices import Event
from users.services.people import end_sign_ins
from users.services.rights import clear_rights
from users.services.sign_ins import end_all_sign_ins
from users.services.signing_in import send_password_link
from users.throttling import TooManyTries


class NewUserForm(forms.ModelForm):
    """A new person: of an account with a role, or of the staff with neither.

    Nobody else ever knows their password: a customer's user gets a letter with the link to choose
    it, staff choose it by “Forgot your password?”.
    """

    class Meta:
        model = User
        fields = ["email", "name", "account", "role", "time_zone"]
        help_texts = {
            "account": _("Empty for the operator's own staff."),
            "role": _("Empty for the operator's own staff."),
        }

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.signing_in_by(email).exists():
            raise ValidationError(_("Somebody signs in with this e-mail already."))
        return email

    def clean_name(self):
        return on_one_line(self.cleaned_data["name"])

    def clean(self):
        cleaned = super().clean()
        if bool(cleaned.get("account")) != bool(cleaned.get("role")):
            raise ValidationError(_("A customer's user has an account and a role; staff neither."))
        account, email = cleaned.get("account"), cleaned.get("email", "")
        if account and account.users.invited_by(email).exists():
            self.add_error("email", _("This person is invited to the account already."))
        self.instance.is_staff = not account
        if account:
            self.instance.email_confirmed_at = None
        self.instance.set_unusable_password()
        return cleaned


class UserForm(forms.ModelForm):
    """A person that is there: an account always keeps one active admin."""

    class Meta:
        model = User
        fields = ["name", "role", "time_zone", "is_active", "groups", "is_superuser"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].required = True
            self.fields["role"].choices = RoleChoice.choices

    def clean_name(self):
        return on_one_line(self.cleaned_data["name"])

    def clean_role(self):
        role = self.cleaned_data["role"]
        if role != Role.ADMIN and self._is_the_last_admin():
            raise ValidationError(_("The account's last active Customer Admin keeps this role."))
        return role

    def clean_is_active(self):
        active = self.cleaned_data["is_active"]
        if not active and self._is_the_last_admin():
            raise ValidationError(_("The account's last active Customer Admin stays active."))
        return active

    def _is_the_last_admin(self):
        if self.instance.account_id is None:
            return False
        try:
            # The lock lasts until the page has saved: two at once cannot take each other's place.
            keep_an_admin(locked(self.instance))
        except LastAdmin:
            return True
        return False


class KindFilter(admin.SimpleListFilter):
    """Customers' users or the operator's staff."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [("customers", _("Customers")), ("staff", _("Staff"))]

    def queryset(self, request, queryset):
        kinds = {"customers": Q(is_staff=False), "staff": Q(is_staff=True)}
        return queryset.filter(kinds.get(self.value(), Q()))


class StateFilter(admin.SimpleListFilter):
    """How people stand; those removed are kept, since the log names them."""

    title = _("state")
    parameter_name = "state"
    states = {
        "active": Q(is_active=True, email_confirmed_at__isnull=False),
        "invited": Q(is_active=True, email_confirmed_at=None),
        "disabled": Q(is_active=False, removed_at=None),
        "removed": Q(removed_at__isnull=False),
    }

    def lookups(self, request, model_admin):
        return [*PersonState.choices, ("removed", _("Removed"))]

    def queryset(self, request, queryset):
        return queryset.filter(self.states.get(self.value(), Q()))


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Only superusers add and change staff; whoever could change them could become one."""

    list_display = ["name", "email", account_link, "role", "state", "last_login"]
    list_filter = [KindFilter, "role", StateFilter]
    list_select_related = ["account"]
    search_fields = ["email", "name", "account__number__exact"]
    autocomplete_fields = ["account"]
    filter_horizontal = ["groups"]
    actions = ["send_link", "end_sign_ins"]
    secret_fields = ["password"]
    readonly_fields = [
        "email", "account", "state", "receives_bills", "email_confirmed_at", "password_expires_at",
        "last_login", "added_at", "removed_at",
    ]  # fmt: skip
    customer_fields = [
        "name", "email", "account", "role", "time_zone", "receives_bills", "state", "is_active",
        "email_confirmed_at", "password_expires_at", "last_login", "added_at", "removed_at",
    ]  # fmt: skip
    staff_fields = [
        "name", "email", "time_zone", "is_active", "groups", "is_superuser", "last_login",
        "added_at",
    ]  # fmt: skip

    def get_fields(self, request, obj=None):
        if obj is None:
            return NewUserForm.Meta.fields
        return self.staff_fields if obj.is_staff else self.customer_fields

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def get_form(self, request, obj=None, change=False, **kwargs):
        wanted = UserForm if change else NewUserForm
        form = super().get_form(request, obj, change=change, form=wanted, **kwargs)
        if not change and not request.user.is_superuser:
            form.base_fields["account"].required = True
        return form

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        if obj is None or not may:
            return may
        return obj.removed_at is None and (not obj.is_staff or request.user.is_superuser)

    def save_model(self, request, obj, form, change):
        if not change:
            super().save_model(request, obj, form, change)
            if obj.account_id:
                self._is_sent(request, notices.invite, obj)
                _tell_admins(request, Event.ADDED, obj)
            return
        # Only what was typed: what the person does about themselves at this moment stays.
        obj.save(update_fields=[name for name in form.changed_data if name != "groups"])
        if "is_active" in form.changed_data and not obj.is_active:
            end_all_sign_ins(User.objects.filter(pk=obj.pk))
        if "role" in form.changed_data and not keeps_ticks(obj.role):
            clear_rights(obj, by=actor_of(request), now=timezone.now())
        if "role" in form.changed_data and obj.role == Role.ADMIN:
            _tell_admins(request, Event.MADE_ADMIN, obj)

    @admin.display(description=_("state"))
    def state(self, person):
        return _("Removed") if person.removed_at else person.state.label

    @admin.action(description=_("Send a link to choose a password"), permissions=["change"])
    def send_link(self, request, people):
        active = [person for person in self._changeable(request, people) if person.is_active]
        reached = [
            person for person in active if self._is_sent(request, send_password_link, person)
        ]
        return self._told(
            request,
            reached,
            ngettext(
                "%(count)d letter is on its way.",
                "%(count)d letters are on their way.",
                len(reached),
            ),
        )

    @admin.action(description=_("End all sign-ins"), permissions=["change"])
    def end_sign_ins(self, request, people):
        reached = self._changeable(request, people)
        for person in reached:
            end_sign_ins(person, by=actor_of(request), now=timezone.now())
        return self._told(
            request,
            reached,
            ngettext(
                "%(count)d person has to sign in anew.",
                "%(count)d people have to sign in anew.",
                len(reached),
            ),
        )

    def _is_sent(self, request, service, person):
        """Let `service` queue the person's letter; where they had too many today, say so."""
        try:
            service(person, by=actor_of(request), now=timezone.now())
        except TooManyTries:
            sentence = _("%(name)s was invited many times today. Invite them again tomorrow.")
            self.message_user(request, sentence % {"name": person}, messages.ERROR)
            return False
        return True

    def _changeable(self, request, people):
        """List those of `people` whom the reader may change."""
        return [person for person in people if self.has_change_permission(request, person)]

    def _told(self, request, reached, words):
        """Say how many were reached, and go back to the page of the one, or to the list."""
        level = messages.SUCCESS if reached else messages.WARNING
        self.message_user(request, words % {"count": len(reached)}, level)
        return redirect("admin:users_user_change", reached[0].pk) if len(reached) == 1 else None


def _tell_admins(request, event, person):
    """Let the account's Admins know whom the operator lets in: nobody gets there unseen."""
    by = Actor(user=request.user, label=settings.OPERATOR_NAME)
    notices.tell_admins(event, person, by=by, now=timezone.now())
