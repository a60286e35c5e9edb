"""A leg that was taken in never changes: what differs later goes to quarantine instead."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON conferences_leg
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_append_only"),
        ("conferences", "0001_initial"),
    ]

    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON conferences_leg")]
