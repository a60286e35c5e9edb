"""Credit notes, refunds, write-offs, disputes, and questions about lines; frozen what is issued."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

# As for bills: a note's lines are written before the note itself, in one transaction.
LINES_BEFORE_THEIR_NOTE = """
CREATE FUNCTION refuse_line_of_issued_credit_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_lines JOIN billing_creditnote AS note ON note.id = new_lines.note_id)
    THEN
        RAISE EXCEPTION 'the credit note is issued: no line can join it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM billing_creditnoteline AS credit
        JOIN billing_billline AS line ON line.id = credit.bill_line_id
        WHERE line.id IN (SELECT bill_line_id FROM new_lines)
        GROUP BY line.id HAVING sum(credit.amount_cents) > line.cost_cents
    ) THEN
        RAISE EXCEPTION 'no more is given back of a line than was billed'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_before_their_note AFTER INSERT ON billing_creditnoteline
    REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_line_of_issued_credit_note();

CREATE FUNCTION refuse_credit_note_unlike_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.total_cents <> (
        SELECT coalesce(sum(credit.amount_cents), 0) FROM billing_creditnoteline AS credit
        JOIN billing_billline AS line ON line.id = credit.bill_line_id
        WHERE credit.note_id = NEW.id AND line.bill_id = NEW.bill_id
    ) THEN
        RAISE EXCEPTION 'credit note %: its total is not the sum of its lines', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_note_is_the_sum_of_its_lines BEFORE INSERT ON billing_creditnote
    FOR EACH ROW EXECUTE FUNCTION refuse_credit_note_unlike_its_lines();
