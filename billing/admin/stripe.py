"""The back office's pages of what Stripe told, and of where its books and ours differ."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.staff import DoneFilter, FrozenAdmin, StaffAdmin, record_action
from billing.models import Difference, StripeEvent


class WorkedFilter(DoneFilter):
    title = _("state")
    parameter_name = "worked_at"
    undone, done = _("Waiting"), _("Worked")


class SettledFilter(DoneFilter):
    title = _("state")
    parameter_name = "settled_at"
    undone, done = _("Open"), _("Settled")


@admin.register(StripeEvent)
class StripeEventAdmin(FrozenAdmin):
    list_display = ["received_at", "type", "object_id", "tries", "worked_at"]
    list_filter = [WorkedFilter]
    search_fields = ["id__exact", "object_id__exact"]
    fields = ["id", "type", "object_id", "received_at", "tries", "worked_at", "last_error"]


@admin.register(Difference)
class DifferenceAdmin(StaffAdmin):
    """Staff look into each, write down what it was, and settle it; the books change elsewhere."""

    list_display = ["found_at", "kind", "reference", "theirs_cents", "ours_cents", "settled_at"]
    list_filter = [SettledFilter, "kind"]
    search_fields = ["reference__exact"]
    actions = ["settle"]
    fields = [*list_display, "note"]
    readonly_fields = list_display

    def has_add_permission(self, request):
        return False

    @admin.action(description=_("Settle: looked into and put right"), permissions=["change"])
    def settle(self, request, queryset):
        open_ones = list(queryset.open())
        for difference in open_ones:
            difference.settled_at = timezone.now()
            difference.save(update_fields=["settled_at"])
            record_action(request, "settled", difference)
        words = ngettext("%d difference is settled.", "%d differences are settled.", len(open_ones))
        self.message_user(request, words % len(open_ones), messages.SUCCESS)
