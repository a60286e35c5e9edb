"""A bridge may sign what it sends: its key stays at home, nothing is changed or repeated."""

import datetime as dt
import hashlib
import hmac
import subprocess

import pytest
import time_machine
from django.http import HttpResponse

from conferences.bridge.authentication import for_bridges
from conferences.bridge.signing import sign, signed_text
from conferences.services.bridges import make_key
from tests import make

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)
NONCE = "0123456789abcdef"
BODY = b"digits=123456789"


@for_bridges
def page(request, *, bridge):
    return HttpResponse(f"{bridge.name} {request.POST['digits']}")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def key(db):
    return make_key(make.bridge(name="bridge1"), now=NOW)


def signed(key, *, path="/bridge/pin/", body=BODY, seconds=0, nonce=NONCE, name="bridge1"):
    """Return the headers of a request that a bridge signs, its clock so many seconds ahead."""
    time = str(int(NOW.timestamp()) + seconds)
    return {
        "X-Bridge": name,
        "X-Bridge-Time": time,
        "X-Bridge-Nonce": nonce,
        "X-Bridge-Signature": sign(key, signed_text(time, nonce, "POST", path, body)),
    }


def send(rf, headers, *, path="/bridge/pin/", body=BODY):
    form = "application/x-www-form-urlencoded"
    return page(rf.post(path, data=body, content_type=form, headers=headers))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_signed_request_is_let_in(rf, key, seconds):
    response = send(rf, signed(key, seconds=seconds))

    assert response.content == b"bridge1 123456789"


def test_signature_is_as_documented(rf, key):
    time = int(NOW.timestamp())
    text = f"{time}\n{NONCE}\nPOST\n/bridge/pin/\n".encode() + BODY
    by_hand = hmac.new(key.encode(), text, hashlib.sha256).hexdigest()
    by_openssl = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", key], input=text, capture_output=True, check=True
    ).stdout.split()[-1]

    assert signed(key)["X-Bridge-Signature"] == by_hand == by_openssl.decode()


def test_repeated_request_is_refused(rf, key):
    send(rf, signed(key))

    assert send(rf, signed(key)).status_code == 401
    assert send(rf, signed(key, nonce="another-nonce-0001")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": -301},
        {"seconds": 301},
        {"nonce": "short"},
        {"nonce": "sixteen or more, but not so"},
        {"name": "bridge2"},
        {"path": "/bridge/records/"},
        {"path": "/bridge/pin/?uuid=1"},
        {"body": b"digits=999999999"},
    ],
)
def test_what_was_not_signed_so_is_refused(rf, key, wrong):
    assert send(rf, signed(key, **wrong)).status_code == 401


def test_right_key_does_not_help_a_wrong_signature(rf, key):
    headers = signed("another key") | {"Authorization": f"Bearer {key}"}

    refused = send(rf, headers)

    assert refused.status_code == 401
    assert refused.content == send(rf, {"Authorization": "Bearer wrong"}).content


@pytest.mark.parametrize(
    "header", ["X-Bridge", "X-Bridge-Time", "X-Bridge-Nonce", "X-Bridge-Signature"]
)
@pytest.mark.parametrize("value", ["", "é", "١٢٣", "bridge1\0"])
def test_nonsense_in_a_header_is_refused(rf, key, header, value):
    assert send(rf, signed(key) | {header: value}).status_code == 401


def test_withdrawn_key_signs_no_more(rf, key):
    bridge = make.bridge(name="bridge2")
    old = make_key(bridge, now=NOW)
    bridge.keys.update(withdrawn_at=NOW)

    assert send(rf, signed(old, name="bridge2")).status_code == 401
