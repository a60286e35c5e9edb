"""Ways to break what bills charge beside calls, one for each invariant of theirs."""

_OF_KIND = "id = (SELECT max(id) FROM billing_billcharge WHERE kind = '{}')"
FEE, SURCHARGE, TAX, LATE_FEE = map(_OF_KIND.format, ["fee", "surcharge", "tax", "late_fee"])
#: Adds 10 cents to a tax, and to its bill, the bill's entry and its statement.
_DEARER_TAX = f"""
WITH charge AS (
    UPDATE billing_billcharge SET amount_cents = amount_cents + 10 WHERE {TAX} RETURNING bill_id
),
bill AS (
    UPDATE billing_bill SET current_charges_cents = current_charges_cents + 10,
                            amount_due_cents = amount_due_cents + 10
    WHERE id = (SELECT bill_id FROM charge) RETURNING number
)
UPDATE billing_posting SET amount_cents = amount_cents + CASE book WHEN 'tax' THEN -10 ELSE 10 END
WHERE book IN ('receivable', 'tax') AND entry_id = (
    SELECT id FROM billing_journalentry
    WHERE reference = (SELECT 'bill:' || lpad(number::text, 6, '0') FROM bill)
)
"""
#: Takes away what the database itself would refuse by.
_LET = "ALTER TABLE billing_billcharge DROP CONSTRAINT {}"


CHARGES = [
    (
        "fee_is_charged_for_its_days",
        _LET.format("fee_is_charged_by_days"),
        f"UPDATE billing_billcharge SET base_cents = base_cents + 1000 WHERE {FEE}",
    ),
    (
        "fee_is_charged_for_its_days",
        f"UPDATE billing_billcharge SET first_day = first_day + 1 WHERE {FEE}",
    ),
    (
        "percentage_is_of_the_lines_it_names",
        _LET.format("tax_is_charged_by_percent"),
        _DEARER_TAX,
    ),
    (
        "percentage_is_of_the_lines_it_names",
        f"UPDATE billing_billcharge SET base_cents = base_cents + 1 WHERE {SURCHARGE}",
    ),
    (
        "late_fee_is_for_a_late_bill",
        f"UPDATE billing_billcharge SET late_bill_id = (SELECT min(id) FROM billing_bill)"
        f" WHERE {LATE_FEE}",
    ),
    (
        "late_fee_is_for_a_late_bill",
        f"UPDATE billing_billcharge SET percent = 100 WHERE {LATE_FEE}",
    ),
    ("charges_are_numbered", f"UPDATE billing_billcharge SET position = 9 WHERE {LATE_FEE}"),
    (
        "charges_are_numbered",
        "UPDATE billing_billcharge AS charge SET position = 9 - position"
        f" WHERE bill_id = (SELECT bill_id FROM billing_billcharge WHERE {FEE})",
        "UPDATE billing_billcharge SET position = position - 4"
        f" WHERE bill_id = (SELECT bill_id FROM billing_billcharge WHERE {FEE})",
    ),
    (
        "taxes_are_booked_as_billed",
        "UPDATE billing_posting SET amount_cents = amount_cents"
        " + CASE book WHEN 'tax' THEN 1 ELSE -1 END"
        " WHERE book IN ('tax', 'revenue') AND entry_id = (SELECT max(entry_id)"
        " FROM billing_posting JOIN billing_journalentry AS entry ON entry.id = entry_id"
        " WHERE book = 'tax' AND kind = 'bill')",
    ),
    (
        "credited_taxes_are_not_passed_on",
        "UPDATE billing_posting SET book = 'tax' WHERE book = 'credit_notes'",
    ),
]
