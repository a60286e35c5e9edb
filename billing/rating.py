"""Calls into lines: rating, set-wise in SQL.

One line is one session at one rate. A leg's minutes are its seconds rounded up to whole minutes;
the rate is the one in force on the day (of the billing zone) the session ended: the conference's
own, or else that of the account's plan, if the plan is in its currency. The cost is minutes times
rate, rounded once, half up, to the cent. Legs that a bill has taken are left out, so the same
rating shows the unbilled activity and freezes the bill.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from accounts.models import Account
from conferences.models.session import BILLING_CODE

#: Every unbilled leg of the accounts' sessions that ended since they are billed here and before
#: `until`, with its rate.
RATED_LEGS = """
due AS (
    SELECT leg.id AS leg_id, leg.session_id, leg.access_type,
           (leg.seconds + 59) / 60 AS minutes,
           (session.ended_at AT TIME ZONE %(zone)s)::date AS ended_on,
           session.conference_id, account.id AS account_id, account.currency
    FROM accounts_account AS account
    JOIN conferences_conference AS conference ON conference.account_id = account.id
    JOIN conferences_session AS session ON session.conference_id = conference.id
    JOIN conferences_leg AS leg ON leg.session_id = session.id
    WHERE account.id = ANY(%(accounts)s)
      AND session.ended_at >= coalesce(account.billed_from, account.activated_on)::timestamp
                                  AT TIME ZONE %(zone)s
      AND session.ended_at < %(until)s
      AND NOT EXISTS (SELECT FROM billing_billedleg AS billed WHERE billed.leg_id = leg.id)
),
priced AS MATERIALIZED (
    SELECT due.conference_id, due.access_type, due.ended_on,
           coalesce(own.rate_per_minute, planned.rate_per_minute) AS rate_per_minute
    FROM (
        SELECT DISTINCT account_id, currency, conference_id, access_type, ended_on FROM due
    ) AS due
    LEFT JOIN LATERAL (
        SELECT rate_per_minute FROM billing_rate
        WHERE conference_id = due.conference_id
          AND access_type = due.access_type AND starts_on <= due.ended_on
        ORDER BY starts_on DESC LIMIT 1
    ) AS own ON true
    LEFT JOIN LATERAL (
        SELECT rate_per_minute
        FROM billing_rate JOIN billing_rateplan AS plan ON plan.id = billing_rate.plan_id
        WHERE plan_id = (
                SELECT plan_id FROM billing_accountplan
                WHERE account_id = due.account_id AND starts_on <= due.ended_on
                ORDER BY starts_on DESC LIMIT 1
              )
          AND plan.currency = due.currency
          AND access_type = due.access_type AND starts_on <= due.ended_on
        ORDER BY starts_on DESC LIMIT 1
    ) AS planned ON true
),
rated AS (
    SELECT due.leg_id, due.session_id, due.access_type, due.minutes, priced.rate_per_minute
    FROM due JOIN priced USING (conference_id, access_type, ended_on)
)
"""

CODE = BILLING_CODE.format(
    mended="session.billing_code", keyed="session.keyed_code", own="conference.billing_code"
)

#: What is printed of a line, in the order of UnbilledLine.
COLUMNS = """
    session_id, conference_id, conference_name, conference_number, billing_code, started_at,
    access_types, participants, minutes, rate_per_minute, cost_cents
"""

LINES = f"""
SELECT session.id AS session_id, session.conference_id, conference.name AS conference_name,
       conference.number AS conference_number,
       {CODE} AS billing_code,
       session.started_at, grouped.access_types, grouped.participants, grouped.minutes,
       grouped.rate_per_minute, grouped.leg_ids,
       round(grouped.minutes * grouped.rate_per_minute * 100)::bigint AS cost_cents,
       row_number() OVER (
           ORDER BY lower(conference.name), conference.name, session.started_at, session.id,
                    grouped.rate_per_minute
       ) AS position
FROM (
    SELECT session_id, rate_per_minute, count(*) AS participants, sum(minutes) AS minutes,
           array_agg(DISTINCT access_type ORDER BY access_type) AS access_types,
           array_agg(leg_id) AS leg_ids
    FROM rated GROUP BY session_id, rate_per_minute
) AS grouped
JOIN conferences_session AS session ON session.id = grouped.session_id
JOIN conferences_conference AS conference ON conference.id = session.conference_id
"""

SHOW_LINES = (
    f"WITH {RATED_LEGS} SELECT {COLUMNS}, position FROM ({LINES}) AS line ORDER BY position"
)

USAGE = f"""
WITH {RATED_LEGS}
SELECT conference.account_id, count(DISTINCT line.session_id), sum(line.minutes),
       coalesce(sum(line.cost_cents), 0)::bigint,
       count(*) FILTER (WHERE line.rate_per_minute IS NULL)
