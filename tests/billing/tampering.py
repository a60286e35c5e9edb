"""Ways to break the books behind the back of triggers and foreign keys, one for each invariant."""

from django.db import connection

from tests.billing.tampering_charges import CHARGES
from tests.billing.tampering_corrections import CORRECTIONS

#: A check of 50 cents from the account without calls, as an entry of a kind under a reference.
ENTRY = """
WITH entry AS (
    INSERT INTO billing_journalentry (account_id, kind, reference, booked_at, currency, memo)
    SELECT id, '{kind}', '{reference}', now(), 'USD', '' FROM accounts_account
    WHERE name = 'Quiet' RETURNING id
)
INSERT INTO billing_posting (entry_id, book, amount_cents)
SELECT id, book, cents FROM entry, (VALUES ('bank', 50), ('receivable', -50)) AS side (book, cents)
"""
LAST_BILL_OF_PARTLY = "id = (SELECT max(id) FROM billing_bill WHERE account_name = 'Partly')"
LAST_BILL_OF_QUIET = "id = (SELECT max(id) FROM billing_bill WHERE account_name = 'Quiet')"
FIRST_LINE = "id = (SELECT min(id) FROM billing_billline)"
FIRST_LEG = "id = (SELECT min(leg_id) FROM billing_billedleg)"
LAST_ALLOCATION = "id = (SELECT max(id) FROM billing_allocation WHERE entry_id = ({}))"
CHECK_OF_PARTLY = "SELECT id FROM billing_journalentry WHERE reference LIKE 'check:%:2'"
CHECK_OF_GENEROUS = (
    "SELECT id FROM billing_journalentry WHERE kind = 'payment' AND account_id ="
    " (SELECT id FROM accounts_account WHERE name = 'Generous')"
)
BANK_OF_PARTLY = f"book = 'bank' AND entry_id = ({CHECK_OF_PARTLY})"
LAST_CHECK = "id = (SELECT max(id) FROM billing_check)"
LAST_COLLECTION = "id = (SELECT max(id) FROM billing_collection)"


def tamper(*statements):
    """Run SQL with triggers and foreign keys off, up to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount


def drop_key(table, kind):
    """Return SQL that takes a table's primary (p) or only unique (u) key away."""
    return f"""
        DO $$ BEGIN EXECUTE (
            SELECT 'ALTER TABLE {table} DROP CONSTRAINT ' || conname FROM pg_constraint
            WHERE conrelid = '{table}'::regclass AND contype = '{kind}'
        ); END $$
    """


