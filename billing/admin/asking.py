"""What the back office's own forms have in common: one page, sent once, and amounts as typed."""

import uuid
from decimal import Decimal

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

CENT = Decimal("0.01")
AS_TYPED = {"inputmode": "decimal", "size": 10, "autocomplete": "off"}


class AmountField(forms.DecimalField):
    """An amount as staff type it, such as 12.50; its value is whole cents.

    `least` and `most` are cents, too.
    """

    def __init__(self, *, least=1, most=10**11, **options):
        super().__init__(
            max_digits=12,
            decimal_places=2,
            validators=[MinValueValidator(least * CENT), MaxValueValidator(most * CENT)],
            **{"widget": forms.TextInput(attrs=AS_TYPED)} | options,
        )

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def prepare_value(self, value):
        """Show cents given from here as typed amounts; what was typed is shown as it was."""
        return f"{Decimal(value) * CENT:.2f}" if isinstance(value, int) else value

    def has_changed(self, initial, data):
        """Compare what was typed with the cents given from here."""
        amount = initial * CENT if isinstance(initial, int) else initial
        return super().has_changed(amount, data)


def reason_field():
    """Return a field for why something is done."""
    widget = forms.Textarea(attrs={"rows": 3, "cols": 60})
    return forms.CharField(label=_("Reason"), max_length=500, widget=widget)


class AskingForm(forms.Form):
    """A form that does its work once, however often it is sent, and says why it does it."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    reason = reason_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid.uuid4())


def form_page(
    request,
    *,
    title,
    form,
    back,
    button,
    model,
    note="",
    fields=None,
    template="admin/billing/form_page.html",
    **more,
):
    """Show `form` as a page of the back office; `back` is the address of what it is about.

    Of a `template` that shows some fields in its own way, `fields` are the others.
    """
    context = admin.site.each_context(request) | {
        "title": title,
        "form": form,
        "back": back,
        "button": button,
        "note": note,
        "opts": model._meta,
        "fields": form.visible_fields() if fields is None else fields,
    }
    return render(request, template, context | more)
