"""Correcting a bill: a credit note by line and charge, or writing off what nobody pays any more."""

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.money import Money
from billing.admin.asking import AS_TYPED, AmountField, AskingForm, form_page
from billing.models import Bill, BillCharge
from billing.models.credit_note import uncredited
from billing.services import credit_notes, write_offs

#: As many as one form holds; of a longer bill the others are asked for by their numbers.
LINES_SHOWN = 200


class CreditNoteForm(AskingForm):
    """What is given back of each line and charge of a bill; those left empty stay as they are."""

    field_order = ["form_key", "reason"]
    with_taxes = forms.BooleanField(
        label=_("Give back the surcharges and taxes on it, too"),
        help_text=_("Those with an amount beside them are given back by that amount."),
        required=False,
        initial=True,
    )

    def __init__(self, *args, bill, positions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The customer reads it on the credit note.")
        lines = _with_rest(bill.lines.all())
        if positions:
            lines = lines.filter(position__in=positions)
        dearest = lines.order_by("-cost_cents", "position")[:LINES_SHOWN]
        self.lines = self._asked_for("line", dearest, _("Give back of line %s"), "position")
        charges = _with_rest(bill.charges.all()).order_by("position")
        self.charges = self._asked_for("charge", charges, _("Give back of %s"), "name")

    def _asked_for(self, kind, rows, words, called):
        """Add a field for each of `rows`; return the rows by the name of their field."""
        by_name = {f"{kind}_{row.pk}": row for row in rows}
        for name, row in by_name.items():
            label = words % getattr(row, called)
            widget = forms.TextInput(attrs=AS_TYPED | {"aria-label": label})
            self.fields[name] = AmountField(label=label, required=False, widget=widget)
        return by_name

    def rows(self):
        """List each line with the field beside it."""
        return [(line, self[name]) for name, line in self.lines.items()]

    def charge_rows(self):
        """List each charge with the field beside it."""
        return [(charge, self[name]) for name, charge in self.charges.items()]

    def clean(self):
        cleaned = super().clean()
        for name, billed in {**self.lines, **self.charges}.items():
            if (cleaned.get(name) or 0) > billed.uncredited_cents:
                self.add_error(name, _("This is more than is left of it."))
        if not self.errors and not self.amounts() and not self.charge_amounts():
            raise forms.ValidationError(_("Give an amount back of at least one line or charge."))
        return cleaned

    def amounts(self):
        """Return the cents to give back of lines, by the key of the line."""
        return self._typed(self.lines)

    def charge_amounts(self):
        """Return the cents to give back of charges, by the key of the charge."""
        return self._typed(self.charges)

    def _typed(self, rows):
        typed = {row.pk: self.cleaned_data.get(name) for name, row in rows.items()}
        return {pk: cents for pk, cents in typed.items() if cents}


def _with_rest(rows):
    return uncredited(rows).filter(uncredited_cents__gt=0)


class WriteOffForm(AskingForm):
    """How much of a bill is written off."""

    field_order = ["form_key", "amount", "reason"]
    amount = AmountField(label=_("Amount"))


class BillCorrections:
    """The two pages by which a bill is corrected, for its page in the back office."""

    def correction_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/credit/", view(self.credit_view), name="billing_bill_credit"),
            path("<int:pk>/write-off/", view(self.write_off_view), name="billing_bill_write_off"),
        ]

    def credit_view(self, request, pk):
        """Issue a credit note to a bill."""
        bill = self._correctable(request, pk, "billing.add_creditnote")
        form = CreditNoteForm(
            request.POST if request.method == "POST" else None,
            bill=bill,
            positions=[int(one) for one in re.findall(r"\d{1,9}", request.GET.get("lines", ""))],
        )
        back = reverse("admin:billing_bill_change", args=[bill.pk])
        if form.is_valid() and (note := _issued(request, bill, form)):
            words = _("Credit note %(note)s is issued: %(total)s.")
            messages.success(request, words % {"note": note, "total": note.total})
            return redirect(back)
        return form_page(
            request,
            title=_("Credit note to bill %s") % bill,
            form=form,
            back=back,
            button=_("Issue the credit note"),
            note=_("It cannot be changed or taken back; the customer is told by e-mail."),
            model=Bill,
            fields=[form["reason"]],
            template="admin/billing/credit_note_form.html",
            bill=bill,
            wanted=request.GET.get("lines", ""),
            is_long=bill.lines.count() > LINES_SHOWN,
        )

    def write_off_view(self, request, pk):
        """Ask to write off what a bill has unpaid; within the limit it is done at once."""
        bill = self._correctable(request, pk, "billing.add_writeoff")
        unpaid = Bill.objects.with_unpaid().get(pk=bill.pk).unpaid_cents
        typed = request.POST if request.method == "POST" else None
        form = WriteOffForm(typed, initial={"amount": unpaid})
        back = reverse("admin:billing_bill_change", args=[bill.pk])
        if form.is_valid() and (asked := _asked(request, bill, form)):
            return _told(request, asked, back)
        return form_page(
            request,
            title=_("Write off what bill %s has unpaid") % bill,
            form=form,
            back=back,
            button=_("Write off"),
            note=_("Unpaid: %s") % Money(unpaid, bill.currency),
            model=Bill,
        )

    def _correctable(self, request, pk, permission):
        bill = self.get_object(request, str(pk))
        if bill is None or not self.has_view_permission(request, bill):
            raise Http404
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return bill


def correction_links(bill):
    """Return links to the pages by which `bill` is corrected."""
    pages = [
        (reverse("admin:billing_bill_credit", args=[bill.pk]), _("Credit note")),
        (reverse("admin:billing_bill_write_off", args=[bill.pk]), _("Write off")),
    ]
    return format_html_join(" · ", '<a href="{}">{}</a>', pages)


def _issued(request, bill, form):
    """Issue what the form asks for; None where the form says why it cannot be."""
    try:
        return credit_notes.issue_credit_note(
            bill,
            amounts=form.amounts(),
            charges=form.charge_amounts(),
            with_taxes=form.cleaned_data["with_taxes"],
            reason=form.cleaned_data["reason"],
            form_key=form.cleaned_data["form_key"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except credit_notes.CreditTooHigh as error:
        kind = "charge" if isinstance(error.billed, BillCharge) else "line"
        words = _("Part of it was credited meanwhile.")
        return form.add_error(f"{kind}_{error.billed.pk}", words)


def _asked(request, bill, form):
    """Ask for what the form says; None where the form says why it cannot be."""
    try:
        return write_offs.ask_write_off(
            bill,
            amount_cents=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            form_key=form.cleaned_data["form_key"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except write_offs.MoreThanUnpaid:
        return form.add_error("amount", _("This is more than is unpaid of the bill."))


def _told(request, asked, back):
    if asked.state == asked.State.ASKED:
        page = reverse("admin:billing_writeoff_change", args=[asked.pk])
        words = _('Above the limit: <a href="{}">a second person has to allow it</a>.')
        messages.warning(request, format_html(words, page))
    else:
        messages.success(request, _("%s is written off.") % asked.amount)
    return redirect(back)