#: Of each invariant: SQL that breaks it and no other, in books such as the tests make.
TAMPERING = [
    (
        "every_active_account_has_one_bill_a_month",
        "UPDATE accounts_account SET closed_on = NULL WHERE name = 'Closed'",
    ),
    (
        "bill_belongs_to_its_job",
        f"DELETE FROM billing_billjob WHERE bill_{LAST_BILL_OF_QUIET}",
    ),
    (
        "bill_belongs_to_its_job",
        "UPDATE billing_billjob SET account_id = (SELECT id FROM accounts_account"
        f" WHERE name = 'Closed') WHERE bill_{LAST_BILL_OF_QUIET}",
    ),
    (
        "bill_covers_a_calendar_month",
        f"UPDATE billing_bill SET month_end = month_end - interval '1 hour'"
        f" WHERE {LAST_BILL_OF_QUIET}",
    ),
    (
        "bill_covers_a_calendar_month",
        f"UPDATE billing_bill SET issued_at = month_start WHERE {LAST_BILL_OF_QUIET}",
    ),
    (
        "bill_numbers_have_no_gap",
        f"UPDATE billing_bill SET number = 99 WHERE {LAST_BILL_OF_QUIET}",
        "UPDATE billing_billnumber SET next = 100",
    ),
    ("next_number_follows_the_last", "UPDATE billing_billnumber SET next = next + 1"),
    (
        "months_of_an_account_are_in_order",
        "UPDATE billing_bill SET number = number + 100 WHERE account_name = 'Quiet'",
        "UPDATE billing_bill SET number = 115 - number WHERE account_name = 'Quiet'",
    ),
    ("line_adds_up_its_legs", f"UPDATE conferences_leg SET seconds = 9 * 60 WHERE {FIRST_LEG}"),
    (
        "line_adds_up_its_legs",
        f"UPDATE conferences_leg SET access_type = 'international' WHERE {FIRST_LEG}",
    ),
    (
        "line_adds_up_its_legs",
        f"UPDATE billing_billline SET participants = participants + 1 WHERE {FIRST_LINE}",
    ),
    (
        "line_adds_up_its_legs",
        "UPDATE conferences_leg SET session_id = (SELECT max(id) FROM conferences_session)"
        f" WHERE {FIRST_LEG}",
    ),
    (
        "billed_leg_left_within_the_month",
        f"UPDATE conferences_leg SET left_at = '2026-03-01 05:00+00' WHERE {FIRST_LEG}",
    ),
    (
        "line_is_of_its_account",
        "UPDATE conferences_conference SET account_id = (SELECT id FROM accounts_account"
        " WHERE name = 'Quiet') WHERE id = (SELECT min(conference_id) FROM billing_billline)",
    ),
    (
        "line_costs_minutes_times_rate",
        "ALTER TABLE billing_billline DROP CONSTRAINT bill_line_cost_is_minutes_times_rate",
        "UPDATE billing_billline SET cost_cents = cost_cents + 5 - 2 * position"
        " WHERE position IN (2, 3)",
    ),
    (
        "line_has_the_mended_code",
        "UPDATE conferences_session SET billing_code = 'CC-7'"
        f" WHERE id = (SELECT session_id FROM billing_billline WHERE {FIRST_LINE})",
    ),
    (
        "lines_are_numbered_and_grouped",
        "UPDATE billing_billline SET position = position + 1000 WHERE position >= 3",
    ),
    (
        "lines_are_numbered_and_grouped",
        "UPDATE billing_billline SET conference_name = 'Weekly' WHERE position = 1",
    ),
    (
        "charges_are_the_sum_of_lines",
        "UPDATE billing_billline SET rate_per_minute = 1, cost_cents = minutes * 100"
        f" WHERE {FIRST_LINE}",
    ),
    (
        "statement_adds_up",
        "ALTER TABLE billing_bill DROP CONSTRAINT bill_statement_adds_up",
        "UPDATE billing_bill SET credits_cents = credits_cents + 1",
    ),
    ("statement_names_the_last_bill", "UPDATE billing_bill SET last_bill_cents = 1"),
    (
        "statement_counts_the_payments",
        f"UPDATE billing_bill SET paid_cents = 99 WHERE {LAST_BILL_OF_PARTLY}",
    ),
    ("statement_counts_the_corrections", "UPDATE billing_bill SET corrected_cents = 1"),
    (
        "statement_sorts_what_is_unpaid",
        "UPDATE billing_bill SET overdue_cents = 119, not_yet_due_cents = 1"
        f" WHERE {LAST_BILL_OF_PARTLY}",
    ),
    (
        "amount_due_is_the_balance",
        "UPDATE billing_bill SET amount_due_cents = amount_due_cents - 1, credits_cents = 1"
        f" WHERE {LAST_BILL_OF_PARTLY}",
    ),
    (
        "entry_balances",
        f"UPDATE billing_posting SET amount_cents = amount_cents + 1 WHERE {BANK_OF_PARTLY}",
    ),
    ("entry_balances", f"DELETE FROM billing_posting WHERE {BANK_OF_PARTLY}"),
    (
        "reference_is_booked_once",
        ENTRY.format(kind="payment", reference="cash:1"),
        drop_key("billing_journalentry", "u"),
        ENTRY.format(kind="payment", reference="cash:1"),
    ),
    (
        "every_bill_is_booked",
        "UPDATE billing_journalentry SET reference = 'bill:999999' WHERE reference = 'bill:000001'",
    ),
    ("balance_is_what_is_unpaid", ENTRY.format(kind="gift", reference="gift:1")),
    (
        "entry_has_the_sides_of_its_kind",
        "UPDATE billing_posting SET book = 'bad_debt' WHERE book = 'bank'",
    ),
    (
        "allocations_fit_their_entry",
        "UPDATE billing_allocation SET amount_cents = amount_cents + 1"
        f" WHERE {LAST_ALLOCATION.format(CHECK_OF_PARTLY)}",
    ),
    (
        "allocations_fit_what_they_settle",
        "UPDATE billing_allocation SET amount_cents = amount_cents + 1"
        f" WHERE {LAST_ALLOCATION.format(CHECK_OF_GENEROUS)}",
    ),
    (
        "undone_allocation_takes_back_the_same",
        "UPDATE billing_allocation SET undoes_id ="
        " (SELECT max(id) FROM billing_allocation WHERE undoes_id IS NULL)"
        " WHERE id = (SELECT max(id) FROM billing_allocation WHERE undoes_id IS NOT NULL)",
    ),
    (
        "credit_settles_what_is_open",
        f"DELETE FROM billing_allocation WHERE {LAST_ALLOCATION.format(CHECK_OF_GENEROUS)}",
    ),
    (
        "check_is_booked_as_it_was_recorded",
        f"UPDATE billing_check SET amount_cents = amount_cents + 1 WHERE {LAST_CHECK}",
    ),
    (
        "check_is_booked_as_it_was_recorded",
        f"UPDATE billing_check SET number = 'X' WHERE {LAST_CHECK}",
    ),
    ("check_is_booked_as_it_was_recorded", f"DELETE FROM billing_check WHERE {LAST_CHECK}"),
    (
        "check_bounces_once",
        f"UPDATE billing_journalentry SET about_id = ({CHECK_OF_GENEROUS}) WHERE kind = 'bounced'",
    ),
    (
        "bill_is_charged_once",
        "DROP INDEX collection_is_paid_by_one_attempt",
        "INSERT INTO billing_attempt SELECT (jsonb_populate_record(attempt,"
        " jsonb_build_object('id', id + 1000, 'number', 2))).* FROM billing_attempt AS attempt",
    ),
    (
        "collection_is_paid_by_its_attempt",
        "UPDATE billing_collection SET state = 'open' WHERE state = 'paid'",
    ),
    (
        "collection_is_paid_by_its_attempt",
        f"UPDATE billing_collection SET state = 'paid' WHERE {LAST_COLLECTION}",
    ),
    (
        "collection_is_within_its_bill",
        f"UPDATE billing_collection SET amount_cents = amount_cents + 1 WHERE {LAST_COLLECTION}",
    ),
    ("every_charge_is_booked", "UPDATE billing_attempt SET charge_id = 'ch_unknown'"),
    (
        "every_bill_has_its_document",
        "DELETE FROM billing_billdocument WHERE made_at IS NULL",
    ),
    (
        "document_is_as_it_was_made",
        "UPDATE billing_billdocument SET size = size + 1 WHERE size > 1",
    ),
    (
        "document_is_as_it_was_made",
        "UPDATE billing_billdocument SET file = 'bills/lost.pdf' WHERE size > 1",
    ),
    *CHARGES,
    *CORRECTIONS,
]
