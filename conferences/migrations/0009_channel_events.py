"""What Asterisk bridges tell of their channels; an event that came in never changes."""

import django.db.models.deletion
from django.db import migrations, models


TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON conferences_channelevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_append_only"),
        ("conferences", "0008_channel_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="callfile",
            name="other_calls",
            field=models.PositiveIntegerField(default=0, verbose_name="other calls"),
        ),
        migrations.AddField(
            model_name="callfile",
            name="master_rows",
            field=models.JSONField(help_text="how a Master.csv was to be read", null=True),
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bridge", models.CharField(max_length=100)),
                ("unique_id", models.CharField(max_length=150)),
                (
                    "last_arrival_at",
                    models.DateTimeField(help_text="when the last new event came in"),
                ),
                (
                    "is_waiting",
                    models.BooleanField(default=True, help_text="for its events to become legs"),
                ),
                ("assembled_at", models.DateTimeField(help_text="when they last did", null=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_waiting", True)),
                        fields=["last_arrival_at"],
                        name="channels_to_assemble",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bridge", "unique_id"), name="channel_is_known_once_per_bridge"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChannelEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("bridge", models.CharField(max_length=100)),
                (
                    "unique_id",
                    models.CharField(help_text="the bridge's name for the channel", max_length=150),
                ),
                ("linked_id", models.CharField(blank=True, max_length=150)),
                (
                    "kind",
                    models.CharField(
                        help_text="as BRIDGE_ENTER; USER_DEFINED: the dialplan's", max_length=20
                    ),
                ),
                (
                    "user_event",
                    models.CharField(
                        blank=True, help_text="the dialplan's own name", max_length=80
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True, help_text="what the dialplan says by it", max_length=200
                    ),
                ),
                ("at", models.DateTimeField()),
                ("channel_name", models.CharField(blank=True, max_length=200)),
                ("caller_name", models.CharField(blank=True, max_length=200)),
                ("caller_number", models.CharField(blank=True, max_length=50)),
                ("dialled_number", models.CharField(blank=True, max_length=80)),
                ("extension", models.CharField(blank=True, max_length=80)),
                ("app_name", models.CharField(blank=True, max_length=80)),
                ("app_data", models.CharField(blank=True, max_length=200)),
                ("user_field", models.CharField(blank=True, max_length=200)),
                (
                    "mixer",
                    models.CharField(
                        blank=True, help_text="id of the mixing bridge", max_length=100
                    ),
                ),
                ("technology", models.CharField(blank=True, max_length=40)),
                ("hangup_cause", models.PositiveSmallIntegerField(help_text="Q.850", null=True)),
                ("digest", models.CharField(max_length=64)),
                (
                    "position",
                    models.PositiveIntegerField(help_text="which line of the file this was"),
                ),
                (
                    "call_file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channel_events",
                        to="conferences.callfile",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["bridge", "unique_id"], name="events_of_channel")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bridge", "digest"), name="channel_event_is_known_once_per_bridge"
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON conferences_channelevent"),
    ]
