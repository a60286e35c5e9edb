"""Ways to break what corrects the books, one for each invariant."""

CORRECTIONS = [
    ("credit_note_numbers_have_no_gap", "UPDATE billing_creditnotenumber SET next = next + 1"),
    (
        "credit_note_numbers_have_no_gap",
        "UPDATE billing_creditnote SET number = 7",
    ),
    (
        "credit_note_adds_up",
        "UPDATE billing_creditnoteline SET amount_cents = 1",
    ),
    (
        "credit_note_adds_up",
        "UPDATE billing_creditnote SET bill_id = (SELECT max(id) FROM billing_bill)",
    ),
    (
        "credits_fit_their_lines",
        "INSERT INTO billing_creditnoteline SELECT (jsonb_populate_record(line, jsonb_build_object("
        "'id', id + 1000, 'note_id', 0, 'amount_cents', billed_cents))).*"
        " FROM billing_creditnoteline AS line",
    ),
    ("every_credit_note_is_booked", "UPDATE billing_creditnote SET entry_id = 0"),
    ("every_credit_note_has_its_document", "DELETE FROM billing_creditnotedocument"),
    (
        "every_refund_is_booked",
        "UPDATE billing_refundrequest SET amount_cents = amount_cents - 1",
    ),
    (
        "every_failed_refund_is_booked_back",
        "UPDATE billing_refundrequest SET state = 'failed', failed_entry_id = 0",
    ),
    (
        "refunds_fit_their_payment",
        "UPDATE billing_refundrequest SET payment_id ="
        " (SELECT id FROM billing_journalentry WHERE kind = 'payment' ORDER BY id LIMIT 1)",
    ),
    ("every_dispute_is_booked", "UPDATE billing_dispute SET withdrawn_entry_id = 0"),
    ("every_won_dispute_is_booked", "UPDATE billing_dispute SET reinstated_entry_id = 0"),
    ("every_write_off_is_booked", "UPDATE billing_writeoff SET amount_cents = amount_cents + 1"),
    (
        "nobody_allows_their_own_wish",
        "ALTER TABLE billing_refundrequest DROP CONSTRAINT refund_is_decided_by_another",
        "UPDATE billing_refundrequest SET decided_by_id = asked_by_id",
    ),
]
