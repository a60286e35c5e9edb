"""Monthly fees, surcharges and taxes, and what bills have charged by them."""

from django import forms
from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.staff import FrozenInline, StaffAdmin, how_many
from billing.admin.asking import AmountField
from billing.admin.effect import ShowsEffect
from billing.models import BillCharge, RecurringFee, Tax, TaxExemption
from billing.models.charges import LEAST_FEE_CENTS


class FeeForm(forms.ModelForm):
    amount_cents = AmountField(label=_("Amount a month"), least=LEAST_FEE_CENTS, most=10**9)


class FeeInline(admin.TabularInline):
    """Monthly fees, each for a time; one that a bill has charged can only be ended."""

    model = RecurringFee
    form = FeeForm
    fields = ["name", "amount_cents", "starts_on", "ends_on"]
    ordering = ["name", "-starts_on"]
    extra = 0


class TaxExemptionInline(admin.TabularInline):
    """What the account does not pay, and by what that is proved."""

    model = TaxExemption
    fields = ["tax", "certificate", "starts_on", "ends_on"]
    ordering = ["-starts_on"]
    extra = 0
    can_delete = False

    def formfield_for_dbfield(self, db_field, request, **options):
        """Offer the taxes without buttons to change or delete one: that is for everybody."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "tax":
            field.widget = field.widget.widget
        return field


class BillChargeInline(FrozenInline):
    """What a bill charges beside calls."""

    model = BillCharge
    fk_name = "bill"
    fields = ["name", "kind", "reckoned_from", "amount"]
    readonly_fields = ["reckoned_from", "amount"]
    verbose_name_plural = _("charges beside calls")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("bill")

    @admin.display(description=_("of"))
    def reckoned_from(self, charge):
        context = {"charge": charge, "currency": charge.bill.currency}
        return render_to_string("billing/_charge_basis.html", context)

    @admin.display(description=_("amount"))
    def amount(self, charge):
        return charge.amount


@admin.register(Tax)
class TaxAdmin(ShowsEffect, StaffAdmin):
    list_display = ["name", "kind", "percent_of", "due_in", "starts_on", "ends_on", "exempt"]
    list_filter = ["kind"]
    search_fields = ["name"]
    may_be_deleted = True
    shows_added = True
    actions = None  # each is deleted on its own page, which shows what that does
    delete_confirmation_template = "admin/billing/delete_price.html"
    fieldsets = [
        (None, {"fields": ["kind", "name", "percent", "on_calls", "on_fees", "on_surcharges"]}),
        (_("Whose bills"), {"fields": ["country", "region"]}),
        (_("When"), {
            "description": _("A month's bill charges what is in force on the month's last day."),
            "fields": ["starts_on", "ends_on"],
        }),
    ]  # fmt: skip

    def touched_by(self, tax):
        return Account.objects.all()

    def has_delete_permission(self, request, obj=None):
        is_used = obj is not None and obj.charges.exists()
        return not is_used and super().has_delete_permission(request, obj)

    def get_queryset(self, request):
        taxes = super().get_queryset(request)
        return taxes.annotate(exemption_count=how_many(Tax, "exemptions"))

    @admin.display(description=_("percent"), ordering="percent")
    def percent_of(self, tax):
        parts = [
            (tax.on_calls, _("calls")),
            (tax.on_fees, _("monthly fees")),
            (tax.on_surcharges, _("surcharges")),
        ]
        percent = f"{tax.percent.normalize():f}"
        lines = ", ".join(str(words) for is_of, words in parts if is_of)
        return _("%(percent)s%% of %(lines)s") % {"percent": percent, "lines": lines}

    @admin.display(description=_("of accounts in"), ordering="country")
    def due_in(self, tax):
        place = [tax.region, str(tax.country.name)]
        return ", ".join(part for part in place if part) or _("all countries")

    @admin.display(description=_("exemptions"))
    def exempt(self, tax):
        return tax.exemption_count
