"""The ledger: balanced entries, every bill booked, and no cent settled twice."""

from billing.verification.check import Check

_RECEIVABLE = """
    SELECT entry_id, sum(amount_cents) AS cents
    FROM billing_posting WHERE book = 'receivable' GROUP BY entry_id
"""
_ALLOCATED_FROM = """
    SELECT entry_id, sum(amount_cents) AS cents FROM billing_allocation GROUP BY entry_id
"""
_ALLOCATED_TO = """
    SELECT bill_id, sum(amount_cents) AS cents FROM billing_allocation GROUP BY bill_id
"""
#: Per account: unpaid charges of its bills, and what is left of its payments.
_OPEN_ITEMS = f"""
    SELECT account_id, sum(unpaid) AS unpaid, sum(credit) AS credit
    FROM (
        SELECT bill.account_id, bill.current_charges_cents - coalesce(to_bill.cents, 0) AS unpaid,
               0 AS credit
        FROM billing_bill AS bill
        LEFT JOIN ({_ALLOCATED_TO}) AS to_bill ON to_bill.bill_id = bill.id
        UNION ALL
        SELECT entry.account_id, 0, -receivable.cents - coalesce(of_entry.cents, 0)
        FROM billing_journalentry AS entry
        JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = entry.id
        LEFT JOIN ({_ALLOCATED_FROM}) AS of_entry ON of_entry.entry_id = entry.id
        WHERE entry.kind = 'payment'
    ) AS item
    GROUP BY account_id
"""

CHECKS = [
    Check(
        name="entry_balances",
        says="the postings of each journal entry add up to zero",
        query="""
            SELECT entry.reference AS entry, sum(posting.amount_cents) AS sum_cents
            FROM billing_journalentry AS entry
            LEFT JOIN billing_posting AS posting ON posting.entry_id = entry.id
            GROUP BY entry.id HAVING sum(posting.amount_cents) IS DISTINCT FROM 0
            ORDER BY entry.id
        """,
    ),
    Check(
        name="reference_is_booked_once",
        says="no fact is booked twice under one reference",
        query="""
            SELECT reference, count(*) AS entries FROM billing_journalentry
            GROUP BY reference HAVING count(*) > 1 ORDER BY reference
        """,
    ),
    Check(
        name="every_bill_is_booked",
        says="each bill's charges are booked by one entry, and each such entry has its bill",
        query="""
            SELECT bill.number AS bill, bill.current_charges_cents, entry.reference AS entry,
                   entry.charged_cents, entry.earned_cents
            FROM (
                SELECT *, 'bill:' || lpad(number::text, greatest(6, length(number::text)), '0')
                           AS reference
                FROM billing_bill WHERE current_charges_cents <> 0
            ) AS bill
            FULL JOIN (
                SELECT entry.reference, entry.account_id, entry.currency,
                       sum(amount_cents) FILTER (WHERE book = 'receivable') AS charged_cents,
                       -sum(amount_cents) FILTER (WHERE book = 'revenue') AS earned_cents
                FROM billing_journalentry AS entry
                JOIN billing_posting AS posting ON posting.entry_id = entry.id
                WHERE entry.kind = 'bill' GROUP BY entry.id
            ) AS entry USING (reference)
            WHERE (entry.account_id, entry.currency, entry.charged_cents, entry.earned_cents)
                IS DISTINCT FROM (bill.account_id, bill.currency, bill.current_charges_cents,
                                  bill.current_charges_cents)
            ORDER BY bill.number, entry.reference
        """,
    ),
    Check(
        name="balance_is_what_is_unpaid",
        says="an account's balance is its unpaid charges less its credit that settles no bill yet",
        query=f"""
            SELECT account.number AS account, coalesce(balance.cents, 0) AS balance_cents,
                   coalesce(items.unpaid, 0) AS unpaid_cents,
                   coalesce(items.credit, 0) AS credit_cents
            FROM accounts_account AS account
            LEFT JOIN (
                SELECT entry.account_id, sum(receivable.cents) AS cents
                FROM billing_journalentry AS entry
                JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = entry.id
                GROUP BY entry.account_id
            ) AS balance ON balance.account_id = account.id
            LEFT JOIN ({_OPEN_ITEMS}) AS items ON items.account_id = account.id
            WHERE coalesce(balance.cents, 0) <> coalesce(items.unpaid - items.credit, 0)
            ORDER BY account.number
        """,
    ),
    Check(
        name="allocations_fit_their_entry",
        says="no entry settles more than it brought in, nor another account's bill",
        query=f"""
            SELECT entry.reference AS entry, coalesce(-receivable.cents, 0) AS brought_in_cents,
                   allocated.cents AS allocated_cents, allocated.strays
            FROM (
                SELECT allocation.entry_id, sum(allocation.amount_cents) AS cents,
                       count(*) FILTER (WHERE bill.account_id <> entry.account_id) AS strays
                FROM billing_allocation AS allocation
                JOIN billing_journalentry AS entry ON entry.id = allocation.entry_id
                JOIN billing_bill AS bill ON bill.id = allocation.bill_id
                GROUP BY allocation.entry_id
            ) AS allocated
            JOIN billing_journalentry AS entry ON entry.id = allocated.entry_id
            LEFT JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = entry.id
            WHERE allocated.strays > 0 OR allocated.cents > coalesce(-receivable.cents, 0)
            ORDER BY entry.id
        """,
    ),
    Check(
        name="allocations_fit_their_bill",
        says="no bill is settled with more than its charges",
        query=f"""
            SELECT bill.number AS bill, bill.current_charges_cents,
                   allocated.cents AS allocated_cents
            FROM billing_bill AS bill
            JOIN ({_ALLOCATED_TO}) AS allocated ON allocated.bill_id = bill.id
            WHERE allocated.cents > bill.current_charges_cents
            ORDER BY bill.number
        """,
    ),
    Check(
        name="credit_settles_open_bills",
        says="no account has an unpaid bill and credit that could settle it",
        query=f"""
            SELECT account.number AS account, items.unpaid AS unpaid_cents,
                   items.credit AS credit_cents
            FROM ({_OPEN_ITEMS}) AS items
            JOIN accounts_account AS account ON account.id = items.account_id
            WHERE items.unpaid > 0 AND items.credit > 0
            ORDER BY account.number
        """,
    ),
]
