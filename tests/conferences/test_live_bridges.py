"""All bridges at once: how many are on, noted for the pages, and whether staff can control them."""

from django.core.cache import cache

from conferences.models import Bridge
from conferences.services import live
from tests import make
from tests.pages import sign_in


def test_counts_are_noted_for_the_pages(switch, conference):
    live.note_live_calls()

    assert live.counts_on_now() == {conference.number: 2}


def test_a_silent_bridge_is_named_in_the_log_and_the_others_are_counted(
    switch, connect_bridge, conference, caplog
):
    connect_bridge("asterisk", name="deaf").silent_at = "Login"

    live.note_live_calls()

    assert live.counts_on_now() == {conference.number: 2}
    assert "A bridge does not tell who is on: deaf: no answer in time" in caplog.text


def test_bridges_out_of_use_and_those_without_control_are_not_asked(switch, conference):
    Bridge.objects.update(is_active=False)
    make.bridge(name="no control")
    cache.clear()

    live.note_live_calls()

    assert (live.counts_on_now(), switch.heard) == ({}, [])


def test_staff_try_whether_bridges_can_be_controlled(client, connect_bridge, staff):
    connect_bridge(name="good")
    connect_bridge("asterisk", name="locked").password = "another"
    make.bridge(name="without")
    sign_in(client, staff)

    page = client.post(
        "/staff/conferences/bridge/",
        {
            "action": "try_the_control",
            "_selected_action": list(Bridge.objects.values_list("pk", flat=True)),
        },
        follow=True,
    )

    assert sorted(str(message) for message in page.context["messages"]) == [
        "good answers: its calls can be moderated.",
        "locked: it refuses the password of its control",
        "without: it has no control host",
    ]
