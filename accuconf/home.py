"""The start page: what each reader needs first, put together from all apps."""

from django.shortcuts import render
from django.utils import formats, timezone
from django.views.decorators.http import require_safe

from accounts.chart import bar_chart
from billing.models import Bill
from billing.standing import billing_day, owed_by, with_standing
from billing.unbilled import unbilled_activity
from conferences.models import Conference, DialInNumber
from conferences.schedules import coming_up
from users.second_factor import has_second_factor

RECENT_BILLS = 6
CHARTED_BILLS = 12
NEXT_SCHEDULED = 4
#: How many of their conferences those without bills see at once.
LISTED_CONFERENCES = 8


@require_safe
def home(request):
    """Show what the reader may see: money, people, lines."""
    user = request.user
    now = timezone.now()
    context = {
        "account": user.account,
        "urges_second_factor": _urges_second_factor(request),
        "money": _money(user, now) if user.has_perm("billing.view_bill") else None,
        "people": _people(user) if user.has_perm("users.view_user") else None,
        "lines": _lines(user, now) if user.has_perm("conferences.list_conferences") else None,
    }
    return render(request, "home.html", context)


def _urges_second_factor(request):
    """Tell whether to advise a second factor: to those who see money, until they put it away."""
    if request.looking or "second_factor_later" in request.session:
        return False
    if not request.user.has_perm("billing.view_bill"):
        return False
    return not has_second_factor(request.user)


def _money(user, now):
    today = billing_day(now)
    bills = Bill.objects.visible_to(user).select_related("document")
    charted = list(with_standing(bills, today=today)[:CHARTED_BILLS])
    return {
        "owed": owed_by(user.account, today=today),
        "unbilled": unbilled_activity(user.account, now=now),
        "bills": charted[:RECENT_BILLS],
        "chart": bar_chart(
            [
                (
                    formats.date_format(bill.month.first_day, "M"),
                    bill.current_charges_cents,
                    str(bill.current_charges),
                )
                for bill in reversed(charted)
            ]
        ),
    }


def _people(user):
    people = user.account.users.visible_to(user).filter(is_active=True)
    return {"count": people.count()}


def _lines(user, now):
    conferences = Conference.objects.visible_to(user).open()
    scheduled = Conference.objects.visible_to(user, "conferences.view_conference").open()
    listed = list(conferences.with_last_call().order_by("kind", "name")[:LISTED_CONFERENCES])
    for conference in listed:
        conference.may_view = user.has_perm("conferences.view_conference", conference)
    return {
        "count": conferences.count(),
        "listed": listed,
        "numbers": DialInNumber.objects.nearest_first(),
        "coming_up": coming_up(scheduled, now=now)[:NEXT_SCHEDULED],
    }
