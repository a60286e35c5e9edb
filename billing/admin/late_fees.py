"""Late fees: the rules, and on the page of a bill that is late, letting it off."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.models import Account
from accounts.money import CURRENCIES
from accounts.staff import StaffAdmin
from billing.admin.amounts import amount_column
from billing.admin.asking import AmountField, form_page, reason_field
from billing.admin.effect import ShowsEffect
from billing.models import Bill, BillCharge, LateFeeRule, LateFeeWaiver
from billing.services import late_fees
from billing.standing import billing_day


class LateFeeForm(forms.ModelForm):
    minimum_cents = AmountField(label=_("At least"), initial=0, least=0, most=10**7)

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        if currency not in CURRENCIES:
            words = _("Please write the code of a currency with cents, such as USD.")
            raise forms.ValidationError(words)
        return currency


@admin.register(LateFeeRule)
class LateFeeRuleAdmin(ShowsEffect, StaffAdmin):
    form = LateFeeForm
    list_display = ["starts_on", "currency", "percent", "minimum", "grace_days"]
    list_filter = ["currency"]
    search_fields = ["currency__exact"]
    fields = ["currency", "starts_on", "percent", "minimum_cents", "grace_days"]
    may_be_deleted = True
    shows_added = True
    actions = None  # each is deleted on its own page, which shows what that does
    delete_confirmation_template = "admin/billing/delete_price.html"
    minimum = amount_column("minimum_cents", _("at least"))

    def touched_by(self, rule):
        return Account.objects.filter(currency=rule.currency)

    def has_delete_permission(self, request, obj=None):
        is_used = obj is not None and obj.has_charged()
        return not is_used and super().has_delete_permission(request, obj)


class WaiveForm(forms.Form):
    reason = reason_field()


def waive_page(request, bill):
    """Ask why `bill` may be paid late without a fee; where it cannot be, its page says so."""
    if not request.user.has_perm("billing.add_latefeewaiver"):
        raise PermissionDenied
    page = reverse("admin:billing_bill_change", args=[bill.pk])
    form = WaiveForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            _waive(request, bill, reason=form.cleaned_data["reason"])
            return redirect(page)
        late_fees.refuse_waiver(bill, now=timezone.now())
    except (late_fees.LateFeeCharged, late_fees.NotOverdue) as refusal:
        messages.error(request, _refused(refusal))
        return redirect(page)
    return form_page(
        request,
        title=_("Waive the late fee of bill %s") % bill,
        form=form,
        back=page,
        button=_("Waive the late fee"),
        note=_("No later bill will charge a fee for paying this one late."),
        model=Bill,
    )


def _waive(request, bill, *, reason):
    late_fees.waive(bill, reason=reason, by=actor_of(request), now=timezone.now())
    messages.success(request, _("The late fee of bill %s is waived.") % bill)


def _refused(refusal):
    if isinstance(refusal, late_fees.LateFeeCharged):
        return _how_charged(refusal.charge)
    return _("The bill is paid or not due yet: there is no late fee to waive.")


def late_fee_of(bill):
    """Say how the late fee of `bill` stands, with the way to change that."""
    charge = BillCharge.objects.filter(late_bill=bill).select_related("bill").first()
    if charge is not None:
        return _how_charged(charge)
    waiver = LateFeeWaiver.objects.filter(bill=bill).select_related("waived_by").first()
    if waiver is not None:
        words = _("Waived by %(name)s on %(day)s: %(reason)s")
        day = date_format(billing_day(waiver.waived_at))
        return words % {"name": waiver.waived_by, "day": day, "reason": waiver.reason}
    try:
        late_fees.refuse_waiver(bill, now=timezone.now())
    except late_fees.NotOverdue:
        return "–"
    page = reverse("admin:billing_bill_waive_late_fee", args=[bill.pk])
    return format_html('<a href="{}">{}</a>', page, _("Waive the late fee"))


def _how_charged(charge):
    return format_html(
        _('{} was charged by <a href="{}">bill {}</a>: give it back by a <a href="{}">{}</a>.'),
        charge.amount,
        reverse("admin:billing_bill_change", args=[charge.bill_id]),
        charge.bill,
        reverse("admin:billing_bill_credit", args=[charge.bill_id]),
        _("credit note"),
    )
