"""Recordings in a bucket, on a local server that speaks the protocol of S3."""

import tempfile

import boto3
import pytest
from django.urls import reverse
from moto.server import ThreadedMotoServer

from conferences.models import Recording
from conferences.recordings.storage import recordings_storage
from conferences.services.recordings import Told, take_in
from conferences.services.retention import remove_files
from tests.conferences.test_recording_retention import RECEIVED
from tests.pages import sign_in
from tests.recordings import wav

KEYS = {"access_key": "made-up", "secret_key": "made-up"}
SOUND = wav(20, level=999)


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3, settings):
    """Recordings lie in a new bucket; gives its objects."""
    keys = {"aws_access_key_id": "made-up", "aws_secret_access_key": "made-up"}
    resource = boto3.resource("s3", endpoint_url=s3, region_name="us-east-1", **keys)
    bucket = resource.Bucket("recordings")
    bucket.create()
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "conferences.recordings.bucket.InBucket",
            "OPTIONS": {
                "bucket_name": bucket.name,
                "endpoint_url": s3,
                "region_name": "us-east-1",
                "addressing_style": "path",
                "signature_version": "s3v4",
                "querystring_auth": False,
                "file_overwrite": True,
                **KEYS,
            },
        }
    }
    yield bucket
    bucket.objects.delete()
    bucket.delete()


@pytest.fixture
def recording(bucket, conference):
    told = Told(external_id="r", conference_number=conference.number, started_at=RECEIVED)
    with tempfile.TemporaryFile() as body:
        body.write(SOUND)
        taken_in, is_new = take_in(body, told, bridge="bridge1", now=RECEIVED)
    assert is_new
    return taken_in


def test_recording_is_taken_in_heard_in_parts_and_removed(client, admin, recording, bucket):
    assert [stored.size for stored in bucket.objects.all()] == [len(SOUND)]
    sign_in(client, admin)
    address = reverse("conferences:recording_audio", args=[recording.pk])

    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=100000-100009"})
    rest = client.get(address, headers={"Range": f"bytes={len(SOUND) - 3}-"})

    assert b"".join(whole) == SOUND
    assert (part.status_code, b"".join(part)) == (206, SOUND[100_000:100_010])
    assert b"".join(rest) == SOUND[-3:]
    Recording.objects.update(deleted_at=RECEIVED)
    assert remove_files() == 1
    assert list(bucket.objects.all()) == []


def test_only_the_part_is_fetched_from_the_bucket(recording, monkeypatch):
    asked = []
    client = recordings_storage().connection.meta.client
    client.meta.events.register(
        "before-send.s3.GetObject", lambda request, **_: asked.append(request.headers["Range"])
    )

    chunks = recordings_storage().chunks_between(recording.file.name, 7, 11)

    assert b"".join(chunks) == SOUND[7:11]
    assert asked == [b"bytes=7-10"]


def test_file_that_is_gone_is_an_error_before_the_answer_begins(client, admin, recording, bucket):
    bucket.objects.delete()
    client.raise_request_exception = False
    sign_in(client, admin)

    response = client.get(reverse("conferences:recording_audio", args=[recording.pk]))

    assert response.status_code == 500
