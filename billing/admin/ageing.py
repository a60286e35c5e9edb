"""The ageing report, as a page and as files."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import actor_of
from accounts.csv_files import csv_lines
from accounts.excel_files import excel_file
from accounts.paging import page_of
from accounts.services.audit import record
from billing.ageing import BUCKETS, ageing, head, table, totals
from billing.standing import billing_day

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How many accounts are on one page.
ROWS = 100


class DayForm(forms.Form):
    """The day at whose end the books are looked at."""

    on = forms.DateField(
        label=_("As of the end of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data, *, today):
        super().__init__(data if "on" in data else {"on": today})
        self.today = today

    def clean_on(self):
        if self.cleaned_data["on"] > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        return self.cleaned_data["on"]


def ageing_view(request):
    """Show who owes how much for how long, the most first."""
    if not may_look(request):
        raise PermissionDenied
    form = DayForm(request.GET, today=billing_day(timezone.now()))
    rows = ageing(on=form.cleaned_data["on"]) if form.is_valid() else []
    return TemplateResponse(
        request,
        "admin/billing/ageing.html",
        {
            **admin.site.each_context(request),
            "title": _("Ageing of what is owed"),
            "form": form,
            "buckets": BUCKETS,
            "page": page_of(request, rows, size=ROWS),
            "totals": totals(rows),
        },
    )


def ageing_csv(request):
    """Send the report as a CSV file."""
    rows, name = _exported(request)
    if rows is None:
        return HttpResponseBadRequest()
    response = StreamingHttpResponse(csv_lines(head(), table(rows)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def ageing_excel(request):
    """Send the report as an Excel file."""
    rows, name = _exported(request)
    if rows is None:
        return HttpResponseBadRequest()
    file = excel_file(head(), table(rows))
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL)


def may_look(request):
    return request.user.has_perm("billing.view_journalentry")


def _exported(request):
    """Return the rows to be sent and the file's name, and log it; None where no day is asked."""
    if not may_look(request):
        raise PermissionDenied
    form = DayForm(request.GET, today=billing_day(timezone.now()))
    if not form.is_valid():
        return None, ""
    name = f"ageing-{form.cleaned_data['on']}"
    record("exported", name, by=actor_of(request), now=timezone.now())
    return ageing(on=form.cleaned_data["on"]), name
