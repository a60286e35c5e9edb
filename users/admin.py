"""The back office's pages of people: customers' users, and the staff themselves."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.staff import StaffAdmin, account_link
from users.models import User
from users.policy import Role


class NewUserForm(forms.ModelForm):
    """A new person: of an account with a role, or of the staff with neither.

    Nobody else ever knows their password: they choose it by “Forgot your password?”.
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

    def clean(self):
        cleaned = super().clean()
        if bool(cleaned.get("account")) != bool(cleaned.get("role")):
            raise ValidationError(_("A customer's user has an account and a role; staff neither."))
        self.instance.is_staff = not cleaned.get("account")
        self.instance.set_unusable_password()
        return cleaned


class UserForm(forms.ModelForm):
    """A person that is there: an account always keeps one active admin."""

    class Meta:
        model = User
        fields = ["name", "time_zone", "is_active", "groups", "is_superuser"]

    def clean_is_active(self):
        active = self.cleaned_data["is_active"]
        if not active and self.instance.is_active and self.instance.role == Role.ADMIN:
            # The lock lasts until the page has saved: two at once cannot disable each other.
            account = Account.objects.select_for_update().get(pk=self.instance.account_id)
            others = account.users.active_admins()
            if not others.exclude(pk=self.instance.pk).exists():
                raise ValidationError(_("The account's last active Customer Admin stays active."))
        return active


class KindFilter(admin.SimpleListFilter):
    """Customers' users or the operator's staff."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [("customers", _("Customers")), ("staff", _("Staff"))]

    def queryset(self, request, queryset):
        kinds = {"customers": Q(is_staff=False), "staff": Q(is_staff=True)}
        return queryset.filter(kinds.get(self.value(), Q()))


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Only superusers add and change staff; whoever could change them could become one."""

    list_display = ["name", "email", account_link, "role", "is_active", "last_login"]
    list_filter = [KindFilter, "role", "is_active"]
    list_select_related = ["account"]
    search_fields = ["email", "name", "account__number__exact"]
    autocomplete_fields = ["account"]
    filter_horizontal = ["groups"]
    readonly_fields = [
        "email", "account", "role", "receives_bills", "last_login", "added_at"
    ]  # fmt: skip
    customer_fields = [
        "name", "email", "account", "role", "time_zone", "receives_bills", "is_active",
        "last_login", "added_at",
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
        return may and (obj is None or not obj.is_staff or request.user.is_superuser)
