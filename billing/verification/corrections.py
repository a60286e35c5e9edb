"""Credit notes, refunds, disputes and write-offs: booked once each, within what they correct."""

from billing.verification.check import Check


def _booked(kind: str, facts: str) -> str:
    """Return a query of entries of `kind` and the rows that tell of them, where they disagree.

    `facts` selects entry_id, account_id and cents, what the entry adds to the receivables.
    """
    return f"""
        SELECT entry.reference AS entry, fact.cents AS ought_cents, entry.cents AS booked_cents
        FROM ({facts}) AS fact
        FULL JOIN (
            SELECT entry.id AS entry_id, entry.reference, entry.account_id, posting.amount_cents
                   AS cents
            FROM billing_journalentry AS entry
            LEFT JOIN billing_posting AS posting
                ON posting.entry_id = entry.id AND posting.book = 'receivable'
            WHERE entry.kind = '{kind}'
        ) AS entry USING (entry_id)
        WHERE (fact.account_id, fact.cents) IS DISTINCT FROM (entry.account_id, entry.cents)
        ORDER BY entry.reference
    """


#: What of a payment went back, or is on its way.
_GONE = """
    SELECT payment_id, sum(amount_cents) AS cents FROM billing_refundrequest
    WHERE state NOT IN ('declined', 'failed') GROUP BY payment_id
"""

