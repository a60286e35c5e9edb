"""The back office's page of companies' sign-in providers; superusers alone may set them up."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.staff import StaffAdmin, account_link, record_action
from users.models import SingleSignOn
from users.single_sign_on.discovery import examine
from users.single_sign_on.setting_up import end_doubtful_sign_ins, forget_names


class SingleSignOnForm(forms.ModelForm):
    """A provider. Its secret goes in and never comes out again, not even into the audit log."""

    new_secret = forms.CharField(
        label=_("Client secret"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("never shown again; empty: stays as it is"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "new_secret" in self.fields:  # whoever may only look is given no fields
            self.fields["new_secret"].required = self.instance.pk is None
        if "slug" in self.fields:
            self.fields["slug"].help_text = _(
                "What the people type to sign in through their company; it never changes."
                " The provider sends them back to %(address)s"
            ) % {"address": SingleSignOn(slug="NAME").redirect_uri}

    def clean_new_secret(self):
        """Seal the secret at once; what is left of it is the word that the audit log shows."""
        secret = self.cleaned_data["new_secret"]
        if secret:
            self.instance.client_secret = secret
        return _("given") if secret else ""


@admin.register(SingleSignOn)
class SingleSignOnAdmin(StaffAdmin):
    form = SingleSignOnForm
    list_display = ["slug", account_link, "issuer", "is_active", "is_required"]
    list_select_related = ["account"]
    search_fields = ["slug", "account__name", "account__number__exact"]
    autocomplete_fields = ["account"]
    actions = ["forget_who_is_who"]
    frozen_fields = ["account", "slug"]
    secret_fields = ["sealed_secret"]
    readonly_fields = ["redirect_uri", "provider"]
    given_fields = [
        "account", "slug", "issuer", "client_id", "new_secret", "domains", "trusts_emails",
        "is_active", "is_required",
    ]  # fmt: skip

    def get_fields(self, request, obj=None):
        if obj is None:
            return self.given_fields
        shown = [*self.given_fields, *self.readonly_fields]
        if not self.has_change_permission(request, obj):
            shown.remove("new_secret")
        return shown

    def get_urls(self):
        check = self.admin_site.admin_view(self.check_view)
        name = "users_singlesignon_check"
        return [path("<int:pk>/check/", check, name=name), *super().get_urls()]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if end_doubtful_sign_ins(obj, form.changed_data if change else ["is_required"]):
            messages.info(request, _("All people of the account sign in anew."))

    def check_view(self, request, pk):
        """Ask the provider about itself, and say what is wrong in words."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        single_sign_on = get_object_or_404(SingleSignOn, pk=pk)
        complaints, remarks = examine(single_sign_on.issuer)
        for sentence in complaints:
            messages.error(request, sentence)
        if not complaints:
            messages.success(request, _("The provider answers as it must."))
        for sentence in remarks:
            messages.warning(request, sentence)
        return redirect("admin:users_singlesignon_change", pk)

    @admin.action(
        description=_("Forget who is who there: all are known by their e-mail anew"),
        permissions=["change"],
    )
    def forget_who_is_who(self, request, queryset):
        for single_sign_on in queryset:
            forgotten = forget_names(single_sign_on)
            record_action(request, "forgot who is who at", single_sign_on)
            messages.success(
                request,
                _("%(count)s names of %(slug)s are forgotten.")
                % {"count": forgotten, "slug": single_sign_on.slug},
            )

    @admin.display(description=_("redirect URI"))
    def redirect_uri(self, single_sign_on):
        return single_sign_on.redirect_uri

    @admin.display(description=_("provider"))
    def provider(self, single_sign_on):
        address = reverse("admin:users_singlesignon_check", args=[single_sign_on.pk])
        return format_html('<a href="{}">{}</a>', address, _("Ask the provider about itself"))
