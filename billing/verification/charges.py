"""Fees, surcharges, taxes and late fees: each reckoned anew, none missing, none twice."""

from billing.verification.check import Check

#: Which plan each account was on, from which day to which.
_PLANS = """
    SELECT account_plan.account_id, account_plan.plan_id, account_plan.starts_on AS first_day,
           lead(account_plan.starts_on) OVER (
               PARTITION BY account_plan.account_id ORDER BY account_plan.starts_on
           ) - 1 AS last_day,
           rate_plan.currency = account.currency AS is_in_its_currency
    FROM billing_accountplan AS account_plan
    JOIN billing_rateplan AS rate_plan ON rate_plan.id = account_plan.plan_id
    JOIN accounts_account AS account ON account.id = account_plan.account_id
"""
#: Each fee of each bill as the rules say today: from which day to which it ran in the bill's month.
_FEES_DUE = f"""
    SELECT * FROM (
        SELECT bill.id AS bill_id, fee.id AS fee_id, fee.amount_cents AS base_cents,
               greatest(
                   fee.starts_on, (bill.month_start AT TIME ZONE bill.billing_zone)::date,
                   coalesce(account.billed_from, account.activated_on), on_plan.first_day
               ) AS first_day,
               least(
                   fee.ends_on, (bill.month_end AT TIME ZONE bill.billing_zone)::date - 1,
                   account.closed_on, on_plan.last_day
               ) AS last_day
        FROM billing_bill AS bill
        JOIN accounts_account AS account ON account.id = bill.account_id
        LEFT JOIN ({_PLANS}) AS on_plan
            ON on_plan.account_id = account.id AND on_plan.is_in_its_currency
        JOIN billing_recurringfee AS fee
            ON fee.plan_id = on_plan.plan_id
        UNION
        SELECT bill.id, fee.id, fee.amount_cents,
               greatest(
                   fee.starts_on, (bill.month_start AT TIME ZONE bill.billing_zone)::date,
                   coalesce(account.billed_from, account.activated_on)
               ),
               least(
                   fee.ends_on, (bill.month_end AT TIME ZONE bill.billing_zone)::date - 1,
                   account.closed_on
               )
        FROM billing_bill AS bill
        JOIN accounts_account AS account ON account.id = bill.account_id
        JOIN billing_recurringfee AS fee ON fee.account_id = account.id
    ) AS due
    WHERE first_day <= last_day
"""
#: What of each bill a percentage may be of.
_PARTS = """
    SELECT bill.id AS bill_id,
           coalesce((SELECT sum(cost_cents) FROM billing_billline WHERE bill_id = bill.id), 0)
               AS calls,
           coalesce(sum(charge.amount_cents) FILTER (WHERE charge.kind = 'fee'), 0) AS fees,
           coalesce(sum(charge.amount_cents) FILTER (WHERE charge.kind = 'surcharge'), 0)
               AS surcharges
    FROM billing_bill AS bill LEFT JOIN billing_billcharge AS charge ON charge.bill_id = bill.id
    GROUP BY bill.id
"""