"""
NO_LINE_TRIGGERS = """
DROP TRIGGER credit_note_is_the_sum_of_its_lines ON billing_creditnote;
DROP FUNCTION refuse_credit_note_unlike_its_lines();
DROP TRIGGER lines_before_their_note ON billing_creditnoteline;
DROP FUNCTION refuse_line_of_issued_credit_note();
"""
APPEND_ONLY = ["billing_creditnote", "billing_creditnoteline"]
MADE_ONCE = """
CREATE TRIGGER made_once BEFORE UPDATE OR DELETE ON billing_creditnotedocument
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
        ("accounts", "0004_people"),
        ("billing", "0007_collecting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="difference",
            name="kind",
            field=models.CharField(
                choices=[
                    ("not_booked", "Stripe took money that is not booked"),
                    ("not_taken", "Booked, but Stripe took no such money"),
                    ("not_asked", "Stripe gave money back that nobody asked for here"),
                    ("other_amount", "Booked with another amount"),
                ],
                max_length=12,
                verbose_name="what",
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="corrected_cents",
            field=models.BigIntegerField(
                default=0,
                help_text="credit notes and write-offs",
                verbose_name="corrections since",
            ),
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="number")),
                ("form_key", models.UUIDField(editable=False, unique=True)),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                (
                    "issued_on",
                    models.DateField(help_text="in the billing time zone", verbose_name="date"),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("total_cents", models.BigIntegerField(verbose_name="total")),
                ("billing_zone", models.CharField(max_length=50, verbose_name="billing time zone")),
                ("account_number", models.CharField(max_length=20)),
                ("account_name", models.CharField(max_length=200)),
                (
                    "account_address",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), size=None
                    ),
                ),
                ("operator_name", models.CharField(max_length=200)),
                (
                    "operator_address",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), size=None
                    ),
                ),
                (
                    "operator_contact",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), size=None
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="accounts.account",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="billing.bill",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note",
                        to="billing.journalentry",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note",
                "verbose_name_plural": "credit notes",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(blank=True, upload_to="bills/", verbose_name="file")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.PositiveIntegerField(null=True, verbose_name="bytes")),
                ("made_at", models.DateTimeField(null=True, verbose_name="made")),
                ("tries", models.PositiveIntegerField(default=0, verbose_name="tries")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "note",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="document",
                        to="billing.creditnote",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note document",
                "verbose_name_plural": "credit note documents",
                "ordering": ["-note"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("conference_name", models.CharField(max_length=200)),
                ("started_at", models.DateTimeField()),
                ("minutes", models.PositiveIntegerField()),
                ("billed_cents", models.BigIntegerField(verbose_name="billed")),
                ("amount_cents", models.BigIntegerField(verbose_name="given back")),
                (
                    "bill_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="billing.billline",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="billing.creditnote",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note line",
                "verbose_name_plural": "credit note lines",
                "ordering": ["note", "position"],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("next", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="credit_note_number_is_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "dispute_id",
                    models.CharField(max_length=100, unique=True, verbose_name="Stripe's dispute"),
                ),
                ("amount_cents", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=100, verbose_name="reason")),
                ("status", models.CharField(max_length=50, verbose_name="status")),
                ("answer_by", models.DateTimeField(null=True, verbose_name="answer by")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="accounts.account",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="billing.journalentry",
                    ),
                ),
                (
                    "reinstated_entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="won_dispute",
                        to="billing.journalentry",
                    ),
                ),
                (
                    "withdrawn_entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute",
                        to="billing.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["-opened_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="LineQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="question")),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("answer", models.TextField(blank=True, max_length=4000, verbose_name="answer")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="billing.bill",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="billing.billline",
                    ),
                ),
            ],
            options={
                "verbose_name": "question about a line",
                "verbose_name_plural": "questions about lines",
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RefundRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_cents", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("form_key", models.UUIDField(editable=False, unique=True)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "check_number",
                    models.CharField(
                        blank=True,
                        help_text="of our own check",
                        max_length=50,
                        verbose_name="check number",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("declined", "Not allowed"),
                            ("approved", "To be sent"),
                            ("pending", "On its way"),
                            ("succeeded", "Given back"),
                            ("failed", "Failed"),
                        ],
                        default="asked",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "refund_id",
                    models.CharField(
                        max_length=100, null=True, unique=True, verbose_name="Stripe's refund"
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=0, verbose_name="tries")),
                (
                    "asked_stripe_at",
                    models.DateTimeField(null=True, verbose_name="last asked Stripe"),
                ),
                (
                    "failure",
                    models.CharField(blank=True, max_length=200, verbose_name="failed because"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund",
                        to="billing.journalentry",
                    ),
                ),
                (
                    "failed_entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="failed_refund",
                        to="billing.journalentry",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund_requests",
                        to="billing.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ["-pk"],
                "permissions": [
                    ("approve_refund", "Can allow refunds above the limit that others ask for")
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_cents", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("form_key", models.UUIDField(editable=False, unique=True)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("declined", "Not allowed"),
                            ("booked", "Written off"),
                        ],
                        default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_offs",
                        to="billing.bill",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="write_off",
                        to="billing.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "write-off",
                "verbose_name_plural": "write-offs",
                "ordering": ["-pk"],
                "permissions": [
                    ("approve_writeoff", "Can allow write-offs above the limit of others")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("total_cents__gt", 0)), name="credit_note_gives_back"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnotedocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("made_at", None),
                    models.Q(
                        models.Q(("sha256", ""), _negated=True),
                        models.Q(("file", ""), _negated=True),
                        ("size__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="made_credit_note_document_has_its_hash",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.UniqueConstraint(
                fields=("note", "position"), name="credits_are_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.UniqueConstraint(
                fields=("note", "bill_line"), name="line_is_credited_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_cents__gt", 0), ("amount_cents__lte", models.F("billed_cents"))
                ),
                name="credit_is_within_its_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reinstated_entry", None), ("withdrawn_entry__isnull", False), _connector="OR"
                ),
                name="dispute_is_taken_before_it_is_given_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="linequestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)),
                fields=("line",),
                name="line_has_one_open_question",
            ),
        ),
        migrations.AddConstraint(
            model_name="linequestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="answer_has_its_words_and_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="refund_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("asked_by")), _negated=True),
                name="refund_is_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry", None), ("state__in", ["asked", "declined"])),
                    models.Q(
                        ("entry__isnull", False),
                        ("state__in", ["approved", "pending", "succeeded", "failed"]),
                    ),
                    _connector="OR",
                ),
                name="refund_is_booked_when_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="refundrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("failed_entry", None), ("state", "failed"), _connector="XOR"),
                name="failed_refund_is_booked_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="writeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="write_off_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="writeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("asked_by")), _negated=True),
                name="write_off_is_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="writeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("entry", None), ("state", "booked"), _connector="XOR"),
                name="write_off_is_booked_when_allowed",
            ),
        ),
        *[append_only(table) for table in APPEND_ONLY],
        migrations.RunSQL(LINES_BEFORE_THEIR_NOTE, NO_LINE_TRIGGERS),
        migrations.RunSQL(MADE_ONCE, "DROP TRIGGER made_once ON billing_creditnotedocument"),
    ]
