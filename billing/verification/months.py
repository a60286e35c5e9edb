"""Months, their runs and their bills: one each, in order, numbered without a gap."""

from billing.verification.check import Check

_RUNS = """
    SELECT id, first_day, first_day + interval '1 month' AS next_day, billing_zone,
           first_day::timestamp AT TIME ZONE billing_zone AS month_start
    FROM (
        SELECT id, billing_zone, make_date(year, month_of_year, 1) AS first_day FROM billing_billrun
    ) AS opened
"""
_DUE_BILLS = f"""
    SELECT run.first_day, run.month_start, account.id AS account_id, account.number AS account,
           job.id IS NULL AS has_no_job, coalesce(job.held_because, '') AS held_because,
           count(bill.id) AS bills
    FROM ({_RUNS}) AS run
    JOIN accounts_account AS account
        ON account.activated_on < run.next_day
        AND (account.billed_from IS NULL OR account.billed_from < run.next_day)
        AND (account.closed_on IS NULL OR account.closed_on >= run.first_day)
    LEFT JOIN billing_billjob AS job ON job.run_id = run.id AND job.account_id = account.id
    LEFT JOIN billing_bill AS bill
        ON bill.account_id = account.id AND bill.month_start = run.month_start
    GROUP BY run.first_day, run.month_start, account.id, job.id
"""

CHECKS = [
    Check(
        name="every_closed_month_has_its_run",
        says="every month from the first run on is run once it is closed and its grace is over",
        query="""
            SELECT to_char(month, 'YYYY-MM') AS month
            FROM generate_series(
                (SELECT min(make_date(year, month_of_year, 1)) FROM billing_billrun),
                %(now)s AT TIME ZONE %(zone)s, '1 month'
            ) AS month
            WHERE (month + interval '1 month') AT TIME ZONE %(zone)s
                      + make_interval(hours => %(grace_hours)s) <= %(now)s
              AND NOT EXISTS (
                  SELECT FROM billing_billrun WHERE make_date(year, month_of_year, 1) = month
              )
            ORDER BY month
        """,
    ),
    Check(
        name="every_active_account_has_one_bill_a_month",
        says="an account has one bill for each month it was active in, or is held for staff",
        query=f"""
            SELECT to_char(first_day, 'YYYY-MM') AS month, account, bills,
                   CASE WHEN has_no_job THEN 'no job' ELSE 'job' END AS job
            FROM ({_DUE_BILLS}) AS due
            WHERE bills > 1 OR (bills = 0 AND held_because = '')
            ORDER BY first_day, account
        """,
    ),
    Check(
        name="bills_wait_for_staff",
        says="held bills are listed with the reason",
        serious=False,
        query=f"""
            SELECT to_char(first_day, 'YYYY-MM') AS month, account, held_because
            FROM ({_DUE_BILLS}) AS due
            WHERE bills = 0 AND held_because <> ''
            ORDER BY first_day, account
        """,
    ),
    Check(
        name="bill_belongs_to_its_job",
        says="each bill is that of a job of the same account and month",
        query=f"""
            SELECT bill.number AS bill, to_char(run.first_day, 'YYYY-MM') AS month_of_job
            FROM billing_bill AS bill
            LEFT JOIN billing_billjob AS job ON job.bill_id = bill.id
            LEFT JOIN ({_RUNS}) AS run ON run.id = job.run_id
            WHERE job.id IS NULL OR job.account_id <> bill.account_id
               OR run.month_start <> bill.month_start
            ORDER BY bill.number
        """,
    ),
    Check(
        name="bill_covers_a_calendar_month",
        says="a bill covers one calendar month of its zone, and is issued after it",
        query="""
            SELECT number AS bill, month_start, month_end, billing_zone, issued_at
            FROM (
                SELECT *, month_start AT TIME ZONE billing_zone AS local_start,
                       month_end AT TIME ZONE billing_zone AS local_end
                FROM billing_bill
            ) AS bill
            WHERE local_start <> date_trunc('month', local_start)
               OR local_end <> local_start + interval '1 month'
               OR issued_at < month_end
            ORDER BY number
        """,
    ),
    Check(
        name="bill_numbers_have_no_gap",
        says="bills are numbered from 1 without a gap, and no number is given twice",
        query="""
            SELECT expected AS number, count(bill.id) AS bills
            FROM generate_series(1, (SELECT max(number) FROM billing_bill)) AS expected
            LEFT JOIN billing_bill AS bill ON bill.number = expected
            GROUP BY expected HAVING count(bill.id) <> 1
            ORDER BY expected
        """,
    ),
    Check(
        name="next_number_follows_the_last",
        says="the number that the next bill gets is the one after the last",
        query="""
            SELECT next, newest.number AS last_number
            FROM billing_billnumber, (SELECT max(number) AS number FROM billing_bill) AS newest
            WHERE next <> coalesce(newest.number, 0) + 1
        """,
    ),
    Check(
        name="months_of_an_account_are_in_order",
        says="of one account, a later number is a later month",
        query="""
            SELECT account_number AS account, number AS bill, month_start, month_end_before
            FROM (
                SELECT *, lag(month_end) OVER (PARTITION BY account_id ORDER BY number)
                           AS month_end_before
                FROM billing_bill
            ) AS bill
            WHERE month_start < month_end_before
            ORDER BY number
        """,
    ),
]
