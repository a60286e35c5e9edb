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
            name="master_rows",
            field=models.JSONField(help_text="how a Master.csv was to be read", null=True),
        ),
        migrations.AddField(
            model_name="callfile",
            name="other_calls",
            field=models.PositiveIntegerField(default=0, verbose_name="other calls"),
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
                ("bridge", models.CharField(max_length=100, verbose_name="bridge")),
                ("unique_id", models.CharField(max_length=150, verbose_name="channel")),
                (
                    "linked_id",
                    models.CharField(
                        blank=True, max_length=150, verbose_name="first channel of the call"
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="event")),
                (
                    "user_event",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="dialplan's own event"
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="its words")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "channel_name",
                    models.CharField(blank=True, max_length=200, verbose_name="channel's name"),
                ),
                (
                    "caller_name",
                    models.CharField(blank=True, max_length=200, verbose_name="caller's name"),
                ),
                (
                    "caller_number",
                    models.CharField(blank=True, max_length=50, verbose_name="caller's number"),
                ),
                (
                    "dialled_number",
                    models.CharField(blank=True, max_length=80, verbose_name="number dialled"),
                ),
                (
                    "extension",
                    models.CharField(blank=True, max_length=80, verbose_name="extension"),
                ),
                (
                    "app_name",
                    models.CharField(blank=True, max_length=80, verbose_name="application"),
                ),
                (
                    "app_data",
                    models.CharField(blank=True, max_length=200, verbose_name="application's data"),
                ),
                (
                    "user_field",
                    models.CharField(blank=True, max_length=200, verbose_name="user field"),
                ),
                (
                    "mixer",
                    models.CharField(blank=True, max_length=100, verbose_name="mixing bridge"),
                ),
                (
                    "technology",
                    models.CharField(blank=True, max_length=40, verbose_name="technology"),
                ),
                (
                    "hangup_cause",
                    models.PositiveSmallIntegerField(
                        help_text="Q.850", null=True, verbose_name="hang-up cause"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("position", models.PositiveIntegerField(verbose_name="line")),
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
                "verbose_name": "channel event",
                "verbose_name_plural": "channel events",
                "ordering": ["at", "pk"],
                "indexes": [models.Index(fields=["unique_id", "bridge"], name="events_of_channel")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bridge", "digest"), name="channel_event_is_known_once_per_bridge"
                    )
                ],
            },
        ),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON conferences_channelevent"),
    ]
