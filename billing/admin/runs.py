"""How the bill run goes: what is issued, what waits, and what is held with the reason."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.money import Money
from accounts.staff import FrozenAdmin, list_link, record_action
from billing.admin.allowing import AllowingBills
from billing.gateway import gateway
from billing.models import BillJob, BillRun
from billing.services import rehearsal, runs

#: The states of a job.
ISSUED = Q(bill__isnull=False)
HELD = Q(bill=None) & ~Q(held_because="")
WAITING = Q(bill=None, held_because="")
#: How many accounts one click tries again: the page waits for it. The timetable tries all.
AT_ONCE = 50


def _jobs(which):
    """Return an expression that counts the jobs of a run, for the rows of the page only."""
    jobs = BillJob.objects.filter(which, run=OuterRef("pk")).order_by().values("run")
    return Coalesce(Subquery(jobs.annotate(how_many=Count("pk")).values("how_many")), 0)


@admin.register(BillRun)
class BillRunAdmin(FrozenAdmin):
    list_display = ["__str__", "opened_at", "progress", "accounts", "issued", "held", "waiting"]
    list_per_page = 12
    fields = ["month", "billing_zone", "opened_at", "accounts", "issued", "held", "waiting"]

    def get_queryset(self, request):
        # Bills are many and the others few, so the many are not counted but worked out.
        return (
            super()
            .get_queryset(request)
            .annotate(job_count=_jobs(Q()), held_count=_jobs(HELD), waiting_count=_jobs(WAITING))
        )

    def get_urls(self):
        view = self.admin_site.admin_view(self.rehearsal_view)
        return [path("rehearsal/", view, name="billing_billrun_rehearsal"), *super().get_urls()]

    def rehearsal_view(self, request):
        """Show what the next run would issue, if it were made now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        rehearsed = rehearsal.rehearse(rehearsal.next_to_run(now), now=now)
        title = _("Rehearsal of the bill run for %s") % rehearsed.month
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        page = "admin/billing/billrun/rehearsal.html"
        return TemplateResponse(request, page, context | {"rehearsal": rehearsed})

    @admin.display(description=_("month"))
    def month(self, run):
        return str(run.month)

    @admin.display(description=_("progress"))
    def progress(self, run):
        issued = run.job_count - run.held_count - run.waiting_count
        bar = '<progress max="{}" value="{}" title="{}"></progress>'
        return format_html(bar, run.job_count or 1, issued, _("Bills issued"))

    @admin.display(description=_("accounts"))
    def accounts(self, run):
        return list_link(run.job_count, BillJob, run__id__exact=run.pk)

    @admin.display(description=_("issued"))
    def issued(self, run):
        issued = run.job_count - run.held_count - run.waiting_count
        return list_link(issued, BillJob, run__id__exact=run.pk, state="issued")

    @admin.display(description=_("held"))
    def held(self, run):
        return list_link(run.held_count, BillJob, run__id__exact=run.pk, state="held")

    @admin.display(description=_("waiting"))
    def waiting(self, run):
        return list_link(run.waiting_count, BillJob, run__id__exact=run.pk, state="waiting")


class StateFilter(admin.SimpleListFilter):
    """How far the accounts of the run are."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("issued", _("Issued")), ("held", _("Held")), ("waiting", _("Waiting"))]

    def queryset(self, request, queryset):
        states = {"issued": ISSUED, "held": HELD, "waiting": WAITING}
        return queryset.filter(states.get(self.value(), Q()))


@admin.register(BillJob)
class BillJobAdmin(AllowingBills, FrozenAdmin):
    list_display = ["account", "run", "state", "short_reason", "bill", "tries", "tried_at"]
    list_filter = [StateFilter, "run"]
    ordering = ["-run", "pk"]
    search_fields = ["account__number__exact", "account__name__istartswith"]
    actions = ["try_again"]
    fields = [
        "account", "run", "state", "held_because", "bill", "tries", "tried_at", "allowed",
        "allowed_by",
    ]  # fmt: skip
    change_form_template = "admin/billing/billjob/change_form.html"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("account", "run", "bill")

    def get_urls(self):
        view = self.admin_site.admin_view(self.allow_view)
        return [path("<int:pk>/allow/", view, name="billing_billjob_allow"), *super().get_urls()]

    def render_change_form(self, request, context, **options):
        job = context["original"]
        may_allow = job.bill_id is None and job.held_because and self.has_retry_permission(request)
        context["allow_url"] = may_allow and reverse("admin:billing_billjob_allow", args=[job.pk])
        return super().render_change_form(request, context, **options)

    @admin.display(description=_("allowed up to"))
    def allowed(self, job):
        return None if job.allowed_cents is None else Money(job.allowed_cents, job.account.currency)

    @admin.display(description=_("state"))
    def state(self, job):
        if job.bill_id is not None:
            return _("Issued")
        return _("Held") if job.held_because else _("Waiting")

    @admin.display(description=_("held because"))
    def short_reason(self, job):
        return Truncator(job.held_because).chars(80)

    def has_retry_permission(self, request):
        return request.user.has_perm("billing.change_billjob")

    @admin.action(description=_("Try again"), permissions=["retry"])
    def try_again(self, request, queryset):
        """Try to issue what is held or waiting, now that the reason may be gone."""
        tried = list(queryset.filter(bill=None)[:AT_ONCE])
        for job in tried:
            outcome = runs.issue_job(job.pk, gateway=gateway(), now=timezone.now())
            after = {"bill": outcome.bill, "held because": outcome.held_because}
            record_action(request, "tried again", outcome, after=after)
        held = queryset.filter(pk__in=[job.pk for job in tried], bill=None).count()
        issued = len(tried) - held
        if issued:
            words = ngettext("%d bill was issued.", "%d bills were issued.", issued)
            self.message_user(request, words % issued, messages.SUCCESS)
        if held:
            words = ngettext(
                "%d account is still held; the reason is shown.",
                "%d accounts are still held; the reasons are shown.",
                held,
            )
            self.message_user(request, words % held, messages.WARNING)
