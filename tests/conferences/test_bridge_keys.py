"""A bridge proves by its key that it is the one; nobody else gets in where only bridges may."""

import base64
import datetime as dt

import pytest
from django.http import HttpResponse

from accounts.models import AuditEntry
from conferences.bridge.authentication import for_bridges
from conferences.models import Bridge, BridgeKey
from conferences.services.bridges import make_key, withdraw_older_keys
from tests import make
from tests.pages import sign_in

NOW = dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC)


@for_bridges
def page(request, *, bridge):
    return HttpResponse(bridge.name)


@pytest.fixture
def bridge(db):
    return make.bridge(name="bridge1")


def asked(rf, header=None):
    return page(rf.post("/", headers={"Authorization": header} if header else {}))


def basic(name, key):
    return "Basic " + base64.b64encode(f"{name}:{key}".encode()).decode()


def test_key_opens_as_token_and_as_password(rf, bridge):
    key = make_key(bridge, now=NOW)

    assert asked(rf, f"Bearer {key}").content == b"bridge1"
    assert asked(rf, basic("bridge1", key)).content == b"bridge1"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic",
        "Basic ???",
        "Basic /w==",
        "Basic é",
        "Digest x",
    ],
)
def test_nothing_else_opens(rf, bridge, header):
    make_key(bridge, now=NOW)

    response = asked(rf, header)

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Basic")


def test_withdrawn_key_opens_no_more_and_the_newest_does(rf, bridge):
    old, new = make_key(bridge, now=NOW), make_key(bridge, now=NOW + dt.timedelta(days=1))

    withdraw_older_keys(bridge, now=NOW)

    assert asked(rf, f"Bearer {old}").status_code == 401
    assert asked(rf, f"Bearer {new}").status_code == 200


def test_key_of_a_bridge_out_of_use_opens_no_more(rf, bridge):
    key = make_key(bridge, now=NOW)
    Bridge.objects.update(is_active=False)

    assert asked(rf, f"Bearer {key}").status_code == 401


def test_key_is_stored_sealed(bridge):
    key = make_key(bridge, now=NOW)

    stored = BridgeKey.objects.get()
    assert stored.secret == key
    assert key not in f"{stored.digest} {bytes(stored.sealed_key)}"


def test_staff_make_a_key_that_is_shown_once(client, bridge, staff):
    sign_in(client, staff)

    shown = client.post(
        "/staff/conferences/bridge/",
        {"action": "make_a_key", "_selected_action": bridge.pk},
        follow=True,
    ).content.decode()

    key = BridgeKey.objects.get().secret
    assert key in shown
    assert key not in client.get(f"/staff/conferences/bridge/{bridge.pk}/change/").content.decode()
    assert key not in str(list(AuditEntry.objects.values()))


def test_control_password_goes_in_and_never_comes_out(client, bridge, staff):
    sign_in(client, staff)
    address = f"/staff/conferences/bridge/{bridge.pk}/change/"
    typed = {"name": "bridge1", "kind": "freeswitch", "is_active": "on", "new_password": "ClueCon9"}
    no_keys = {"keys-TOTAL_FORMS": 0, "keys-INITIAL_FORMS": 0}

    client.post(address, typed | no_keys)

    bridge.refresh_from_db()
    assert bridge.control_password == "ClueCon9"
    assert "ClueCon9" not in client.get(address).content.decode()
    assert "ClueCon9" not in str(list(AuditEntry.objects.values()))
