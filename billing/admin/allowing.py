"""Issuing a bill that was held as absurd, once somebody has looked and says why it is right."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.money import Money
from billing.admin.asking import form_page
from billing.gateway import gateway
from billing.models import BillJob
from billing.services import absurdity, runs


class AllowForm(forms.Form):
    """Why the bill is right, and the charges that were looked at."""

    cents = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why it is right"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class AllowingBills:
    """The page by which a held bill is allowed, for the pages of bill jobs."""

    def allow_view(self, request, pk):
        """Let a bill be issued with the charges that it would have now."""
        job = self.get_object(request, str(pk))
        if job is None or job.bill_id is not None:
            raise Http404
        if not self.has_retry_permission(request):
            raise PermissionDenied
        form = AllowForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:billing_billjob_change", args=[job.pk])
        if form.is_valid() and _allowed(request, job, form):
            return redirect(back)
        return _page(request, job, form, back)


def _page(request, job, form, back):
    """Show the form with the charges as they are now; what was typed stays."""
    cents = absurdity.expected_of(job, now=timezone.now()).cents
    form.initial["cents"] = cents
    if form.is_bound:
        form.data = {**form.data.dict(), "cents": cents}
    named = {"account": job.account.name, "month": job.run}
    return form_page(
        request,
        title=_("The bill of %(account)s for %(month)s is right") % named,
        form=form,
        back=back,
        button=_("Issue it with charges of %s") % Money(cents, job.account.currency),
        note=job.held_because,
        model=BillJob,
    )


def _allowed(request, job, form):
    """Allow what the form says and try to issue the bill; False where the form says why not."""
    by, now = actor_of(request), timezone.now()
    typed = form.cleaned_data
    try:
        absurdity.allow(job, cents=typed["cents"], why=typed["reason"], by=by, now=now)
    except absurdity.ForecastChanged:
        form.add_error(None, _("The charges have grown meanwhile. Please look at them again."))
        return False
    outcome = runs.issue_job(job.pk, gateway=gateway(), now=now)
    if outcome.bill is None:
        messages.warning(request, _("Still held: %s") % outcome.held_because)
    else:
        messages.success(request, _("Bill %s is issued.") % outcome.bill)
    return True
