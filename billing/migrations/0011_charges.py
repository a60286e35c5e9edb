"""Fees, taxes, surcharges and late fees: their rules, and what bills charged by them."""

from importlib import import_module

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.math
import django_countries.fields
from django.conf import settings
from django.db import migrations, models


_bills = import_module("billing.migrations.0003_frozen_bills_and_books")
_corrections = import_module("billing.migrations.0008_corrections")

# As a bill's lines are: written before the bill itself, in one transaction.
CHARGES_BEFORE_THEIR_BILL = """
CREATE FUNCTION refuse_charge_of_issued_bill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_charges JOIN billing_bill ON billing_bill.id = new_charges.bill_id
    ) THEN
        RAISE EXCEPTION 'the bill is issued: no charge can join it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER charges_before_their_bill AFTER INSERT ON billing_billcharge
    REFERENCING NEW TABLE AS new_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_charge_of_issued_bill();
"""
NO_CHARGES_BEFORE_THEIR_BILL = """
DROP TRIGGER charges_before_their_bill ON billing_billcharge;
DROP FUNCTION refuse_charge_of_issued_bill();
"""

BILL_IS_LINES_AND_CHARGES = """
CREATE OR REPLACE FUNCTION refuse_bill_unlike_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current_charges_cents <> (
        SELECT coalesce(sum(cost_cents), 0) FROM billing_billline WHERE bill_id = NEW.id
    ) + (
        SELECT coalesce(sum(amount_cents), 0) FROM billing_billcharge WHERE bill_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'bill %: current charges are not the sum of its lines and charges',
            NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
CREDITS_OF_CHARGES = """
CREATE OR REPLACE FUNCTION refuse_line_of_issued_credit_note() RETURNS trigger
LANGUAGE plpgsql AS $$
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
    ) OR EXISTS (
        SELECT FROM billing_creditnoteline AS credit
        JOIN billing_billcharge AS charge ON charge.id = credit.charge_id
        WHERE charge.id IN (SELECT charge_id FROM new_lines)
        GROUP BY charge.id HAVING sum(credit.amount_cents) > charge.amount_cents
    ) THEN
        RAISE EXCEPTION 'no more is given back of a line than was billed'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refuse_credit_note_unlike_its_lines() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.total_cents <> (
        SELECT coalesce(sum(credit.amount_cents), 0) FROM billing_creditnoteline AS credit
        LEFT JOIN billing_billline AS line ON line.id = credit.bill_line_id
        LEFT JOIN billing_billcharge AS charge ON charge.id = credit.charge_id
        WHERE credit.note_id = NEW.id AND coalesce(line.bill_id, charge.bill_id) = NEW.bill_id
    ) THEN
        RAISE EXCEPTION 'credit note %: its total is not the sum of its lines', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_people"),
        ("billing", "0010_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LateFeeRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "currency",
                    models.CharField(default="USD", max_length=3, verbose_name="currency"),
                ),
                ("starts_on", models.DateField(verbose_name="for bills due from")),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="percent of what is unpaid",
                    ),
                ),
                (
                    "minimum_cents",
                    models.BigIntegerField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(10000000),
                        ],
                        verbose_name="cents at least",
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(
                        default=5, verbose_name="days of grace after the due date"
                    ),
                ),
            ],
            options={
                "verbose_name": "late fee",
                "verbose_name_plural": "late fees",
                "ordering": ["currency", "-starts_on"],
            },
        ),
        migrations.CreateModel(
            name="LateFeeWaiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("waived_at", models.DateTimeField(verbose_name="waived")),
            ],
            options={
                "verbose_name": "waived late fee",
                "verbose_name_plural": "waived late fees",
                "ordering": ["-waived_at"],
            },
        ),
        migrations.CreateModel(
            name="RecurringFee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, included"),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="as it is printed on the bill",
                        max_length=100,
                        verbose_name="name",
                    ),
                ),
                (
                    "amount_cents",
                    models.BigIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(50),
                            django.core.validators.MaxValueValidator(1000000000),
                        ],
                        verbose_name="cents a month",
                    ),
                ),
            ],
            options={
                "verbose_name": "monthly fee",
                "verbose_name_plural": "monthly fees",
                "ordering": ["name", "starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Tax",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, included"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("surcharge", "Surcharge"), ("tax", "Tax")],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="as it is printed on the bill",
                        max_length=100,
                        verbose_name="name",
                    ),
                ),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="percent",
                    ),
                ),
                ("on_calls", models.BooleanField(default=True, verbose_name="of calls")),
                ("on_fees", models.BooleanField(default=True, verbose_name="of monthly fees")),
                (
                    "on_surcharges",
                    models.BooleanField(
                        default=False, help_text="for taxes only", verbose_name="of surcharges"
                    ),
                ),
                (
                    "country",
                    django_countries.fields.CountryField(
                        blank=True,
                        help_text="empty: of accounts anywhere",
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="empty: of the whole country",
                        max_length=100,
                        verbose_name="state or region",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax or surcharge",
                "verbose_name_plural": "taxes and surcharges",
                "ordering": ["kind", "name", "starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TaxExemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, included"),
                ),
                (
                    "certificate",
                    models.CharField(
                        help_text="by what it is proved", max_length=200, verbose_name="certificate"
                    ),
                ),
            ],
            options={
                "verbose_name": "tax exemption",
                "verbose_name_plural": "tax exemptions",
                "ordering": ["account", "starts_on"],
            },
        ),
        migrations.RenameField("creditnoteline", "conference_name", "name"),
        migrations.AddField(
            model_name="billjob",
            name="allowed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="allowed by",
            ),
        ),
        migrations.AddField(
            model_name="billjob",
            name="allowed_cents",
            field=models.BigIntegerField(
                blank=True,
                help_text="staff saw charges of so many cents",
                null=True,
                verbose_name="allowed up to",
            ),
        ),
        migrations.AlterField(
            model_name="creditnoteline",
            name="name",
            field=models.CharField(help_text="of the conference, or of the charge", max_length=200),
        ),
        migrations.AlterField(
            model_name="creditnoteline",
            name="bill_line",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credits",
                to="billing.billline",
            ),
        ),
        migrations.AlterField(
            model_name="creditnoteline",
            name="minutes",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="creditnoteline",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="BillCharge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fee", "Monthly fee"),
                            ("surcharge", "Surcharge"),
                            ("tax", "Tax"),
                            ("late_fee", "Late fee"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("base_cents", models.BigIntegerField(verbose_name="of")),
                (
                    "percent",
                    models.DecimalField(
                        decimal_places=4, max_digits=7, null=True, verbose_name="percent"
                    ),
                ),
                ("first_day", models.DateField(null=True, verbose_name="from")),
                ("last_day", models.DateField(null=True, verbose_name="until, included")),
                ("days", models.PositiveSmallIntegerField(null=True, verbose_name="days")),
                ("days_of_month", models.PositiveSmallIntegerField(null=True)),
                ("amount_cents", models.BigIntegerField(verbose_name="amount")),
                (
                    "bill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="billing.bill",
                    ),
                ),
                (
                    "late_bill",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="late_fee",
                        to="billing.bill",
                    ),
                ),
            ],
            options={
                "verbose_name": "charge",
                "verbose_name_plural": "charges",
                "ordering": ["bill", "position"],
            },
        ),
        migrations.AddField(
            model_name="creditnoteline",
            name="charge",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credits",
                to="billing.billcharge",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.UniqueConstraint(
                fields=("note", "charge"), name="charge_is_credited_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("bill_line__isnull", False),
                        ("charge", None),
                        ("minutes__isnull", False),
                        ("started_at__isnull", False),
                    ),
                    models.Q(("bill_line", None), ("charge__isnull", False)),
                    _connector="OR",
                ),
                name="credit_is_of_a_line_or_of_a_charge",
            ),
        ),
        migrations.AddConstraint(
            model_name="latefeerule",
            constraint=models.UniqueConstraint(
                fields=("currency", "starts_on"), name="late_fee_is_one_from_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="latefeerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("minimum_cents__gte", 0), ("percent__gte", 0), ("percent__lte", 100)
                ),
                name="late_fee_is_not_negative",
            ),
        ),
        migrations.AddField(
            model_name="latefeewaiver",
            name="bill",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="late_fee_waiver",
                to="billing.bill",
            ),
        ),
        migrations.AddField(
            model_name="latefeewaiver",
            name="waived_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="recurringfee",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_fees",
                to="accounts.account",
            ),
        ),
        migrations.AddField(
            model_name="recurringfee",
            name="plan",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fees",
                to="billing.rateplan",
            ),
        ),
        migrations.AddField(
            model_name="billcharge",
            name="fee",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charges",
                to="billing.recurringfee",
            ),
        ),
        migrations.AddConstraint(
            model_name="tax",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gt", 0), ("percent__lte", 100)),
                name="tax_is_a_percentage",
            ),
        ),
        migrations.AddConstraint(
            model_name="tax",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_calls", True), ("on_fees", True), ("on_surcharges", True), _connector="OR"
                ),
                name="tax_is_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="tax",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "tax"), ("on_surcharges", False), _connector="OR"),
                name="surcharge_is_not_of_surcharges",
            ),
        ),
        migrations.AddConstraint(
            model_name="tax",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("region", ""), models.Q(("country", ""), _negated=True), _connector="OR"
                ),
                name="tax_of_a_region_names_its_country",
            ),
        ),
        migrations.AddConstraint(
            model_name="tax",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="tax_ends_after_its_start",
            ),
        ),
        migrations.AddField(
            model_name="billcharge",
            name="tax",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charges",
                to="billing.tax",
            ),
        ),
        migrations.AddField(
            model_name="taxexemption",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tax_exemptions",
                to="accounts.account",
            ),
        ),
        migrations.AddField(
            model_name="taxexemption",
            name="tax",
            field=models.ForeignKey(
                blank=True,
                help_text="empty: all taxes and surcharges",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exemptions",
                to="billing.tax",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringfee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account", None), ("plan__isnull", False)),
                    models.Q(("account__isnull", False), ("plan", None)),
                    _connector="OR",
                ),
                name="fee_is_of_a_plan_or_of_an_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringfee",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gte", 50)), name="no_day_of_a_fee_is_free"
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringfee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="fee_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="billcharge",
            constraint=models.UniqueConstraint(
                fields=("bill", "position"), name="charges_are_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="billcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="charge_costs_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="billcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("fee__isnull", False), ("kind", "fee"), ("late_bill", None), ("tax", None)
                    ),
                    models.Q(
                        ("fee", None),
                        ("kind__in", ["surcharge", "tax"]),
                        ("late_bill", None),
                        ("tax__isnull", False),
                    ),
                    models.Q(
                        ("fee", None),
                        ("kind", "late_fee"),
                        ("late_bill__isnull", False),
                        ("tax", None),
                    ),
                    _connector="OR",
                ),
                name="charge_is_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="billcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "fee"), _negated=True),
                    models.Q(
                        (
                            "amount_cents",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("base_cents"), "*", models.F("days")
                                        ),
                                        "*",
                                        models.Value(2),
                                    ),
                                    "+",
                                    models.F("days_of_month"),
                                ),
                                "/",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("days_of_month"), "*", models.Value(2)
                                ),
                            ),
                        ),
                        ("days__lte", models.F("days_of_month")),
                        ("first_day__isnull", False),
                        ("last_day__isnull", False),
                        ("percent", None),
                    ),
                    _connector="OR",
                ),
                name="fee_is_charged_by_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="billcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["surcharge", "tax"]), _negated=True),
                    models.Q(
                        (
                            "amount_cents",
                            django.db.models.functions.math.Round(
                                models.ExpressionWrapper(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("base_cents"), "*", models.F("percent")
                                        ),
                                        "/",
                                        models.Value(100),
                                    ),
                                    output_field=models.DecimalField(),
                                )
                            ),
                        ),
                        ("days", None),
                    ),
                    _connector="OR",
                ),
                name="tax_is_charged_by_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxexemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="exemption_ends_after_its_start",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_billcharge"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER append_only ON billing_billcharge",
        ),
        migrations.RunSQL(CHARGES_BEFORE_THEIR_BILL, NO_CHARGES_BEFORE_THEIR_BILL),
        migrations.RunSQL(
            BILL_IS_LINES_AND_CHARGES, _bills.NO_LINE_TRIGGERS + _bills.LINES_BEFORE_THEIR_BILL
        ),
        migrations.RunSQL(
            CREDITS_OF_CHARGES,
            _corrections.NO_LINE_TRIGGERS + _corrections.LINES_BEFORE_THEIR_NOTE,
        ),
    ]