CHECKS = [
    Check(
        name="credit_note_numbers_have_no_gap",
        says="credit notes are numbered from 1 without a gap, and the next number follows",
        query="""
            SELECT number AS credit_note, expected FROM (
                SELECT number, row_number() OVER (ORDER BY number) AS expected
                FROM billing_creditnote
                UNION ALL
                SELECT next, (SELECT count(*) + 1 FROM billing_creditnote)
                FROM billing_creditnotenumber
            ) AS numbered
            WHERE number <> expected
            ORDER BY expected
        """,
    ),
    Check(
        name="credit_note_adds_up",
        says="a credit note is the sum of its lines, which are lines of its bill and its account",
        query="""
            SELECT note.number AS credit_note, note.total_cents,
                   coalesce(sum(credit.amount_cents), 0) AS lines_cents
            FROM billing_creditnote AS note
            JOIN billing_bill AS bill ON bill.id = note.bill_id
            LEFT JOIN billing_creditnoteline AS credit ON credit.note_id = note.id
            LEFT JOIN billing_billline AS line
                ON line.id = credit.bill_line_id AND line.cost_cents = credit.billed_cents
            LEFT JOIN billing_billcharge AS charge
                ON charge.id = credit.charge_id AND charge.amount_cents = credit.billed_cents
            GROUP BY note.id, bill.id
            HAVING note.total_cents IS DISTINCT FROM sum(credit.amount_cents)
                OR (note.account_id, note.currency) <> (bill.account_id, bill.currency)
                OR count(*) FILTER (
                    WHERE coalesce(line.bill_id, charge.bill_id) IS DISTINCT FROM bill.id
                ) > 0
            ORDER BY note.number
        """,
    ),
    Check(
        name="credits_fit_their_lines",
        says="no line or charge is given back more than it cost",
        query="""
            SELECT bill.number AS bill, billed.line, billed.cents AS billed_cents,
                   sum(credit.amount_cents) AS credited_cents
            FROM billing_creditnoteline AS credit
            JOIN (
                SELECT id AS line_id, NULL AS charge_id, bill_id, 'line ' || position AS line,
                       cost_cents AS cents
                FROM billing_billline
                UNION ALL
                SELECT NULL, id, bill_id, name, amount_cents FROM billing_billcharge
            ) AS billed
                ON billed.line_id = credit.bill_line_id OR billed.charge_id = credit.charge_id
            JOIN billing_bill AS bill ON bill.id = billed.bill_id
            GROUP BY bill.id, billed.line_id, billed.charge_id, billed.line, billed.cents
            HAVING sum(credit.amount_cents) > billed.cents
            ORDER BY bill.number, billed.line
        """,
    ),
    Check(
        name="every_credit_note_is_booked",
        says="each credit note is booked by one entry of its sum, and each such entry has its note",
        query=_booked(
            "credit_note",
            "SELECT entry_id, account_id, -total_cents AS cents FROM billing_creditnote",
        ),
    ),
    Check(
        name="credited_taxes_are_not_passed_on",
        says="a credit note takes from the taxes to be passed on what it gives back of taxes",
        query="""
            SELECT note.number AS credit_note, coalesce(taxes.cents, 0) AS tax_cents,
                   coalesce(booked.amount_cents, 0) AS booked_cents
            FROM billing_creditnote AS note
            LEFT JOIN (
                SELECT credit.note_id, sum(credit.amount_cents) AS cents
                FROM billing_creditnoteline AS credit
                JOIN billing_billcharge AS charge ON charge.id = credit.charge_id
                WHERE charge.kind = 'tax' GROUP BY credit.note_id
            ) AS taxes ON taxes.note_id = note.id
            LEFT JOIN billing_posting AS booked
                ON booked.entry_id = note.entry_id AND booked.book = 'tax'
            WHERE coalesce(taxes.cents, 0) <> coalesce(booked.amount_cents, 0)
            ORDER BY note.number
        """,
    ),
    Check(
        name="every_credit_note_has_its_document",
        says="each credit note has a document, made or still to be made",
        query="""
            SELECT note.number AS credit_note
            FROM billing_creditnote AS note
            LEFT JOIN billing_creditnotedocument AS document ON document.note_id = note.id
            WHERE document.id IS NULL
            ORDER BY note.number
        """,
    ),
    Check(
        name="every_refund_is_booked",
        says="each refund that was allowed is booked, and each booked one was allowed",
        query=_booked(
            "refund",
            "SELECT entry_id, account_id, amount_cents AS cents FROM billing_refundrequest"
            " WHERE entry_id IS NOT NULL",
        ),
    ),
    Check(
        name="every_failed_refund_is_booked_back",
        says="each refund that failed is credit again, and no other",
        query=_booked(
            "refund_failed",
            "SELECT failed_entry_id AS entry_id, account_id, -amount_cents AS cents"
            " FROM billing_refundrequest WHERE state = 'failed'",
        ),
    ),
    Check(
        name="refunds_fit_their_payment",
        says="no more of a payment goes back than came in, and by the way that it came",
        query=f"""
            SELECT payment.reference AS payment, came.amount_cents AS received_cents,
                   gone.cents AS refunded_cents
            FROM ({_GONE}) AS gone
            JOIN billing_journalentry AS payment ON payment.id = gone.payment_id
            LEFT JOIN billing_posting AS came
                ON came.entry_id = payment.id AND came.book <> 'receivable'
            WHERE payment.kind <> 'payment' OR gone.cents > coalesce(came.amount_cents, 0)
            UNION
            SELECT payment.reference, came.amount_cents, request.amount_cents
            FROM billing_refundrequest AS request
            JOIN billing_journalentry AS payment ON payment.id = request.payment_id
            JOIN billing_posting AS came
                ON came.entry_id = payment.id AND came.book <> 'receivable'
            LEFT JOIN billing_posting AS went
                ON went.entry_id = request.entry_id AND went.book = came.book
            WHERE payment.account_id <> request.account_id
               OR request.entry_id IS NOT NULL AND went.id IS NULL
            ORDER BY payment
        """,
    ),
    Check(
        name="every_dispute_is_booked",
        says="what a dispute took is booked, and each booked one is of a dispute of that payment",
        query=_booked(
            "dispute",
            "SELECT dispute.withdrawn_entry_id AS entry_id, payment.account_id,"
            " dispute.amount_cents AS cents FROM billing_dispute AS dispute"
            " JOIN billing_journalentry AS payment ON payment.id = dispute.payment_id"
            " WHERE dispute.withdrawn_entry_id IS NOT NULL",
        ),
    ),
    Check(
        name="every_won_dispute_is_booked",
        says="what a won dispute gave back is booked, with the same amount that it had taken",
        query=_booked(
            "dispute_won",
            "SELECT reinstated_entry_id AS entry_id, account_id, -amount_cents AS cents"
            " FROM billing_dispute WHERE reinstated_entry_id IS NOT NULL",
        ),
    ),
    Check(
        name="every_write_off_is_booked",
        says="each write-off that was allowed is booked, and each booked one was allowed",
        query=_booked(
            "write_off",
            "SELECT entry_id, account_id, -amount_cents AS cents FROM billing_writeoff"
            " WHERE entry_id IS NOT NULL",
        ),
    ),
    Check(
        name="nobody_allows_their_own_wish",
        says="refunds and write-offs that somebody decided were decided by another than who asked",
        query="""
            SELECT 'refund' AS what, id, asked_by_id AS asked_by FROM billing_refundrequest
            WHERE decided_by_id = asked_by_id
            UNION ALL
            SELECT 'write-off', id, asked_by_id FROM billing_writeoff
            WHERE decided_by_id = asked_by_id
            ORDER BY what, id
        """,
    ),
    Check(
        name="money_waits_for_somebody",
        says="refunds and write-offs that wait for a second person, and open disputes, are listed",
        serious=False,
        query="""
            SELECT 'refund' AS what, id, asked_at AS since, amount_cents
            FROM billing_refundrequest WHERE state = 'asked'
            UNION ALL
            SELECT 'write-off', id, asked_at, amount_cents
            FROM billing_writeoff WHERE state = 'asked'
            UNION ALL
            SELECT 'dispute', id, opened_at, amount_cents
            FROM billing_dispute WHERE status NOT IN ('won', 'lost', 'warning_closed', 'prevented')
            ORDER BY since
        """,
    ),
]
