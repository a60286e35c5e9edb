"""Money taken by card: at most once per bill, never more than its amount due, and all booked."""

from billing.verification.check import Check

CHECKS = [
    Check(
        name="bill_is_charged_once",
        says="at most one attempt to charge a bill succeeded",
        query="""
            SELECT bill.number AS bill, count(*) AS successes
            FROM billing_attempt AS attempt
            JOIN billing_collection AS collection ON collection.id = attempt.collection_id
            JOIN billing_bill AS bill ON bill.id = collection.bill_id
            WHERE attempt.state = 'succeeded'
            GROUP BY bill.id HAVING count(*) > 1
            ORDER BY bill.number
        """,
    ),
    Check(
        name="collection_is_paid_by_its_attempt",
        says="a collection is paid if, and only if, an attempt of it succeeded",
        query="""
            SELECT bill.number AS bill, collection.state
            FROM billing_collection AS collection
            JOIN billing_bill AS bill ON bill.id = collection.bill_id
            WHERE (collection.state = 'paid') <> EXISTS (
                SELECT FROM billing_attempt
                WHERE collection_id = collection.id AND state = 'succeeded'
            )
            ORDER BY bill.number
        """,
    ),
    Check(
        name="collection_is_within_its_bill",
        says="no more is collected for a bill than its amount due",
        query="""
            SELECT bill.number AS bill, bill.amount_due_cents, collection.amount_cents
            FROM billing_collection AS collection
            JOIN billing_bill AS bill ON bill.id = collection.bill_id
            WHERE collection.amount_cents > bill.amount_due_cents
               OR collection.currency <> bill.currency
            ORDER BY bill.number
        """,
    ),
    Check(
        name="every_charge_is_booked",
        says="each successful charge is booked with its amount, and each booked one was made",
        query="""
            SELECT charge.bill, charge.charge_id, charge.amount_cents,
                   entry.reference AS entry, entry.amount_cents AS booked_cents
            FROM (
                SELECT bill.number AS bill, bill.account_id, attempt.charge_id,
                       attempt.charge_id AS reference, collection.amount_cents
                FROM billing_attempt AS attempt
                JOIN billing_collection AS collection ON collection.id = attempt.collection_id
                JOIN billing_bill AS bill ON bill.id = collection.bill_id
                WHERE attempt.state = 'succeeded'
            ) AS charge
            FULL JOIN (
                SELECT entry.reference, entry.account_id, posting.amount_cents
                FROM billing_journalentry AS entry
                JOIN billing_posting AS posting ON posting.entry_id = entry.id
                WHERE entry.kind = 'payment' AND posting.book = 'card_clearing'
            ) AS entry USING (reference)
            WHERE (charge.account_id, charge.amount_cents)
                IS DISTINCT FROM (entry.account_id, entry.amount_cents)
            ORDER BY charge.bill, entry.reference
        """,
    ),
]
