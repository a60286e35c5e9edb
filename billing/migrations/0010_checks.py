"""Checks, each with its payment in the ledger; only whether its rest is kept may change."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT_AS_RECORDED = """
CREATE TRIGGER kept_as_recorded
    BEFORE DELETE OR UPDATE OF id, account_id, number, amount_cents, received_on, entered_by_id,
                               entry_id ON billing_check
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_people"),
        ("billing", "0008_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, verbose_name="check number")),
                ("amount_cents", models.BigIntegerField(verbose_name="amount")),
                ("received_on", models.DateField(verbose_name="received")),
                (
                    "is_rest_kept",
                    models.BooleanField(
                        default=False,
                        help_text="what is left over waits for staff",
                        verbose_name="rest is kept",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="accounts.account",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper_check",
                        to="billing.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "check",
                "verbose_name_plural": "checks",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "number"), name="check_number_is_once_per_account"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="check_brings_money"
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT_AS_RECORDED, "DROP TRIGGER kept_as_recorded ON billing_check"),
    ]
