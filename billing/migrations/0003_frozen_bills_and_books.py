"""What the database itself refuses: changing a bill or the books, and an entry out of balance."""

from django.db import migrations

APPEND_ONLY = [
    "billing_bill",
    "billing_billline",
    "billing_billedleg",
    "billing_journalentry",
    "billing_posting",
    "billing_allocation",
]

# A bill's lines are written before the bill itself, in one transaction: the foreign key is
# checked at commit. So a line can never join a bill that is there already.
LINES_BEFORE_THEIR_BILL = """
CREATE FUNCTION refuse_line_of_issued_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_lines JOIN billing_bill ON billing_bill.id = new_lines.bill_id) THEN
        RAISE EXCEPTION 'the bill is issued: no line can join it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_before_their_bill AFTER INSERT ON billing_billline
    REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_line_of_issued_bill();

CREATE FUNCTION refuse_bill_unlike_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current_charges_cents <> (
        SELECT coalesce(sum(cost_cents), 0) FROM billing_billline WHERE bill_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'bill %: current charges are not the sum of its lines', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bill_is_the_sum_of_its_lines BEFORE INSERT ON billing_bill
    FOR EACH ROW EXECUTE FUNCTION refuse_bill_unlike_its_lines();
"""
NO_LINE_TRIGGERS = """
DROP TRIGGER bill_is_the_sum_of_its_lines ON billing_bill;
DROP FUNCTION refuse_bill_unlike_its_lines();
DROP TRIGGER lines_before_their_bill ON billing_billline;
DROP FUNCTION refuse_line_of_issued_bill();
"""

BALANCE = """
CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_cents) FROM billing_posting WHERE entry_id = NEW.entry_id) <> 0 THEN
        RAISE EXCEPTION 'journal entry % does not balance', NEW.entry_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON billing_posting
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry();
"""
NO_BALANCE = """
DROP TRIGGER entry_balances ON billing_posting;
DROP FUNCTION refuse_unbalanced_entry();
"""

MADE_ONCE = """
CREATE TRIGGER made_once BEFORE UPDATE OR DELETE ON billing_billdocument
    FOR EACH ROW WHEN (OLD.made_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
"""


def append_only(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_append_only"),
        ("billing", "0002_initial"),
    ]

    operations = [
        *[append_only(table) for table in APPEND_ONLY],
        migrations.RunSQL(LINES_BEFORE_THEIR_BILL, NO_LINE_TRIGGERS),
        migrations.RunSQL(BALANCE, NO_BALANCE),
        migrations.RunSQL(MADE_ONCE, "DROP TRIGGER made_once ON billing_billdocument"),
    ]
