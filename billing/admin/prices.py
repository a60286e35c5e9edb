"""Rate plans with their rates and monthly fees, and conferences that have rates of their own."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.staff import StaffAdmin, how_many
from billing.admin.charges import FeeInline
from billing.admin.effect import ShowsEffect
from billing.models import AccountPlan, Rate, RatePlan
from conferences.admin.conferences import ConferenceAdmin
from conferences.models import Conference


class RateInline(admin.TabularInline):
    """Rates, each from a day on; a past one stays, since late call records are rated by it."""

    model = Rate
    fields = ["access_type", "rate_per_minute", "starts_on"]
    ordering = ["access_type", "-starts_on"]
    extra = 0
    can_delete = False


class OwnRateInline(RateInline):
    verbose_name = _("own rate")
    verbose_name_plural = _("own rates, which go before those of the account's plan")


@admin.register(RatePlan)
class RatePlanAdmin(ShowsEffect, StaffAdmin):
    list_display = ["name", "currency", "accounts_on_it", "rates"]
    search_fields = ["name"]
    frozen_fields = ["currency"]
    inlines = [RateInline, FeeInline]

    def touched_by(self, plan):
        """Narrow to the accounts that are, were or will be on `plan`."""
        on_it = AccountPlan.objects.filter(plan=plan).values("account")
        return Account.objects.filter(pk__in=on_it)

    def get_queryset(self, request):
        plans = super().get_queryset(request)
        return plans.annotate(
            account_count=how_many(RatePlan, "accounts"), rate_count=how_many(RatePlan, "rates")
        )

    @admin.display(description=_("accounts"))
    def accounts_on_it(self, plan):
        return plan.account_count

    @admin.display(description=_("rates"))
    def rates(self, plan):
        return plan.rate_count


admin.site.unregister(Conference)


@admin.register(Conference)
class PricedConferenceAdmin(ShowsEffect, ConferenceAdmin):
    """The page of a conference, with the rates that it may have of its own."""

    inlines = [OwnRateInline, *ConferenceAdmin.inlines]

    def touched_by(self, conference):
        return Account.objects.filter(pk=conference.account_id)
