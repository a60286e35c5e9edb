"""The statement block of each bill, worked out anew from the bills and the ledger before it."""

from billing.verification.check import Check

#: Each bill with the one before it of the same account.
_IN_ORDER = """
    SELECT *, coalesce(lag(amount_due_cents) OVER earlier, 0) AS due_before,
           coalesce(lag(last_entry_pk) OVER earlier, 0) AS entry_before
    FROM billing_bill
    WINDOW earlier AS (PARTITION BY account_id ORDER BY number)
"""
#: The balance after each journal entry, and all that payments and corrections had settled by then.
_JOURNAL = """
    SELECT entry.id, entry.account_id,
           sum(posting.amount_cents) OVER so_far AS balance_cents,
           -sum(posting.amount_cents) FILTER (
               WHERE entry.kind IN ('payment', 'bounced', 'refund', 'refund_failed', 'dispute',
                                    'dispute_won')
           ) OVER so_far AS paid_cents,
           -sum(posting.amount_cents) FILTER (
               WHERE entry.kind IN ('credit_note', 'write_off', 'adjustment')
           ) OVER so_far AS corrected_cents
    FROM billing_journalentry AS entry
    LEFT JOIN billing_posting AS posting
        ON posting.entry_id = entry.id AND posting.book = 'receivable'
    WINDOW so_far AS (PARTITION BY entry.account_id ORDER BY entry.id)
"""
#: Up to which journal entry each bill was open: NULL where it still is, or was again.
_SETTLED = """
    SELECT bill.id, min(running.entry_id) AS by_entry
    FROM billing_bill AS bill
    LEFT JOIN (
        SELECT bill_id, booked_with_id AS entry_id,
               sum(amount_cents) OVER (PARTITION BY bill_id ORDER BY booked_with_id) AS so_far,
               min(amount_cents) OVER (PARTITION BY bill_id) AS least
        FROM billing_allocation
    ) AS running
        ON running.bill_id = bill.id AND running.so_far >= bill.current_charges_cents
       AND running.least > 0
    GROUP BY bill.id
"""
#: What was left unpaid of earlier bills, and of debits beside them, when a bill was issued.
_UNPAID_BEFORE = f"""
    SELECT bill.id, earlier.due_on < bill.issued_on AS is_overdue,
           earlier.current_charges_cents - coalesce((
               SELECT sum(amount_cents) FROM billing_allocation
               WHERE bill_id = earlier.id AND booked_with_id <= bill.last_entry_pk
           ), 0) AS cents
    FROM billing_bill AS bill
    JOIN billing_bill AS earlier
        ON earlier.account_id = bill.account_id AND earlier.number < bill.number
    JOIN ({_SETTLED}) AS settled ON settled.id = earlier.id
    WHERE earlier.current_charges_cents > 0
      AND (settled.by_entry IS NULL OR settled.by_entry > bill.last_entry_pk)
    UNION ALL
    SELECT bill.id, (debit.booked_at AT TIME ZONE %(zone)s)::date < bill.issued_on,
           posting.amount_cents - coalesce((
               SELECT sum(amount_cents) FROM billing_allocation
               WHERE debit_id = debit.id AND booked_with_id <= bill.last_entry_pk
           ), 0)
    FROM billing_bill AS bill
    JOIN billing_journalentry AS debit
        ON debit.account_id = bill.account_id AND debit.id <= bill.last_entry_pk
       AND debit.kind <> 'bill'
    JOIN billing_posting AS posting
        ON posting.entry_id = debit.id AND posting.book = 'receivable' AND posting.amount_cents > 0
"""

CHECKS = [
    Check(
        name="statement_adds_up",
        says="overdue and not yet due, less credits, with the current charges are the amount due",
        query="""
            SELECT number AS bill, overdue_cents, not_yet_due_cents, credits_cents,
                   current_charges_cents, amount_due_cents
            FROM billing_bill
            WHERE overdue_cents + not_yet_due_cents + current_charges_cents
                  <> amount_due_cents + credits_cents
            ORDER BY number
        """,
    ),
    Check(
        name="statement_names_the_last_bill",
        says="the amount of the last bill is the amount due of the bill before",
        query=f"""
            SELECT number AS bill, last_bill_cents, due_before AS amount_due_before
            FROM ({_IN_ORDER}) AS bill
            WHERE last_bill_cents <> due_before
            ORDER BY number
        """,
    ),
    *(
        Check(
            name=f"statement_counts_the_{noun}",
            says=f"{words} between the bill before and this one",
            query=f"""
                SELECT * FROM (
                    SELECT bill.number AS bill, bill.{column} AS stated_cents,
                           coalesce(here.{column}, 0) - coalesce(before.{column}, 0)
                               AS booked_cents
                    FROM ({_IN_ORDER}) AS bill
                    LEFT JOIN ({_JOURNAL}) AS here
                        ON here.id = bill.last_entry_pk AND here.account_id = bill.account_id
                    LEFT JOIN ({_JOURNAL}) AS before
                        ON before.id = bill.entry_before AND before.account_id = bill.account_id
                ) AS statement
                WHERE stated_cents <> booked_cents
                ORDER BY bill
            """,
        )
        for noun, column, words in [
            ("payments", "paid_cents", "the amount paid is what payments brought in"),
            (
                "corrections",
                "corrected_cents",
                "corrections are what credit notes and such took off",
            ),
        ]
    ),
    Check(
        name="statement_sorts_what_is_unpaid",
        says="overdue and not yet due are what earlier bills had unpaid, by their due dates",
        query=f"""
            SELECT bill.number AS bill, overdue_cents, not_yet_due_cents,
                   coalesce(sum(cents) FILTER (WHERE is_overdue), 0) AS unpaid_and_overdue,
                   coalesce(sum(cents) FILTER (WHERE NOT is_overdue), 0) AS unpaid_not_yet_due
            FROM billing_bill AS bill
            LEFT JOIN ({_UNPAID_BEFORE}) AS unpaid ON unpaid.id = bill.id
            GROUP BY bill.id
            HAVING overdue_cents <> coalesce(sum(cents) FILTER (WHERE is_overdue), 0)
                OR not_yet_due_cents <> coalesce(sum(cents) FILTER (WHERE NOT is_overdue), 0)
            ORDER BY bill.number
        """,
    ),
    Check(
        name="amount_due_is_the_balance",
        says="the amount due is the ledger's balance when the bill was issued",
        query=f"""
            SELECT bill.number AS bill, bill.amount_due_cents,
                   coalesce(here.balance_cents, 0) AS balance_cents
            FROM billing_bill AS bill
            LEFT JOIN ({_JOURNAL}) AS here
                ON here.id = bill.last_entry_pk AND here.account_id = bill.account_id
            WHERE bill.amount_due_cents <> coalesce(here.balance_cents, 0)
            ORDER BY bill.number
        """,
    ),
]
