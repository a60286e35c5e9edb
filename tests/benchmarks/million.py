"""A month with a million legs, written by the database itself."""

import datetime as dt

from django.db import connection

from accounts.periods import Month
from conferences.models import CallFile
from tests import make

MARCH = Month(2026, 3, "America/New_York")
ACCOUNTS = 200
SESSIONS_EACH = 500
LEGS_EACH = 10
LEGS = ACCOUNTS * SESSIONS_EACH * LEGS_EACH

SESSIONS = """
INSERT INTO conferences_session
    (conference_id, bridge, external_id, started_at, ended_at, billing_code,
     keyed_code)
SELECT conference.id, 'bridge1', conference.id || '-' || nth, start, start + interval '2 hours', '',
       ''
FROM conferences_conference AS conference, generate_series(1, %(sessions)s) AS nth,
     LATERAL (SELECT %(first)s + nth * interval '80 minutes' AS start) AS held
"""
LEGS_OF_SESSIONS = """
INSERT INTO conferences_leg
    (session_id, bridge, external_id, joined_at, left_at, seconds, caller_name, caller_number,
     dialled_number, access_type, is_moderator, left_because, call_file_id, position)
SELECT session.id, 'bridge1', session.id || '-' || nth, session.started_at,
       session.started_at + make_interval(secs => length), length, 'Renée', '12125550123', '',
       (ARRAY['toll_free', 'local', 'international', 'out_dial'])[1 + (session.id + nth) %% 4],
       false, '', %(file)s, nth
FROM conferences_session AS session, generate_series(1, %(legs)s) AS nth,
     LATERAL (SELECT ((session.id * 7919 + nth * 104729) %% 7200)::int AS length) AS drawn
"""


def add_million_legs():
    """Write accounts, each with one conference, their sessions and legs; return the accounts."""
    plan = make.rate_plan()
    accounts = [make.account(plan=plan, terms="check") for _ in range(ACCOUNTS)]
    for account in accounts:
        make.conference(account=account)
    source = CallFile.objects.create(
        name="million.csv", sha256="0" * 64, received_at=MARCH.start - dt.timedelta(days=1)
    )
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS, {"sessions": SESSIONS_EACH, "first": MARCH.start})
        cursor.execute(LEGS_OF_SESSIONS, {"legs": LEGS_EACH, "file": source.pk})
        cursor.execute("ANALYZE")
    return accounts
