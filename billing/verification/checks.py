"""Checks: each is one payment, of its amount, and bounces at most once."""

from billing.verification.check import Check

CHECKS = [
    Check(
        name="check_is_booked_as_it_was_recorded",
        says="each check has its payment, of its account and amount, and each such payment a check",
        query="""
            SELECT paper.number AS check_number, paper.amount_cents, entry.reference AS entry,
                   entry.paid_cents
            FROM (
                SELECT paper.*, 'check:' || account.number || ':' || paper.number AS reference
                FROM billing_check AS paper
                JOIN accounts_account AS account ON account.id = paper.account_id
            ) AS paper
            FULL JOIN (
                SELECT entry.id, entry.account_id, entry.kind, entry.reference,
                       -posting.amount_cents AS paid_cents
                FROM billing_journalentry AS entry
                LEFT JOIN billing_posting AS posting
                       ON posting.entry_id = entry.id AND posting.book = 'receivable'
                WHERE entry.reference LIKE 'check:%%'
            ) AS entry ON entry.id = paper.entry_id
            WHERE (paper.account_id, paper.reference, paper.amount_cents, 'payment')
                IS DISTINCT FROM
                  (entry.account_id, entry.reference, entry.paid_cents, entry.kind)
            ORDER BY paper.id, entry.id
        """,
    ),
    Check(
        name="check_bounces_once",
        says="a check bounced at most once, for its whole amount",
        query="""
            SELECT paper.reference AS entry, count(*) AS bounces,
                   sum(posting.amount_cents) AS bounced_cents
            FROM billing_journalentry AS bounced
            LEFT JOIN billing_journalentry AS paper ON paper.id = bounced.about_id
            LEFT JOIN billing_check ON billing_check.entry_id = paper.id
            LEFT JOIN billing_posting AS posting
                   ON posting.entry_id = bounced.id AND posting.book = 'receivable'
            WHERE bounced.kind = 'bounced'
            GROUP BY paper.id, billing_check.amount_cents
            HAVING count(*) > 1
                OR sum(posting.amount_cents) IS DISTINCT FROM billing_check.amount_cents
            ORDER BY paper.id
        """,
    ),
]
