"""What is owed beside bills, and what settles it: bounced checks, refunds, disputes."""

import django.db.models.deletion
from django.db import migrations, models

#: The newest entry of the account by the time: that of the payment, or of the bill it went to.
BOOKED_WITH = """
ALTER TABLE billing_allocation DISABLE TRIGGER append_only;
UPDATE billing_allocation AS allocation
SET booked_with_id = greatest(allocation.entry_id, billed.id)
FROM billing_bill AS bill
LEFT JOIN billing_journalentry AS billed
    ON billed.kind = 'bill'
   AND billed.reference = 'bill:' || lpad(bill.number::text, greatest(6, length(bill.number::text)), '0')
WHERE bill.id = allocation.bill_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE billing_allocation ENABLE TRIGGER append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_cards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="allocation",
            name="allocation_is_positive",
        ),
        migrations.AddField(
            model_name="allocation",
            name="booked_with",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.journalentry",
            ),
        ),
        migrations.RunSQL(BOOKED_WITH, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="allocation",
            name="booked_with",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.journalentry",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="debit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="settled_by",
                to="billing.journalentry",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="undoes",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="billing.allocation",
            ),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="about",
            field=models.ForeignKey(
                blank=True,
                help_text="the entry that this one takes back or answers",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="billing.journalentry",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="bill",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="billing.bill",
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("bill", "Bill"),
                    ("payment", "Payment"),
                    ("bounced", "Bounced check"),
                    ("credit_note", "Credit note"),
                    ("refund", "Refund"),
                    ("refund_failed", "Failed refund"),
                    ("dispute", "Disputed payment"),
                    ("dispute_won", "Dispute won"),
                    ("write_off", "Write-off"),
                    ("adjustment", "Adjustment"),
                ],
                max_length=13,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="book",
            field=models.CharField(
                choices=[
                    ("receivable", "Accounts receivable"),
                    ("revenue", "Conferencing revenue"),
                    ("card_clearing", "Card clearing"),
                    ("bank", "Bank"),
                    ("tax", "Taxes to be passed on"),
                    ("credit_notes", "Credit notes"),
                    ("bad_debt", "Bad debt"),
                ],
                max_length=13,
                verbose_name="book",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_cents__gt", 0), ("undoes", None)),
                    models.Q(("amount_cents__lt", 0), ("undoes__isnull", False)),
                    _connector="OR",
                ),
                name="allocation_is_positive_unless_it_undoes",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bill", None), ("debit__isnull", False)),
                    models.Q(("bill__isnull", False), ("debit", None)),
                    _connector="OR",
                ),
                name="allocation_settles_one_thing",
            ),
        ),
    ]
