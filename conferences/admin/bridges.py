"""The back office's page of bridges: their keys, and how they are controlled."""

from django import forms
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.staff import FrozenInline, StaffAdmin, record_action
from conferences.models import Bridge, BridgeKey
from conferences.services.bridges import make_key, withdraw_older_keys


class BridgeForm(forms.ModelForm):
    """A bridge. The password of its control goes in and never comes out again."""

    new_password = forms.CharField(
        label=_("Control password"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("never shown again; empty: stays as it is"),
    )

    def clean_new_password(self):
        """Seal the password at once; what is left is the word that the audit log shows."""
        password = self.cleaned_data["new_password"]
        if password:
            self.instance.control_password = password
        return _("given") if password else ""


class KeyInline(FrozenInline):
    """The bridge's keys, by the beginning of their hashes; a key itself is shown once."""

    model = BridgeKey
    fields = ["name", "created_at", "withdrawn_at"]
    readonly_fields = ["name"]

    @admin.display(description=_("key"))
    def name(self, key):
        return key.digest[:8]


@admin.register(Bridge)
class BridgeAdmin(StaffAdmin):
    form = BridgeForm
    list_display = ["name", "kind", "is_active", "control_host"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name"]
    inlines = [KeyInline]
    actions = ["make_a_key", "withdraw_keys"]
    frozen_fields = ["created_at"]
    secret_fields = ["sealed_control_password", "keys"]
    given_fields = [
        "name", "kind", "is_active", "sends_json_cdr", "control_host", "control_port",
        "control_user", "new_password",
    ]  # fmt: skip

    def get_fields(self, request, obj=None):
        if obj is None:
            return self.given_fields
        shown = [*self.given_fields, "created_at"]
        if not self.has_change_permission(request, obj):
            shown.remove("new_password")
        return shown

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    @admin.action(description=_("Make a new key, and show it once"), permissions=["change"])
    def make_a_key(self, request, queryset):
        for bridge in queryset:
            key = make_key(bridge, now=timezone.now())
            record_action(request, "made a key of", bridge)
            words = _("The key of %(bridge)s, shown this once: %(key)s")
            messages.success(request, words % {"bridge": bridge, "key": key})

    @admin.action(description=_("Withdraw all keys but the newest"), permissions=["change"])
    def withdraw_keys(self, request, queryset):
        for bridge in queryset:
            count = withdraw_older_keys(bridge, now=timezone.now())
            record_action(request, "withdrew the older keys of", bridge)
            words = ngettext(
                "%(count)d key of %(bridge)s is withdrawn.",
                "%(count)d keys of %(bridge)s are withdrawn.",
                count,
            )
            messages.success(request, words % {"bridge": bridge, "count": count})
