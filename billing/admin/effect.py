"""The page "What this changes": the first press of Save shows it, and its own Save saves."""

import hashlib
import json

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.db.models import ProtectedError
from django.forms.formsets import all_valid
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.effect import effect_of, state_of_prices
from billing.models import AccountPlan, LateFeeRule, Rate, RecurringFee, Tax, TaxExemption
from billing.standing import billing_day

#: What the page sends beside all that was typed: the change that was shown, or the way back.
SEEN, BACK = "_effect_seen", "_back_to_form"
#: The fields on which prices depend; a change of the others is saved at once.
PRICED = {
    Account: {"country", "region", "billed_from", "closed_on"},
    AccountPlan: {"plan", "starts_on"},
    Rate: {"access_type", "rate_per_minute", "starts_on"},
    RecurringFee: {"amount_cents", "starts_on", "ends_on", "DELETE"},
    Tax: {
        "kind", "percent", "on_calls", "on_fees", "on_surcharges", "country", "region", "starts_on",
        "ends_on",
    },
    TaxExemption: {"tax", "starts_on", "ends_on"},
    LateFeeRule: {"currency", "starts_on", "percent", "minimum_cents", "grace_days"},
}  # fmt: skip


class ShowsEffect:
    """Saving a change of prices first shows its effect, for the pages of what prices are made of.

    Where a row may be deleted, the page that asks whether to shows it too. `touched_by(row)` of the
    page returns the accounts that a change of the row could touch.
    """

    #: Whether a row that is added is shown, too: it may touch accounts at once.
    shows_added = False

    def get_form(self, request, obj=None, change=False, **options):
        form_class = super().get_form(request, obj, change=change, **options)
        return _kept_open(form_class) if BACK in request.POST else form_class

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        page = None
        if object_id or self.shows_added:
            page = _page_before_saving(self, request, object_id)
        return page or super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        effect = _before_deleting(self, request, object_id)
        return super().delete_view(request, object_id, {**(extra_context or {}), **effect})


def _kept_open(form_class):
    """Return a form like `form_class` that is never valid: who comes back to it saves nothing."""
    return type(form_class.__name__, (form_class,), {"is_valid": lambda form: False})


def _page_before_saving(admin, request, object_id):
    """Return the page that shows what is about to be saved; None where nothing is to be shown."""
    if request.method != "POST" or BACK in request.POST:
        return None
    row = admin.get_object(request, unquote(object_id)) if object_id else None
    if not _may_save(admin, request, row, is_new=object_id is None):
        return None
    form, formsets = _typed(admin, request, row)
    is_valid = all_valid([form, *formsets])
    if not is_valid or not _touches_prices(form, formsets):
        return None
    seen = _fingerprint(request)
    if request.POST.get(SEEN) == seen:
        return None
    effect = effect_of(
        lambda: _save(form, formsets), admin.touched_by(form.instance), now=timezone.now()
    )
    return _page(admin, request, row or form.instance, effect, seen)


def _before_deleting(admin, request, object_id):
    """Return what the page that asks whether to delete a row shows of its effect."""
    row = admin.get_object(request, unquote(object_id))
    if request.method == "POST" or row is None or not admin.has_delete_permission(request, row):
        return {}
    try:
        return {"effect": effect_of(row.delete, admin.touched_by(row), now=timezone.now())}
    except ProtectedError:
        return {}  # the page says itself why it cannot be deleted


def _may_save(admin, request, row, *, is_new):
    if is_new:
        return admin.has_add_permission(request)
    return row is not None and admin.has_change_permission(request, row)


def _typed(admin, request, row):
    """Return the form and the inline formsets of the page as they were sent."""
    form = admin.get_form(request, row, change=row is not None)(request.POST, instance=row)
    formsets = [
        formset_class(
            **admin.get_formset_kwargs(
                request, form.instance, inline, formset_class.get_default_prefix()
            )
        )
        for formset_class, inline in admin.get_formsets_with_inlines(request, row)
        if inline.has_change_permission(request, row)
    ]
    return form, formsets


def _touches_prices(form, formsets):
    parts = [form, *(part for formset in formsets for part in formset.forms)]
    return any(PRICED.get(part._meta.model, set()) & set(part.changed_data) for part in parts)


def _save(form, formsets):
    form.save()
    for formset in formsets:
        formset.save()


def _fingerprint(request):
    """Return a digest of what was typed and of the prices that it would change.

    Calls that come in meanwhile do not count: on a busy day nobody could save.
    """
    month = f"{billing_day(timezone.now()):%Y-%m}"
    told = [state_of_prices(), month, sorted(_sent(request))]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _sent(request):
    """List all that was sent as (name, value), without what the page itself adds."""
    added = {"csrfmiddlewaretoken", SEEN, BACK}
    lists = [(name, values) for name, values in request.POST.lists() if name not in added]
    return [(name, value) for name, values in lists for value in values]


def _page(admin, request, row, effect, seen):
    context = admin.admin_site.each_context(request) | {
        "title": _("What this changes"),
        "opts": admin.opts,
        "row": row,
        "effect": effect,
        "sent": [*_sent(request), (SEEN, seen)],
        "back": BACK,
        "is_popup": IS_POPUP_VAR in request.POST,
    }
    return TemplateResponse(request, "admin/billing/effect.html", context)
