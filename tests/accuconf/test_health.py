"""What load balancers and `./portal demo` ask."""

from unittest import mock

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def test_a_live_process_says_so_without_asking_anybody(client):
    assert client.get("/healthz").content == b"alive\n"


@pytest.mark.django_db
def test_ready_when_database_and_queue_are(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "queue": "ok"})


@pytest.mark.django_db
def test_not_ready_while_migrations_are_pending(client):
    newest = MigrationLoader(connection).graph.leaf_nodes("billing")[0]
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (503, "migrations pending")


@pytest.mark.django_db
def test_not_ready_without_the_queue(client, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["queue"]) == (503, "unreachable")


@pytest.mark.django_db
def test_not_ready_without_the_database(client, tmp_path):
    address = {**connection.settings_dict, "HOST": "", "OPTIONS": {"host": str(tmp_path)}}

    with mock.patch("accuconf.health.connection", DatabaseWrapper(address)):
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
