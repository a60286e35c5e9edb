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
    SELECT bill_id, sum(amount_cents) AS cents
    FROM billing_allocation WHERE bill_id IS NOT NULL GROUP BY bill_id
"""
_ALLOCATED_TO_DEBIT = """
    SELECT debit_id, sum(amount_cents) AS cents
    FROM billing_allocation WHERE debit_id IS NOT NULL GROUP BY debit_id
"""
#: The sides of each kind of entry: which books it may touch beside receivable, and the sign there.
_KINDS = """
    VALUES ('bill', 1, '{revenue,tax}'::text[]), ('payment', -1, '{bank,card_clearing}'),
           ('bounced', 1, '{bank}'), ('credit_note', -1, '{credit_notes,tax}'),
           ('refund', 1, '{bank,card_clearing}'), ('refund_failed', -1, '{bank,card_clearing}'),
           ('dispute', 1, '{card_clearing}'), ('dispute_won', -1, '{card_clearing}'),
           ('write_off', -1, '{bad_debt}'), ('adjustment', 0, '{revenue,bad_debt,credit_notes}')
"""
#: Per account: unpaid charges of its bills and open debits, and what is left of its credits;
#: `kept` is the part of that which checks keep for staff.
_OPEN_ITEMS = f"""
    SELECT account_id, sum(unpaid) AS unpaid, sum(credit) AS credit,
           coalesce(sum(credit) FILTER (WHERE is_kept), 0) AS kept
    FROM (
        SELECT bill.account_id, bill.current_charges_cents - coalesce(to_bill.cents, 0) AS unpaid,
               0 AS credit, false AS is_kept
        FROM billing_bill AS bill
        LEFT JOIN ({_ALLOCATED_TO}) AS to_bill ON to_bill.bill_id = bill.id
        UNION ALL
        SELECT entry.account_id,
               CASE WHEN receivable.cents > 0
                    THEN receivable.cents - coalesce(to_debit.cents, 0) ELSE 0 END,
               CASE WHEN receivable.cents < 0
                    THEN -receivable.cents - coalesce(of_entry.cents, 0) ELSE 0 END,
               coalesce(paper.is_rest_kept, false)
        FROM billing_journalentry AS entry
        JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = entry.id
        JOIN ({_KINDS}) AS known (kind, sign, books) ON known.kind = entry.kind
        LEFT JOIN ({_ALLOCATED_FROM}) AS of_entry ON of_entry.entry_id = entry.id
        LEFT JOIN ({_ALLOCATED_TO_DEBIT}) AS to_debit ON to_debit.debit_id = entry.id
        LEFT JOIN billing_check AS paper ON paper.entry_id = entry.id
        WHERE entry.kind <> 'bill'
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
                       -sum(amount_cents) FILTER (WHERE book IN ('revenue', 'tax')) AS earned_cents
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
        says="an account's balance is what it has not paid less its credit that settles nothing",
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
        name="entry_has_the_sides_of_its_kind",
        says="each entry touches only the books of its kind, in its direction",
        query=f"""
            SELECT entry.reference AS entry, entry.kind, posting.book, posting.amount_cents
            FROM billing_journalentry AS entry
            JOIN ({_KINDS}) AS known (kind, sign, books) ON known.kind = entry.kind
            JOIN billing_posting AS posting ON posting.entry_id = entry.id
            WHERE CASE WHEN posting.book = 'receivable' THEN posting.amount_cents * sign < 0
                       ELSE posting.amount_cents * sign > 0 OR posting.book <> ALL (books) END
            ORDER BY entry.id, posting.id
        """,
    ),
    Check(
        name="allocations_fit_their_entry",
        says="no entry settles more than it brought in, nor what another account owes",
        query=f"""
            SELECT entry.reference AS entry, coalesce(-receivable.cents, 0) AS brought_in_cents,
                   allocated.cents AS allocated_cents, allocated.strays
            FROM (
                SELECT allocation.entry_id, sum(allocation.amount_cents) AS cents,
                       count(*) FILTER (
                           WHERE coalesce(bill.account_id, debit.account_id) <> entry.account_id
                       ) AS strays
                FROM billing_allocation AS allocation
                JOIN billing_journalentry AS entry ON entry.id = allocation.entry_id
                LEFT JOIN billing_bill AS bill ON bill.id = allocation.bill_id
                LEFT JOIN billing_journalentry AS debit ON debit.id = allocation.debit_id
                GROUP BY allocation.entry_id
            ) AS allocated
            JOIN billing_journalentry AS entry ON entry.id = allocated.entry_id
            LEFT JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = entry.id
            WHERE allocated.strays > 0
               OR allocated.cents NOT BETWEEN 0 AND coalesce(-receivable.cents, 0)
            ORDER BY entry.id
        """,
    ),
    Check(
        name="allocations_fit_what_they_settle",
        says="no bill is settled with more than its charges, no other debit with more than it is",
        query=f"""
            SELECT 'bill ' || bill.number AS settled, bill.current_charges_cents AS owed_cents,
                   allocated.cents AS allocated_cents
            FROM billing_bill AS bill
            JOIN ({_ALLOCATED_TO}) AS allocated ON allocated.bill_id = bill.id
            WHERE allocated.cents NOT BETWEEN 0 AND bill.current_charges_cents
            UNION ALL
            SELECT debit.reference, coalesce(receivable.cents, 0), allocated.cents
            FROM billing_journalentry AS debit
            JOIN ({_ALLOCATED_TO_DEBIT}) AS allocated ON allocated.debit_id = debit.id
            LEFT JOIN ({_RECEIVABLE}) AS receivable ON receivable.entry_id = debit.id
            WHERE allocated.cents NOT BETWEEN 0 AND coalesce(receivable.cents, 0)
               OR debit.kind = 'bill'
            ORDER BY settled
        """,
    ),
    Check(
        name="undone_allocation_takes_back_the_same",
        says="what undoes an allocation names the same credit, debt and amount",
        query="""
            SELECT undo.id AS allocation, undo.amount_cents, undone.amount_cents AS undone_cents
            FROM billing_allocation AS undo
            LEFT JOIN billing_allocation AS undone ON undone.id = undo.undoes_id
            WHERE (undo.amount_cents < 0 OR undo.undoes_id IS NOT NULL)
              AND (undo.entry_id, undo.bill_id, undo.debit_id, undo.amount_cents)
                  IS DISTINCT FROM
                  (undone.entry_id, undone.bill_id, undone.debit_id, -undone.amount_cents)
            ORDER BY undo.id
        """,
    ),
    Check(
        name="credit_settles_what_is_open",
        says="no account owes anything and has credit that could settle it, but for kept checks",
        query=f"""
            SELECT account.number AS account, items.unpaid AS unpaid_cents,
                   items.credit AS credit_cents
            FROM ({_OPEN_ITEMS}) AS items
            JOIN accounts_account AS account ON account.id = items.account_id
            WHERE items.unpaid > 0 AND items.credit > items.kept
            ORDER BY account.number
        """,
    ),
]
