"""What all pages of the staff's back office have in common: care with rows, and the audit log."""

from django.contrib import admin
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.forms.models import ModelChoiceField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.models import Account
from accounts.services.audit import label_of, record


class StaffAdmin(admin.ModelAdmin):
    """A page of the back office: what is changed there goes into the audit log; nothing is deleted.

    `frozen_fields` can be given when a row is added, and never changed after that. By
    `secret_fields` nobody can look for rows: asking how one begins would tell it, bit by bit.
    """

    list_per_page = 50
    view_on_site = False
    show_full_result_count = False
    frozen_fields = ()
    secret_fields = ()
    may_be_deleted = False

    def get_readonly_fields(self, request, obj=None):
        declared = super().get_readonly_fields(request, obj)
        return [*declared, *self.frozen_fields] if obj else declared

    def lookup_allowed(self, lookup, value, request):
        is_secret = lookup.partition("__")[0] in self.secret_fields
        return not is_secret and super().lookup_allowed(lookup, value, request)

    def has_delete_permission(self, request, obj=None):
        return self.may_be_deleted and super().has_delete_permission(request, obj)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        _record_form(request, "changed" if change else "added", form)
        for formset in formsets:
            for part in formset.forms:
                is_new = part in formset.extra_forms
                _record_form(request, "added" if is_new else "changed", part, of=form.instance)
            for deleted in getattr(formset, "deleted_objects", []):
                _record(request, "deleted", deleted, f"{label_of(deleted)} of {form.instance}")

    def delete_model(self, request, obj):
        _record(request, "deleted", obj, label_of(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for obj in queryset:
            _record(request, "deleted", obj, label_of(obj))
        super().delete_queryset(request, queryset)


class FrozenAdmin(StaffAdmin):
    """A page of rows that staff only look at."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class FrozenInline(admin.TabularInline):
    """Rows shown with the row that they belong to; staff only look at them."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class DoneFilter(admin.SimpleListFilter):
    """A filter by whether a day or an instant is set; subclasses name it and the two sides."""

    undone, done = "", ""

    def lookups(self, request, model_admin):
        return [("no", self.undone), ("yes", self.done)]

    def queryset(self, request, queryset):
        if self.value() not in {"no", "yes"}:
            return queryset
        return queryset.filter(**{f"{self.parameter_name}__isnull": self.value() == "no"})


def record_action(request, verb, obj, **circumstances):
    """Write to the audit log what a page of the back office did to `obj`, besides saving it."""
    _record(request, verb, obj, label_of(obj), **circumstances)


def how_many(model, related):
    """Return an expression that counts the `related` rows of each row of `model`.

    It is worked out only for the rows of the page, which grouping by a join would not do.
    """
    rows = model._default_manager.filter(pk=OuterRef("pk")).order_by().values("pk")
    return Subquery(rows.annotate(how_many=Count(related)).values("how_many"))


@admin.display(description=_("account"), ordering="account__name")
def account_link(row):
    """Show the row's account in a list, as a way to its page."""
    if row.account is None:
        return None
    url = reverse("admin:accounts_account_change", args=[row.account.pk])
    return format_html('<a href="{}">{}</a>', url, row.account.name)


def list_link(words, model, **lookups):
    """Return a link to the back office's list of `model`, narrowed by `lookups`."""
    page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist", query=lookups)
    return format_html('<a href="{}">{}</a>', page, words)


def _record_form(request, verb, form, of=None):
    """Write down what a form that was saved has changed, if anything."""
    if not form.changed_data or form.instance.pk is None:
        return
    subject = label_of(form.instance) + (f" of {of}" if of else "")
    before = {} if verb == "added" else {name: _old(form, name) for name in form.changed_data}
    after = {name: _shown(form.cleaned_data.get(name)) for name in form.changed_data}
    _record(request, verb, form.instance, subject, before=before, after=after)


def _record(request, verb, obj, subject, **circumstances):
    record(
        verb,
        subject,
        by=actor_of(request),
        now=timezone.now(),
        account=_account_of(obj),
        **circumstances,
    )


def _account_of(obj):
    """Return the account whose log shows what happens to `obj`, or None."""
    if isinstance(obj, Account):
        return obj
    for way in ("account", "conference", "bill"):
        if nearer := getattr(obj, way, None):
            return _account_of(nearer)
    return None


def _old(form, name):
    """Return what the form showed before, a row by its name rather than its key."""
    field, value = form.fields[name], form.initial.get(name)
    if isinstance(field, ModelChoiceField) and value is not None and not isinstance(value, list):
        value = field.to_python(value)
    return _shown(value)


def _shown(value):
    if isinstance(value, models.QuerySet | list):
        return sorted(str(item) for item in value)
    return value
