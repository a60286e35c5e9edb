"""Checks: recorded account by account, their rest applied, and taken back when they bounce."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.models import Account
from accounts.money import Money
from accounts.staff import FrozenAdmin, account_link
from accounts.templatetags.dates import when
from billing.check_forms import BounceForm, CheckForm, RestForm, number_taken
from billing.models import Check
from billing.open_items import open_items
from billing.services import checks, ledger
from billing.standing import billing_day

TOO_LATE = _("Meanwhile something of this was settled: look at the amounts again.")


class AccountForm(forms.Form):
    """Whose check it is."""

    account = forms.CharField(label=_("Account number"), max_length=20)

    def clean_account(self):
        account = Account.objects.filter(number=self.cleaned_data["account"].strip()).first()
        if account is None:
            raise forms.ValidationError(_("No account has this number."))
        return account


@admin.register(Check)
class CheckAdmin(FrozenAdmin):
    list_display = ["number", account_link, "amount", "received_on", "unapplied", "state"]
    list_select_related = ["account"]
    date_hierarchy = "received_on"
    ordering = ["-pk"]
    search_fields = ["number__exact", "account__number__exact", "account__name__istartswith"]
    search_help_text = _("Number of the check, or number or name of the account")
    fields = [
        "number", "account", "amount", "received_on", "state", "settles", "unapplied",
        "entered_by", "booked_at", "memo",
    ]  # fmt: skip
    readonly_fields = ["amount", "state", "settles", "unapplied", "booked_at", "memo"]

    def get_queryset(self, request):
        checks = super().get_queryset(request).with_standing()
        return checks.select_related("account", "entry", "entered_by")

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("record/", wrap(self.choose_view), name="billing_check_choose"),
            path("record/<int:pk>/", wrap(self.record_view), name="billing_check_record"),
            path("<int:pk>/apply/", wrap(self.apply_view), name="billing_check_apply"),
            path("<int:pk>/bounce/", wrap(self.bounce_view), name="billing_check_bounce"),
            *super().get_urls(),
        ]

    def may_record(self, request):
        return request.user.has_perm("billing.add_check")

    def may_change(self, request):
        return request.user.has_perm("billing.change_check")

    def choose_view(self, request):
        """Ask whose check it is."""
        if not self.may_record(request):
            raise PermissionDenied
        form = AccountForm(request.GET or None)
        if form.is_valid():
            return redirect("admin:billing_check_record", form.cleaned_data["account"].pk)
        return self._page(request, "choose", title=_("Record a check"), form=form)

    def record_view(self, request, pk):
        """Record a check of an account, with what it settles."""
        if not self.may_record(request):
            raise PermissionDenied
        account = get_object_or_404(Account, pk=pk)
        now = timezone.now()
        form = CheckForm(
            request.POST or None,
            account=account,
            items=open_items(account),
            today=billing_day(now),
        )
        if form.is_valid() and (check := self._record(request, form, now)):
            return redirect("admin:billing_check_change", check.pk)
        return self._page(
            request,
            "record",
            title=_("Record a check"),
            account=account,
            form=form,
            today=form.today,
            **_standing(account, form.items, form.today),
        )

    def _record(self, request, form, now):
        """Record the check of a valid form and tell so, or say in the form why not."""
        given = {name: form.cleaned_data[name] for name in ("number", "received_on", "memo")}
        try:
            check = checks.record_check(
                form.account,
                amount_cents=form.cleaned_data["amount"],
                shares=form.shares,
                is_rest_kept=form.cleaned_data["is_rest_kept"],
                by=actor_of(request),
                now=now,
                **given,
            )
        except checks.NumberTaken as taken:
            return form.add_error("number", number_taken(taken.check))
        except checks.TooMuchAllocated:
            return form.add_error(None, TOO_LATE)
        said = {"number": check.number, "amount": check.amount}
        if check.entry.booked_at < now:
            words = _("Check %(number)s of %(amount)s was recorded already; it counts once.")
            messages.warning(request, words % said)
        else:
            messages.success(request, _("Check %(number)s of %(amount)s is recorded.") % said)
        return check

    def apply_view(self, request, pk):
        """Apply what a check left over."""
        if not self.may_change(request):
            raise PermissionDenied
        check = get_object_or_404(self.get_queryset(request), pk=pk)
        if not can_be_applied(check):
            raise Http404
        form = RestForm(
            request.POST or None,
            items=open_items(check.account),
            currency=check.account.currency,
            rest_cents=check.rest_cents,
        )
        if form.is_valid():
            try:
                checks.apply_rest(
                    check, shares=form.shares, by=actor_of(request), now=timezone.now()
                )
            except (checks.TooMuchAllocated, checks.HasBounced):
                form.add_error(None, TOO_LATE)
            else:
                messages.success(request, _("Check %s is applied.") % check.number)
                return redirect("admin:billing_check_change", check.pk)
        return self._page(
            request,
            "apply",
            title=_("Apply what check %s left over") % check.number,
            check=check,
            form=form,
            rest=_money(check, check.rest_cents),
            today=billing_day(timezone.now()),
        )

    def bounce_view(self, request, pk):
        """Note that the bank returned a check, once that is confirmed."""
        if not self.may_change(request):
            raise PermissionDenied
        check = get_object_or_404(self.get_queryset(request), pk=pk)
        form = BounceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            checks.bounce(check, reason=reason, by=actor_of(request), now=timezone.now())
            words = _("Check %s bounced: what it had settled is owed again, and all are told.")
            messages.success(request, words % check.number)
            return redirect("admin:billing_check_change", check.pk)
        title = _("Check %s bounced") % check.number
        return self._page(request, "bounce", title=title, check=check, form=form)

    def _page(self, request, name, **context):
        return TemplateResponse(
            request,
            f"admin/billing/check/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"may_record": self.may_record(request)})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        check = self.get_object(request, object_id)
        may = check is not None and self.may_change(request) and not check.is_bounced
        extra = {"may_bounce": may, "may_apply": may and can_be_applied(check)}
        return super().change_view(request, object_id, form_url, extra)

    @admin.display(description=_("amount"), ordering="amount_cents")
    def amount(self, check):
        return check.amount

    @admin.display(description=_("not applied"), ordering="rest_cents")
    def unapplied(self, check):
        return _money(check, check.rest_cents) if check.rest_cents else "–"

    @admin.display(description=_("state"))
    def state(self, check):
        if check.is_bounced:
            return _("Bounced")
        return _("Rest is kept") if can_be_applied(check) else _("Booked")

    @admin.display(description=_("settles"))
    def settles(self, check):
        standing = check.entry.allocations.filter(undoes=None, undone_by=None)
        parts = standing.exclude(debit__about=check.entry).select_related("bill", "debit")
        rows = ((part.bill or part.debit, _money(check, part.amount_cents)) for part in parts)
        return format_html_join("", "{}: {}<br>", rows) or "–"

    @admin.display(description=_("booked"))
    def booked_at(self, check):
        url = reverse("admin:billing_journalentry_change", args=[check.entry_id])
        return format_html('<a href="{}">{}</a>', url, when(check.entry.booked_at))

    @admin.display(description=_("memo"))
    def memo(self, check):
        return check.entry.memo or "–"


def can_be_applied(check):
    """Tell whether a check keeps something for staff to apply."""
    return check.is_rest_kept and check.rest_cents > 0 and not check.is_bounced


def _standing(account, items, today):
    """Return what the account has open and overdue, and its credit that settles nothing."""
    unpaid = sum(item.unpaid_cents for item in items)
    overdue = sum(item.unpaid_cents for item in items if item.due_on < today)
    credit = unpaid - ledger.balance_cents(account)
    sums = {"open": unpaid, "overdue": overdue, "credit": credit}
    return {name: Money(cents, account.currency) for name, cents in sums.items()}


def _money(check, cents):
    return Money(cents, check.account.currency)
