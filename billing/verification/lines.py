"""Legs into lines into charges: none missing, none twice, each sum and product worked out anew."""

from billing.verification.check import Check

#: What the billed legs of each line come to.
_BILLED = """
    SELECT line_id, sum(legs) AS participants, sum(minutes) AS minutes,
           array_agg(access_type) AS access_types, bool_and(same_session) AS same_session
    FROM (
        SELECT billed.line_id, leg.access_type, count(*) AS legs,
               sum(leg.seconds / 60 + (leg.seconds %% 60 > 0)::int) AS minutes,
               bool_and(leg.session_id = line.session_id) AS same_session
        FROM billing_billedleg AS billed
        JOIN conferences_leg AS leg ON leg.id = billed.leg_id
        JOIN billing_billline AS line ON line.id = billed.line_id
        GROUP BY billed.line_id, leg.access_type
    ) AS of_one_type
    GROUP BY line_id
"""

#: Which rate held from which day until before which.
_RATES = """
    SELECT plan_id, conference_id, access_type, rate_per_minute, starts_on,
           lead(starts_on) OVER (
               PARTITION BY plan_id, conference_id, access_type ORDER BY starts_on
           ) AS ends_on
    FROM billing_rate
"""
_PLANS = """
    SELECT account_id, plan_id, starts_on,
           lead(starts_on) OVER (PARTITION BY account_id ORDER BY starts_on) AS ends_on
    FROM billing_accountplan
"""
#: When each session had ended as far as each of its bills knew: a leg that came late, billed only
#: by a later bill, may have moved the end since.
_KNOWN_ENDS = """
    SELECT line.bill_id, line.session_id,
           max(max(leg.left_at)) OVER (
               PARTITION BY line.session_id ORDER BY bill.month_start
           ) AS ended_at
    FROM billing_billedleg AS billed
    JOIN billing_billline AS line ON line.id = billed.line_id
    JOIN billing_bill AS bill ON bill.id = line.bill_id
    JOIN conferences_leg AS leg ON leg.id = billed.leg_id
    GROUP BY line.bill_id, line.session_id, bill.month_start
"""
#: Each rate that was billed for a conference, access type and day, with the first line that has it.
_USED_RATES = f"""
    SELECT bill.account_id, line.conference_id, access_type, line.rate_per_minute,
           (known.ended_at AT TIME ZONE bill.billing_zone)::date AS day,
           min(bill.number) AS bill, count(*) AS lines
    FROM billing_billline AS line
    CROSS JOIN unnest(line.access_types) AS access_type
    JOIN billing_bill AS bill ON bill.id = line.bill_id
    JOIN ({_KNOWN_ENDS}) AS known USING (bill_id, session_id)
    GROUP BY 1, 2, 3, 4, 5
"""

