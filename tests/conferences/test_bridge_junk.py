"""Whatever a bridge sends, an address of bridges answers it, and never by falling over."""

import base64
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from conferences.bridge.urls import urlpatterns
from conferences.records.spool import take_in_spool
from conferences.services.bridges import make_key
from tests import make

ADDRESSES = [f"/bridge/{pattern.pattern}" for pattern in urlpatterns]
FORM = "application/x-www-form-urlencoded"
#: What each address needs to come past its first question; junk takes the place of one each time.
FIELDS = {
    "digits": "123456789",
    "call": "1788271290.18",
    "caller": "12125550123",
    "dialled": "18005550100",
    "session_id": "5f2d1a52-1f7c-4a7e-9d0b-2f9c6b1f0e11",
    "pin": "123456789",
    "accuconf_tries": "1",
    "section": "dialplan",
    "Hunt-Context": "public",
    "Hunt-Destination-Number": "18005550100",
    "external_id": "a.wav",
    "conference": "30125",
    "session": "5f2d1a52",
    "started_at": "2026-11-03T19:05:00Z",
    "seconds": "3",
}
JUNK = ["\0", "²٣", "9" * 5_000, "../../etc/passwd\r\nX: 1", "1e400"]
HEADERS = [
    {"Authorization": "Basic é"},
    {"Authorization": f"Basic {base64.b64encode(b'a:' + bytes([255])).decode()}"},
    {"Authorization": "Bearer é"},
    {"X-Bridge-Signature": "é", "X-Bridge": "\0"},
    {"X-File-Name": "../../../../etc/passwd\0é" * 20},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "application/x-www-form-urlencoded; charset=none"},
]
BODIES = [b"", b"\xff\xfe", b"cdr=%zz", b"cdr=\xff", b"--x\r\n", bytes(10), b"&" * 100_000]


@pytest.fixture
def post(client, account, settings, tmp_path):
    """Posts as a bridge, and fails where the address does."""
    settings.DATA_DIR = tmp_path
    make.conference(account=account, number="30125")
    make.dial_in_number(number="18005550100")
    key = make_key(make.bridge(name="bridge1"), now=timezone.now())

    def send(address, body, kind=FORM, headers=None):
        headers = {"Authorization": f"Bearer {key}"} | (headers or {})
        answer = client.generic("POST", address, body, content_type=kind, headers=headers)
        assert answer.status_code < 500, (address, body[:80], headers)

    return send


@pytest.mark.parametrize("address", ADDRESSES)
def test_junk_is_answered(post, address):
    for junk in JUNK:
        for name in FIELDS:
            form = urlencode(FIELDS | {name: junk})
            post(address, form.encode())
            if address == "/bridge/recordings/":
                post(f"{address}?{form}", b"RIFF")
    for headers in HEADERS:
        post(address, b"{}", headers=headers)
    for body in BODIES:
        for kind in (FORM, "application/json", "text/csv", "multipart/form-data; boundary=x"):
            post(address, body, kind)


def test_junk_that_was_kept_is_taken_in(post, tmp_path):
    kinds = ("application/json", "application/x-ndjson", "text/xml", "text/csv")
    for kind in kinds:
        for body in (b"[]", b"\xff\xfe", bytes(10), b'{"eventtype":"A","eventextra":[[]]}\n'):
            post("/bridge/records/", body, kind, {"X-File-Name": "../../../../x\0é" * 20})

    counts = take_in_spool(now=timezone.now())

    assert (counts.accepted, counts.quarantined > 0) == (0, True)
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]
    assert not any(path.is_file() for path in tmp_path.glob("spool/*/*"))
