"""The live call: who sees it, what a moderator does, and what is said when the bridge does not."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accuconf.sandbox.bridge import Caller
from conferences.bridge.control import OF_A_CALLER, Order
from conferences.services import live
from tests import make
from tests.conferences.addresses import address
from tests.conferences.cast import ANN, RENEE, callers
from tests.pages import card, complaints, read, rows, sign_in
from users.throttling import count

ORDERS = sorted(set(Order) - OF_A_CALLER)


@pytest.fixture
def moderator(client, basic, conference):
    """A basic user with Moderate, signed in."""
    make.rights(basic, conference, "moderate")
    sign_in(client, basic)
    return basic


def order(client, words, conference, *caller):
    """Give an order by its button, and return the sentence that the next page begins with."""
    name = "live_caller_order" if caller else "live_order"
    return said(client.post(address(name, conference, *caller, words), follow=True))


def said(response):
    (sentence,) = read(response).all("div", role="status")
    return sentence.text


def entries():
    return list(AuditEntry.objects.values_list("verb", "subject", "after"))


def test_the_page_shows_who_is_on(client, switch, moderator, conference):
    page = client.get(address("live_view", conference))

    shown = [row[:3] for row in rows(card(page, "on-now"))]
    assert [row[0] for row in shown] == [
        f"{ANN} +1 312-555-0100 · Moderator",
        f"{RENEE} +33 1 42 68 53 00",
    ]
    assert [row[1] for row in shown] == ["Moderator", "Participant"]
    assert card(page, "on-now").one("h2").text == "On the call 2 people"


def test_the_part_that_renews_itself_is_the_part_of_the_page(client, switch, moderator, conference):
    page = client.get(address("live_view", conference)).content.decode()
    part = client.get(address("live_people", conference)).content.decode()

    assert part.strip() in page
    assert "csrfmiddlewaretoken" not in part


def test_one_is_muted_heard_and_dropped_by_buttons(client, switch, moderator, conference):
    renee = callers(switch, conference)[RENEE].uuid

    muted = order(client, "mute", conference, renee)
    was_muted = callers(switch, conference)[RENEE].is_muted
    heard = order(client, "unmute", conference, renee)
    dropped = order(client, "drop", conference, renee)

    who = f"{RENEE}, 33142685300"
    assert (muted, was_muted) == (f"{who} is muted.", True)
    assert heard == f"{who} can be heard again."
    assert dropped == f"{who} is dropped from the call."
    assert list(callers(switch, conference)) == [ANN]
    subject = f"Conference {conference}"
    assert entries() == [
        ("dropped a caller from", subject, {"caller": who}),
        ("unmuted a caller on", subject, {"caller": who}),
        ("muted a caller on", subject, {"caller": who}),
    ]


def test_the_call_is_locked_recorded_and_muted_by_buttons(client, switch, moderator, conference):
    room = switch.rooms[conference.number]

    sentences = [order(client, name, conference) for name in ("lock", "record")]
    sentences.append(order(client, "mute-others", conference))

    assert sentences == [
        "The call is locked: nobody else can come in.",
        "The call is being recorded.",
        "Everybody but the moderators is muted.",
    ]
    assert room.is_locked
    assert room.recording.startswith(f"/var/lib/accuconf/recordings/{conference.number}_20")
    assert callers(switch, conference)[RENEE].is_muted
    pills = card(client.get(address("live_view", conference)), "on-now").all("span")
    assert {"Locked", "Recording", "Muted"} <= {pill.text for pill in pills}


def test_an_asterisk_is_moderated_by_the_same_buttons(
    client, connect_bridge, moderator, conference
):
    switch = connect_bridge("asterisk")
    switch.open(conference.number, Caller(ANN, "13125550100", is_moderator=True), Caller("Bo", "1"))
    bo = callers(switch, conference)["Bo"].unique_id

    assert order(client, "drop", conference, bo) == "Bo, 1 is dropped from the call."
    assert list(callers(switch, conference)) == [ANN]


def test_who_left_meanwhile_is_said_to_have_left(client, switch, moderator, conference):
    renee = switch.rooms[conference.number].callers.pop().uuid

    assert order(client, "drop", conference, renee) == ("This caller has left the call meanwhile.")
    assert entries() == []


@pytest.mark.parametrize("words", ORDERS)
def test_an_order_to_nobody_is_said_to_be_to_nobody(client, moderator, conference, words):
    assert order(client, words, conference) == "Nobody is on the call any more."
    assert entries() == []


def test_a_bridge_that_is_off_is_said_to_be_off_and_then_left_alone(
    client, connect_bridge, moderator, conference
):
    switch = connect_bridge()
    switch.silent_at = "json_list"

    first = client.get(address("live_view", conference))
    second = client.get(address("live_people", conference))
    sentence = order(client, "lock", conference)

    assert card(first, "on-now").one("h3").text == "No answer"
    assert "No answer" in second.content.decode()
    assert sentence == "The bridge does not answer at the moment. Try again in a few seconds."
    assert len(switch.heard) == 1
    assert entries() == []


def test_an_order_whose_answer_is_lost_is_told_and_written_down(
    client, switch, moderator, conference
):
    switch.cut_at = "kick"

    sentence = order(client, "drop", conference, callers(switch, conference)[RENEE].uuid)

    assert sentence.startswith("The bridge took this but did not answer.")
    ((verb, _, after),) = entries()
    assert (verb, after["answer"]) == (
        "dropped a caller from",
        "none: it may have been carried out",
    )


def test_a_no_of_the_bridge_is_passed_on(client, connect_bridge, moderator, conference):
    switch = connect_bridge("asterisk")
    switch.open(conference.number, Caller(ANN, "1")).recording = "/rec/first.wav"

    assert order(client, "record", conference) == (
        "The bridge did not do it. It says: Conference is already being recorded."
    )


def test_a_caller_with_a_hostile_name_is_shown_as_text(client, switch, moderator, conference):
    switch.rooms[conference.number].callers.append(Caller("<script>x</script>", '"><b>'))

    page = client.get(address("live_view", conference)).content.decode()

    assert "<script>x" not in page
    assert "<b>" not in page


def test_somebody_is_called_into_the_call(client, switch, moderator, conference):
    typed = {"number": "(617) 555-0123"}

    page = client.post(address("live_call_out", conference), typed, follow=True)

    assert said(page) == "(617) 555-0123 is being called, and appears below on picking up."
    assert len(callers(switch, conference)) == 3
    assert switch.heard[-2] == (
        f"api conference {conference.number} bgdial sofia/gateway/outbound/+16175550123"
    )
    assert [(verb, after) for verb, _, after in entries()] == [
        ("called somebody into", {"number": "+16175550123"})
    ]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Which number shall be called?"),
        ("12", "This is not a telephone number. One abroad begins with + and the code of its"),
        ("+44 20 7183 8750", "Calls to this country are not offered."),
        ("900 234 5678", "Calls to numbers of this kind are not offered."),
        ("617 555 0123 ext. 9", "Calls to numbers of this kind are not offered."),
        ("617 555 0123\r\nAction: Command", "This is not a telephone number."),
    ],
)
def test_what_may_not_be_called_is_said_beside_the_field(
    client, switch, moderator, conference, number, sentence
):
    page = client.post(address("live_call_out", conference), {"number": number})

    (complaint,) = complaints(page)
    assert complaint.startswith(sentence)
    assert read(page).one("input", name="number").attributes.get("value", "") == number
    assert len(callers(switch, conference)) == 2


def test_an_account_does_not_ring_up_the_world(client, switch, moderator, conference):
    for _ in range(live.CALLS_OUT.tries):
        count(live.CALLS_OUT, conference.account_id, now=timezone.now())

    page = client.post(address("live_call_out", conference), {"number": "617 555 0123"})

    (complaint,) = complaints(page)
    assert complaint.startswith("Your company has called out very often. Try again after ")
    assert len(callers(switch, conference)) == 2


def test_nobody_is_called_where_the_operator_does_not_offer_it(
    client, switch, moderator, conference, settings
):
    settings.OUT_DIAL_REGIONS = []

    page = client.get(address("live_view", conference))
    answer = client.post(address("live_call_out", conference), {"number": "617 555 0123"})

    assert read(page).all("section", **{"aria-labelledby": "call-out"}) == []
    assert answer.status_code == 404


def test_view_alone_does_not_moderate(client, switch, basic, conference):
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    statuses = [
        client.get(address("live_view", conference)).status_code,
        client.get(address("live_people", conference)).status_code,
        *(client.post(address("live_order", conference, one)).status_code for one in ORDERS),
    ]

    assert set(statuses) == {403}
    assert switch.heard == []


def test_a_right_taken_away_counts_at_the_next_renewal(client, switch, moderator, conference):
    seen = client.get(address("live_people", conference)).status_code

    moderator.rights.all().delete()

    assert (seen, client.get(address("live_people", conference)).status_code) == (200, 404)
