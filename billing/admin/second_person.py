"""Refunds and write-offs in the back office: asking, and the second person who decides."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.money import Money
from accounts.staff import FrozenAdmin, account_link
from billing.admin.amounts import amount_column
from billing.admin.asking import AmountField, AskingForm, form_page
from billing.models import Book, JournalEntry, RefundRequest, WriteOff
from billing.services import deciding, ledger, refunds, write_offs


class RefundForm(AskingForm):
    """How much of a payment goes back, and by which check of ours where it came by check."""

    field_order = ["form_key", "amount", "check_number", "reason"]
    amount = AmountField(label=_("Amount"))
    check_number = forms.CharField(label=_("Number of our check"), max_length=50)

    def __init__(self, *args, is_by_check, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_by_check:
            del self.fields["check_number"]


class DecidedAdmin(FrozenAdmin):
    """A page of what one asks and another decides; `approve` and `decline` are services."""

    list_display = ["asked_at", account_link, "amount", "state", "asked_by", "decided_by", "reason"]
    list_filter = ["state"]
    list_select_related = ["account", "asked_by", "decided_by"]
    ordering = ["-pk"]
    search_fields = ["account__number__exact", "account__name__istartswith"]
    change_form_template = "admin/billing/decided.html"
    amount = amount_column("amount_cents", _("amount"))
    approve_permission = ""

    def get_urls(self):
        view = self.admin_site.admin_view
        name = self.opts.model_name
        return [
            path("<int:pk>/approve/", view(self.approve_view), name=f"billing_{name}_approve"),
            path("<int:pk>/decline/", view(self.decline_view), name=f"billing_{name}_decline"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, **options):
        asked = context["original"]
        is_waiting = asked.state == asked.State.ASKED
        is_own = asked.asked_by_id == request.user.pk
        may = request.user.has_perm(self.approve_permission)
        address = f"admin:billing_{self.opts.model_name}"
        context |= {
            "may_approve": is_waiting and may and not is_own,
            "may_decline": is_waiting and (may or is_own),
            "approve_url": reverse(f"{address}_approve", args=[asked.pk]),
            "decline_url": reverse(f"{address}_decline", args=[asked.pk]),
        }
        return super().render_change_form(request, context, **options)

    def approve_view(self, request, pk):
        asked = self._posted(request, pk)
        if not request.user.has_perm(self.approve_permission):
            raise PermissionDenied
        return self._decide(request, asked, self.approve, _("Allowed: %s."))

    def decline_view(self, request, pk):
        asked = self._posted(request, pk)
        is_own = asked.asked_by_id == request.user.pk
        if not is_own and not request.user.has_perm(self.approve_permission):
            raise PermissionDenied
        return self._decide(request, asked, self.decline, _("Not allowed: %s."))

    def _posted(self, request, pk):
        asked = self.get_object(request, str(pk))
        if request.method != "POST" or asked is None or not self.has_view_permission(request):
            raise Http404
        return asked

    def _decide(self, request, asked, service, words):
        try:
            service(asked, by=actor_of(request), now=timezone.now())
        except deciding.SamePerson:
            raise PermissionDenied from None
        except deciding.DecidedAlready:
            messages.warning(request, _("Somebody has decided it meanwhile."))
        except (refunds.NotRefundable, write_offs.MoreThanUnpaid):
            sentence = _("The account stands otherwise by now: the amount is no longer there.")
            messages.error(request, sentence)
        else:
            messages.success(request, words % asked.amount)
        return redirect(f"admin:billing_{self.opts.model_name}_change", asked.pk)


@admin.register(RefundRequest)
class RefundRequestAdmin(DecidedAdmin):
    """Refunds; each is asked for on the page of its payment in the journal."""

    fields = [
        "account", "payment", "amount", "check_number", "reason", "state", "failure", "asked_by",
        "asked_at", "decided_by", "decided_at", "refund_id", "tries", "asked_stripe_at",
    ]  # fmt: skip
    approve_permission = "billing.approve_refund"
    approve = staticmethod(refunds.approve_refund)
    decline = staticmethod(refunds.decline_refund)

    def get_urls(self):
        ask = self.admin_site.admin_view(self.ask_view)
        return [path("ask/<int:pk>/", ask, name="billing_refundrequest_ask"), *super().get_urls()]

    def ask_view(self, request, pk):
        """Ask to give part of a payment back."""
        if not request.user.has_perm("billing.add_refundrequest"):
            raise PermissionDenied
        payment = JournalEntry.objects.payments().filter(pk=pk).select_related("account").first()
        if payment is None:
            raise Http404
        most = refunds.refundable_cents(payment)
        form = RefundForm(
            request.POST if request.method == "POST" else None,
            initial={"amount": most},
            is_by_check=ledger.money_of(payment)[0] == Book.BANK,
        )
        if form.is_valid() and (asked := _asked(request, payment, form)):
            return _told(request, asked)
        return form_page(
            request,
            title=_("Give back part of payment %s") % payment,
            form=form,
            back=reverse("admin:billing_journalentry_change", args=[payment.pk]),
            button=_("Give back"),
            note=_(
                "At most %s: what is left of the payment, and what the account has as credit. Give"
                " credit first by a credit note to the bill."
            )
            % Money(most, payment.currency),
            model=JournalEntry,
        )


@admin.register(WriteOff)
class WriteOffAdmin(DecidedAdmin):
    """Write-offs; each is asked for on the page of its bill."""

    fields = [
        "account", "bill", "amount", "reason", "state", "asked_by", "asked_at", "decided_by",
        "decided_at",
    ]  # fmt: skip
    approve_permission = "billing.approve_writeoff"
    approve = staticmethod(write_offs.approve_write_off)
    decline = staticmethod(write_offs.decline_write_off)


def refund_link(payment):
    """Return a link to the page by which part of a payment is given back."""
    if payment.kind != JournalEntry.Kind.PAYMENT:
        return "–"
    page = reverse("admin:billing_refundrequest_ask", args=[payment.pk])
    return format_html('<a href="{}">{}</a>', page, _("Give back part of it"))


def _asked(request, payment, form):
    """Ask for what the form says; None where the form says why it cannot be."""
    try:
        return refunds.ask_refund(
            payment,
            amount_cents=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            check_number=form.cleaned_data.get("check_number", ""),
            form_key=form.cleaned_data["form_key"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except refunds.NotRefundable:
        return form.add_error("amount", _("This is more than can be given back."))


def _told(request, asked):
    if asked.state == asked.State.ASKED:
        messages.warning(request, _("Above the limit: a second person has to allow it."))
    else:
        messages.success(request, _("%s is on its way back.") % asked.amount)
    return redirect("admin:billing_refundrequest_change", asked.pk)
