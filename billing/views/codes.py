"""The billing codes of calls: mended one by one, or where they are missing, many at once."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actors import actor_of
from accounts.paging import page_of
from billing.forms import KNOWN_CODES, CodeForm, MissingCodesForm, name_of
from billing.services.codes import CodeIsBilled, bill_of, mend_codes, missing_codes
from conferences.models import Session

#: How many of the codes in use are offered while one is typed.
OFFERED_CODES = 100


@require_http_methods(["GET", "HEAD", "POST"])
def session_code_edit(request, conference_pk, session_pk):
    """Show the billing code of a call, and mend it as long as no bill holds the call."""
    user = request.user
    calls = Session.objects.visible_to(user).with_code().select_related("conference__account")
    call = get_object_or_404(calls, conference=conference_pk, pk=session_pk)
    if not user.has_perm("conferences.change_conference", call.conference):
        raise PermissionDenied
    form = CodeForm(request.POST or None, initial={"code": call.billing_code})
    if form.is_valid():
        codes = {call.pk: form.cleaned_data["code"]}
        try:
            mend_codes(call.conference.account, codes, by=actor_of(request), now=timezone.now())
        except CodeIsBilled as refused:
            form.add_error("code", _why_not(refused.bill))
        else:
            messages.success(request, _("The billing code is updated."))
            return redirect("conferences:call_view", conference_pk, session_pk)
    return render(
        request,
        "billing/session_code_edit.html",
        {
            "call": call,
            "conference": call.conference,
            "form": form,
            "bill": bill_of(call),
            "may_view_bills": user.has_perm("billing.view_bill"),
            "known_codes": _known_codes(user),
            "list_id": KNOWN_CODES,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def missing_code_list(request):
    """Show the unbilled calls without a billing code that one may mend, and take their codes."""
    user = request.user
    if not user.has_perm("conferences.list_conferences"):
        raise PermissionDenied
    mendable = Session.objects.visible_to(user, "conferences.change_conference")
    shown = mendable.with_code().with_usage().select_related("conference")
    page = page_of(request, missing_codes(shown, account=user.account))
    form = MissingCodesForm(sessions=list(page))
    if request.method == "POST":
        asked = shown.filter(pk__in=MissingCodesForm.asked_about(request.POST))
        form = MissingCodesForm(request.POST, sessions=list(asked) or list(page))
        if form.is_valid() and _mend(request, form):
            return redirect("billing:missing_code_list")
    return render(
        request,
        "billing/missing_code_list.html",
        {"form": form, "page": page, "known_codes": _known_codes(user), "list_id": KNOWN_CODES},
    )


def _mend(request, form):
    """Mend what was filled in; tell whether it was done, or say beside the field why not."""
    try:
        mend_codes(request.user.account, form.codes, by=actor_of(request), now=timezone.now())
    except CodeIsBilled as refused:
        form.add_error(name_of(refused.session.pk), _why_not(refused.bill))
        return False
    words = ngettext("%d call has its code now.", "%d calls have their codes now.", len(form.codes))
    messages.success(request, words % len(form.codes))
    return True


def _why_not(bill):
    words = _("This call is on bill %(number)s by now. A bill that was issued never changes.")
    return words % {"number": bill.label}


def _known_codes(user):
    """Return the codes in use on the conferences that `user` may mend, for the browser to offer."""
    mendable = Session.objects.visible_to(user, "conferences.change_conference").with_code()
    codes = mendable.exclude(code="").order_by("code").values_list("code", flat=True).distinct()
    return codes[:OFFERED_CODES]