CHECKS = [
    Check(
        name="fee_is_charged_for_its_days",
        says="a fee is its month's amount by the days it ran, rounded half up to the cent",
        query="""
            SELECT bill.number AS bill, charge.name, charge.base_cents, charge.days,
                   charge.days_of_month, charge.amount_cents
            FROM billing_billcharge AS charge JOIN billing_bill AS bill ON bill.id = charge.bill_id
            WHERE charge.kind = 'fee' AND (
                charge.days <> charge.last_day - charge.first_day + 1
                OR charge.first_day < (bill.month_start AT TIME ZONE bill.billing_zone)::date
                OR charge.last_day >= (bill.month_end AT TIME ZONE bill.billing_zone)::date
                OR charge.days_of_month
                   <> (bill.month_end AT TIME ZONE bill.billing_zone)::date
                      - (bill.month_start AT TIME ZONE bill.billing_zone)::date
                OR charge.amount_cents
                   <> floor(charge.base_cents::numeric * charge.days / charge.days_of_month + 0.5)
            )
            ORDER BY bill.number, charge.position
        """,
    ),
    Check(
        name="percentage_is_of_the_lines_it_names",
        says="a surcharge or tax is a percentage of whole parts of its bill, rounded half up",
        query=f"""
            SELECT bill.number AS bill, charge.name, charge.base_cents, charge.percent,
                   charge.amount_cents
            FROM billing_billcharge AS charge
            JOIN billing_bill AS bill ON bill.id = charge.bill_id
            JOIN ({_PARTS}) AS part ON part.bill_id = bill.id
            WHERE charge.kind IN ('surcharge', 'tax') AND (
                charge.amount_cents <> floor(charge.base_cents * charge.percent / 100 + 0.5)
                OR charge.base_cents NOT IN (
                    calls, fees, calls + fees, surcharges, calls + surcharges, fees + surcharges,
                    calls + fees + surcharges
                )
                OR charge.kind = 'surcharge' AND charge.base_cents > calls + fees
            )
            ORDER BY bill.number, charge.position
        """,
    ),
    Check(
        name="late_fee_is_for_a_late_bill",
        says="a late fee is for an earlier bill of the account that was past due, once for each",
        query="""
            SELECT bill.number AS bill, late.number AS late_bill, charge.amount_cents
            FROM billing_billcharge AS charge
            JOIN billing_bill AS bill ON bill.id = charge.bill_id
            LEFT JOIN billing_bill AS late
                ON late.id = charge.late_bill_id AND late.account_id = bill.account_id
            WHERE charge.kind = 'late_fee' AND (
                late.id IS NULL OR late.due_on >= bill.issued_on
                OR charge.base_cents > late.current_charges_cents
                OR charge.amount_cents < floor(charge.base_cents * charge.percent / 100 + 0.5)
                OR (SELECT count(*) FROM billing_billcharge AS other
                    WHERE other.late_bill_id = late.id) > 1
            )
            ORDER BY bill.number, charge.position
        """,
    ),
    Check(
        name="charges_are_numbered",
        says="a bill's charges are numbered from 1: fees, surcharges, taxes, late fees",
        query="""
            SELECT number AS bill, count(*) AS charges, max(position) AS last_position
            FROM (
                SELECT bill.number, charge.position, place,
                       max(place) OVER (
                           PARTITION BY bill.id ORDER BY charge.position
                       ) AS furthest
                FROM billing_billcharge AS charge
                JOIN billing_bill AS bill ON bill.id = charge.bill_id
                LEFT JOIN (VALUES ('fee', 1), ('surcharge', 2), ('tax', 3), ('late_fee', 4))
                    AS kinds (kind, place) USING (kind)
            ) AS charge
            GROUP BY number
            HAVING max(position) <> count(*) OR min(position) <> 1 OR bool_or(place < furthest)
                OR bool_or(place IS NULL)
            ORDER BY number
        """,
    ),
    Check(
        name="taxes_are_booked_as_billed",
        says="what a bill's entry passes on as tax is the sum of the bill's taxes",
        query="""
            SELECT bill.number AS bill, coalesce(taxes.cents, 0) AS tax_cents,
                   coalesce(booked.cents, 0) AS booked_cents
            FROM billing_bill AS bill
            LEFT JOIN (
                SELECT bill_id, sum(amount_cents) AS cents
                FROM billing_billcharge WHERE kind = 'tax' GROUP BY bill_id
            ) AS taxes ON taxes.bill_id = bill.id
            LEFT JOIN (
                SELECT entry.reference, -sum(posting.amount_cents) AS cents
                FROM billing_journalentry AS entry
                JOIN billing_posting AS posting ON posting.entry_id = entry.id
                WHERE entry.kind = 'bill' AND posting.book = 'tax'
                GROUP BY entry.id
            ) AS booked
                ON booked.reference
                   = 'bill:' || lpad(number::text, greatest(6, length(number::text)), '0')
            WHERE coalesce(taxes.cents, 0) <> coalesce(booked.cents, 0)
            ORDER BY bill.number
        """,
    ),
    Check(
        name="fees_were_changed_later",
        says="a bill's fees are those that the rules say today for its month",
        serious=False,
        query=f"""
            SELECT bill.number AS bill, coalesce(charge.name, fee.name) AS fee,
                   charge.days AS days_charged, due.last_day - due.first_day + 1 AS days_due
            FROM ({_FEES_DUE}) AS due
            FULL JOIN (SELECT * FROM billing_billcharge WHERE kind = 'fee') AS charge
                USING (bill_id, fee_id, base_cents, first_day, last_day)
            JOIN billing_bill AS bill ON bill.id = bill_id
            LEFT JOIN billing_recurringfee AS fee ON fee.id = fee_id
            WHERE charge.id IS NULL OR due.last_day IS NULL
            ORDER BY bill.number, fee
        """,
    ),
]