FROM ({LINES}) AS line JOIN conferences_conference AS conference ON conference.id = conference_id
GROUP BY conference.account_id
"""

# Each line draws its id first and brings its legs along, so that nothing needs to be joined again:
# the planner cannot guess how many lines there are.
FREEZE_LINES = f"""
WITH {RATED_LEGS},
lines AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('billing_billline', 'id')) AS id, line.*
    FROM ({LINES}) AS line
),
frozen AS (
    INSERT INTO billing_billline (id, {COLUMNS}, position, bill_id)
    SELECT id, {COLUMNS}, position, %(bill)s FROM lines
),
taken AS (
    INSERT INTO billing_billedleg (leg_id, line_id) SELECT unnest(leg_ids), id FROM lines
)
SELECT coalesce(sum(cost_cents), 0)::bigint FROM lines
"""


class MissingRate(Exception):
    """A session cannot be priced: neither its conference nor the account's plan has a rate."""


@dataclass(frozen=True, slots=True)
class UnbilledLine:
    """One session at one rate that no bill has taken yet; the rate is None where it is missing."""

    session_id: int
    conference_id: int
    conference_name: str
    conference_number: str
    billing_code: str
    started_at: dt.datetime
    access_types: list[str]
    participants: int
    minutes: int
    rate_per_minute: Decimal | None
    cost_cents: int | None
    position: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What one account called and no bill has taken yet; `unrated` lines cost nothing so far."""

    calls: int = 0
    minutes: int = 0
    cost_cents: int = 0
    unrated: int = 0


def usage_of(accounts: Iterable[Account], *, until: dt.datetime) -> dict[int, Usage]:
    """Add up the same lines for each of `accounts`, by account key, in one query.

    Accounts that did not call are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(USAGE, _parameters(accounts, until))
        return {pk: Usage(calls, int(minutes), *rest) for pk, calls, minutes, *rest in cursor}


def unbilled_lines(account: Account, *, until: dt.datetime) -> list[UnbilledLine]:
    """Rate the account's unbilled sessions that ended before `until` (aware), in printed order."""
    with connection.cursor() as cursor:
        cursor.execute(SHOW_LINES, _parameters([account], until))
        return [UnbilledLine(*row) for row in cursor.fetchall()]


def freeze_lines(account: Account, *, until: dt.datetime, bill_pk: int) -> int:
    """Write the same lines as lines of the bill to come; return the sum of their cost in cents.

    One statement, so that the lines and the legs they take are of one moment. To be called within
    the transaction that then writes the bill itself, under the account's lock.

    Raises MissingRate.
    """
    refuse_missing_rates(account, until=until)
    with connection.cursor() as cursor:
        cursor.execute(FREEZE_LINES, {**_parameters([account], until), "bill": bill_pk})
        return cursor.fetchone()[0]


def refuse_missing_rates(account: Account, *, until: dt.datetime) -> None:
    """Raises MissingRate, naming the first conference and access type that have no rate."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {RATED_LEGS}
            SELECT conference.name, rated.access_type, session.ended_at
            FROM rated
            JOIN conferences_session AS session ON session.id = rated.session_id
            JOIN conferences_conference AS conference ON conference.id = session.conference_id
            WHERE rated.rate_per_minute IS NULL
            ORDER BY session.ended_at, rated.leg_id LIMIT 1
            """,
            _parameters([account], until),
        )
        missing = cursor.fetchone()
    if missing:
        name, access_type, ended_at = missing
        raise MissingRate(f"no {access_type} rate for {name!r} on {ended_at:%Y-%m-%d}")


def billed_since(account: Account) -> dt.datetime:
    """Return the instant from which the account's sessions are billed here."""
    since = account.billed_from or account.activated_on
    return dt.datetime.combine(since, dt.time(), tzinfo=ZoneInfo(settings.BILLING_TIME_ZONE))


def _parameters(accounts: Iterable[Account], until: dt.datetime) -> dict[str, object]:
    return {
        "accounts": [account.pk for account in accounts],
        "until": until,
        "zone": settings.BILLING_TIME_ZONE,
    }
