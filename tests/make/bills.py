"""Bills, and what pays or corrects them."""

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import Terms
from accounts.periods import Month
from billing.models import (
    Bill,
    BillLine,
    Rate,
)
from billing.services import checks
from billing.services.credit_notes import issue_credit_note
from billing.services.issue import issue_bill, opens_at
from billing.standing import billing_day
from tests.billing.reference import cents_of
from tests.make.calls import conference, session
from tests.make.serials import serials


def issued(account, month, *, dollars):
    """Bill `month` ("YYYY-MM") of `account`, in which it called for whole `dollars`."""
    month = Month.parse(month, settings.BILLING_TIME_ZONE)
    line = conference(account=account, name=f"Costs ${dollars}")
    Rate.objects.create(
        conference=line, access_type="local", rate_per_minute=dollars, starts_on=month.first_day
    )
    session(conference=line, started_at=month.start, legs=[(60, "local")])
    return issue_bill(account, month, now=opens_at(month))


def credit_note(bill, *, cents, by, reason="The line was noisy.", now=None):
    """Give `cents` of the bill's last line back."""
    return issue_credit_note(
        bill,
        amounts={bill.lines.last().pk: cents},
        reason=reason,
        form_key=uuid.uuid4(),
        by=Actor(user=by),
        now=now or bill.issued_at + dt.timedelta(days=1),
    )


def check(account, *, check_number, amount_cents, now):
    """Record a check that came at `now`, as staff do; return its journal entry."""
    recorded = checks.record_check(
        account,
        number=check_number,
        amount_cents=amount_cents,
        received_on=billing_day(now),
        by=Actor(label="tests"),
        now=now,
    )
    return recorded.entry


@transaction.atomic
def frozen_bill(*, account, lines=(), month=Month(2026, 3, "America/New_York"), **fields):  # noqa: B008
    """A bill written straight into the tables, for pictures of it; no ledger, no legs.

    `lines` are (conference, participants, minutes, rate), each a session of its own.
    """
    pk = _next_pk()
    written = BillLine.objects.bulk_create(
        _line(pk, position, month, *line) for position, line in enumerate(lines, start=1)
    )
    charges = sum(line.cost_cents for line in written)
    issued_on = month.next().first_day
    defaults = {
        "number": next(serials),
        "month_start": month.start,
        "month_end": month.end,
        "billing_zone": month.zone,
        "issued_at": month.end + dt.timedelta(hours=6),
        "issued_on": issued_on,
        "due_on": issued_on + dt.timedelta(days=30 if account.terms == Terms.CHECK else 0),
        "terms": account.terms,
        "currency": account.currency,
        "account_number": account.number,
        "account_name": account.name,
        "account_address": account.address_lines,
        "account_country": account.country.code,
        "card_label": "Visa •••• 4242" if account.terms == Terms.CARD else "",
        "operator_name": "Meridian Conferencing, Inc.",
        "operator_address": ["480 Harbor Street, Suite 900", "Boston, MA 02210", "USA"],
        "operator_contact": ["+1 617 555 0100", "billing@meridian.example"],
        "operator_country": "US",
        "operator_registration": "04-3210987",
        "last_bill_cents": 0,
        "paid_cents": 0,
        "overdue_cents": 0,
        "not_yet_due_cents": 0,
        "credits_cents": 0,
        "current_charges_cents": charges,
        "amount_due_cents": charges,
    }
    return Bill.objects.create(pk=pk, account=account, **{**defaults, **fields})


def _next_pk():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('billing_bill', 'id'))")
        return cursor.fetchone()[0]


def _line(bill_pk, position, month, conference, participants, minutes, rate):
    rate = Decimal(rate)
    held = session(
        conference=conference, started_at=month.start + dt.timedelta(hours=position), legs=()
    )
    return BillLine(
        bill_id=bill_pk,
        position=position,
        session=held,
        conference=conference,
        conference_name=conference.name,
        conference_number=conference.number,
        billing_code=conference.billing_code,
        started_at=held.started_at,
        access_types=["toll_free"],
        participants=participants,
        minutes=minutes,
        rate_per_minute=rate,
        cost_cents=cents_of(minutes * rate),
    )
