"""Find the few one-time conferences that are open among all that ever were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conferences", "0004_pins_rest_and_end")]

    operations = [
        migrations.AddIndex(
            model_name="conference",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("kind", "one_time")),
                fields=["account"],
                name="one_time_conferences_open",
            ),
        ),
    ]