CHECKS = [
    Check(
        name="line_adds_up_its_legs",
        says="a line's participants, minutes and access types are those of the legs it billed",
        query=f"""
            SELECT bill.number AS bill, line.position AS line,
                   line.participants, billed.participants AS legs,
                   line.minutes, billed.minutes AS minutes_of_legs,
                   line.access_types, billed.access_types AS access_types_of_legs
            FROM billing_billline AS line
            JOIN billing_bill AS bill ON bill.id = line.bill_id
            LEFT JOIN ({_BILLED}) AS billed ON billed.line_id = line.id
            WHERE billed.line_id IS NULL OR NOT billed.same_session
               OR line.participants <> billed.participants OR line.minutes <> billed.minutes
               OR NOT line.access_types::text[] @> billed.access_types::text[]
               OR cardinality(line.access_types) <> cardinality(billed.access_types)
            ORDER BY bill.number, line.position
        """,
    ),
    Check(
        name="billed_leg_left_within_the_month",
        says="no leg is billed for a month in which it had not ended",
        query="""
            SELECT bill.number AS bill, line.position AS line, leg.external_id AS leg, leg.left_at,
                   bill.month_end
            FROM billing_billedleg AS billed
            JOIN billing_billline AS line ON line.id = billed.line_id
            JOIN billing_bill AS bill ON bill.id = line.bill_id
            JOIN conferences_leg AS leg ON leg.id = billed.leg_id
            WHERE leg.left_at >= bill.month_end
            ORDER BY bill.number, line.position
        """,
    ),
    Check(
        name="leg_is_billed_once",
        says="no leg is billed twice",
        query="""
            SELECT leg_id AS leg, count(*) AS times FROM billing_billedleg
            GROUP BY leg_id HAVING count(*) > 1 ORDER BY leg_id
        """,
    ),
    # A file that was finished within the hour may not have been committed when the bill was issued
    # (and two machines' clocks differ); then the next bill takes its legs, and is held to it here.
    Check(
        name="no_leg_is_forgotten",
        says="a leg that was there when the newest run was opened is billed, or its job waits",
        query="""
            SELECT account.number AS account, conference.number AS conference,
                   leg.bridge, leg.external_id AS leg, session.ended_at
            FROM (
                SELECT opened_at, billing_zone,
                       (make_date(year, month_of_year, 1) + interval '1 month')
                           AT TIME ZONE billing_zone AS month_end
                FROM billing_billrun ORDER BY year DESC, month_of_year DESC LIMIT 1
            ) AS newest
            JOIN conferences_session AS session ON session.ended_at < newest.month_end
            JOIN conferences_conference AS conference ON conference.id = session.conference_id
            JOIN accounts_account AS account ON account.id = conference.account_id
            JOIN conferences_leg AS leg ON leg.session_id = session.id
            JOIN conferences_callfile AS file ON file.id = leg.call_file_id
            WHERE coalesce(file.finished_at, file.received_at)
                      < newest.opened_at - interval '1 hour'
              AND session.ended_at >= coalesce(account.billed_from, account.activated_on)
                      ::timestamp AT TIME ZONE newest.billing_zone
              AND NOT EXISTS (SELECT FROM billing_billedleg WHERE leg_id = leg.id)
              AND NOT EXISTS (
                  SELECT FROM billing_billjob WHERE account_id = account.id AND bill_id IS NULL
              )
            ORDER BY account.number, session.ended_at, leg.id
        """,
    ),
    Check(
        name="line_is_of_its_account",
        says="a line's conference is the session's, and belongs to the account of the bill",
        query="""
            SELECT bill.number AS bill, line.position AS line, bill.account_number AS account,
                   conference.number AS conference
            FROM billing_billline AS line
            JOIN billing_bill AS bill ON bill.id = line.bill_id
            JOIN conferences_session AS session ON session.id = line.session_id
            JOIN conferences_conference AS conference ON conference.id = session.conference_id
            WHERE conference.account_id <> bill.account_id OR conference.id <> line.conference_id
            ORDER BY bill.number, line.position
        """,
    ),
    Check(
        name="line_costs_minutes_times_rate",
        says="a line's cost is its minutes times its rate, rounded half up to the cent",
        query="""
            SELECT bill.number AS bill, line.position AS line, minutes, rate_per_minute, cost_cents
            FROM billing_billline AS line JOIN billing_bill AS bill ON bill.id = line.bill_id
            WHERE cost_cents <> floor(minutes * rate_per_minute * 100 + 0.5)
            ORDER BY bill.number, line.position
        """,
    ),
    Check(
        name="rates_were_changed_later",
        says="a line's rate is the one that its rate tables say today for the day the call ended",
        serious=False,
        query=f"""
            SELECT used.bill, used.lines, used.access_type, used.day,
                   used.rate_per_minute AS billed_rate,
                   coalesce(own.rate_per_minute, planned.rate_per_minute) AS rate_now
            FROM ({_USED_RATES}) AS used
            LEFT JOIN ({_RATES}) AS own
                ON own.conference_id = used.conference_id AND own.access_type = used.access_type
                AND own.starts_on <= used.day AND (own.ends_on IS NULL OR own.ends_on > used.day)
            LEFT JOIN ({_PLANS}) AS plan
                ON plan.account_id = used.account_id
                AND plan.starts_on <= used.day AND (plan.ends_on IS NULL OR plan.ends_on > used.day)
            LEFT JOIN ({_RATES}) AS planned
                ON planned.plan_id = plan.plan_id AND planned.access_type = used.access_type
                AND planned.starts_on <= used.day
                AND (planned.ends_on IS NULL OR planned.ends_on > used.day)
            WHERE used.rate_per_minute
                IS DISTINCT FROM coalesce(own.rate_per_minute, planned.rate_per_minute)
            ORDER BY used.bill, used.day
        """,
    ),
    # Mending ends with the bill, so a mended code stays; the other two may be others by now.
    Check(
        name="line_has_the_mended_code",
        says="a line's billing code is the one that was mended on its session, if any was",
        query="""
            SELECT bill.number AS bill, line.position AS line, line.billing_code,
                   session.billing_code AS mended_code
            FROM billing_billline AS line
            JOIN billing_bill AS bill ON bill.id = line.bill_id
            JOIN conferences_session AS session ON session.id = line.session_id
            WHERE session.billing_code <> '' AND session.billing_code <> line.billing_code
            ORDER BY bill.number, line.position
        """,
    ),
    Check(
        name="codes_were_changed_later",
        says="a line's billing code is the one keyed in, else that of its conference, as of today",
        serious=False,
        query="""
            SELECT bill, conference, billing_code, code_now, count(*) AS lines
            FROM (
                SELECT bill.number AS bill, line.conference_number AS conference,
                       line.billing_code, session.billing_code AS mended_code,
                       CASE session.keyed_code WHEN '' THEN conference.billing_code
                           ELSE session.keyed_code END AS code_now
                FROM billing_billline AS line
                JOIN billing_bill AS bill ON bill.id = line.bill_id
                JOIN conferences_session AS session ON session.id = line.session_id
                JOIN conferences_conference AS conference ON conference.id = session.conference_id
            ) AS line
            WHERE mended_code = '' AND billing_code <> code_now
            GROUP BY bill, conference, billing_code, code_now
            ORDER BY bill, conference
        """,
    ),
    Check(
        name="lines_are_numbered_and_grouped",
        says="a bill's lines are numbered from 1, those of one conference name together",
        query="""
            SELECT number AS bill, count(*) AS lines, max(position) AS last_position,
                   count(DISTINCT conference_name) AS names,
                   count(*) FILTER (WHERE conference_name IS DISTINCT FROM name_before) AS groups
            FROM (
                SELECT bill.number, line.position, line.conference_name,
                       lag(line.conference_name)
                           OVER (PARTITION BY bill.id ORDER BY line.position) AS name_before
                FROM billing_billline AS line JOIN billing_bill AS bill ON bill.id = line.bill_id
            ) AS line
            GROUP BY number
            HAVING max(position) <> count(*) OR min(position) <> 1
                OR count(*) FILTER (WHERE conference_name IS DISTINCT FROM name_before)
                   <> count(DISTINCT conference_name)
            ORDER BY number
        """,
    ),
    Check(
        name="charges_are_the_sum_of_lines",
        says="a bill's current charges are the sum of its lines and of its charges beside calls",
        query="""
            SELECT bill.number AS bill, bill.current_charges_cents,
                   coalesce(billed.cents, 0) AS cents_of_lines
            FROM billing_bill AS bill
            LEFT JOIN (
                SELECT bill_id, sum(cents) AS cents FROM (
                    SELECT bill_id, cost_cents AS cents FROM billing_billline
                    UNION ALL
                    SELECT bill_id, amount_cents FROM billing_billcharge
                ) AS line GROUP BY bill_id
            ) AS billed ON billed.bill_id = bill.id
            WHERE bill.current_charges_cents <> coalesce(billed.cents, 0)
            ORDER BY bill.number
        """,
    ),
]
