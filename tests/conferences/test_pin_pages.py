"""The pages of PINs: adding, revealing, removing and replacing one, and the sheet of all."""

import csv
import datetime as dt

import pytest

from accounts.models import AuditEntry
from conferences.models import Pin, Schedule
from tests import make
from tests.conferences.addresses import address
from tests.conferences.cast import DIGITS
from tests.pages import card, complaints, facts, read, rows, sign_in

NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)


@pytest.fixture
def moderator(client, basic, conference):
    make.rights(basic, conference, "moderate")
    sign_in(client, basic)
    return client


@pytest.fixture
def viewer(client, basic, conference):
    make.rights(basic, conference, "view")
    sign_in(client, basic)
    return client


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_new_pin_is_shown_once_by_its_own_page(client, admin, conference):
    sign_in(client, admin)
    typed = {"kind": "participant", "holder_name": " Ana  Moss ", "maximum_uses": "5"}

    response = client.post(address("pin_add", conference), typed, follow=True)
    again = client.get(response.request["PATH_INFO"])

    pin = Pin.objects.get()
    assert (pin.kind, pin.holder_name, pin.maximum_uses) == ("participant", "Ana Moss", 5)
    assert pin.digits in response.content.decode()
    assert pin.digits not in again.content.decode()
    assert verbs() == ["added"]


def test_times_are_typed_on_the_readers_clock(client, admin, conference):
    sign_in(client, admin)
    typed = {"kind": "speaker", "starts_at": "2030-07-01T09:00", "ends_at": "2030-07-01T18:00"}

    client.post(address("pin_add", conference), typed)

    pin = Pin.objects.get()
    assert (pin.starts_at, pin.ends_at) == (
        dt.datetime(2030, 7, 1, 13, tzinfo=dt.UTC),
        dt.datetime(2030, 7, 1, 22, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_at": "2020-01-01T09:00"}, "This is over already."),
        (
            {"starts_at": "2030-01-02T09:00", "ends_at": "2030-01-02T09:00"},
            "It must end after it starts.",
        ),
        ({"maximum_uses": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"starts_at": "soon"}, "Enter a valid date/time."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(client, admin, conference, typed, sentence):
    sign_in(client, admin)

    response = client.post(address("pin_add", conference), {"kind": "speaker", **typed})

    assert complaints(response) == [sentence]
    assert Pin.objects.count() == 0


def test_view_user_cannot_add_a_moderator_pin(viewer, conference):
    page = read(viewer.get(address("pin_add", conference)))
    response = viewer.post(address("pin_add", conference), {"kind": "moderator"})

    assert [option.text for option in page.one("select").all("option")] == ["Participant"]
    assert len(complaints(response)) == 1
    assert Pin.objects.count() == 0


@pytest.mark.parametrize("page", ["pin_view", "pin_remove", "pin_replace"])
def test_view_user_finds_no_moderator_pin(viewer, conference, moderator_pin, page):
    assert viewer.get(address(page, conference, moderator_pin.pk)).status_code == 404


def test_pin_is_not_found_on_another_conference(client, admin, account, pin):
    other = make.conference(account=account)
    sign_in(client, admin)

    assert client.get(address("pin_view", other, pin.pk)).status_code == 404


def test_reveal_shows_the_digits_with_an_invitation_and_is_in_the_log(client, admin, pin):
    make.dial_in_number()
    Schedule.objects.create(
        conference=pin.conference, starts_on=dt.date(2099, 3, 20), starts_at_time=dt.time(9),
        time_zone="Europe/London", minutes=60,
    )  # fmt: skip
    sign_in(client, admin)

    page = read(client.post(address("pin_reveal", pin.conference, pin.pk)))

    assert page.one("strong", id=f"digits-{pin.pk}").text == "483 920 175"
    assert page.one("textarea").children[0].strip().splitlines() == [
        "You are invited to: Weekly meeting",
        "When: Mar 20, 2099, 5:00\N{NO-BREAK SPACE}AM (America/New_York)",
        "",
        "Call one of these numbers:",
        "Toll-free: +1 800-555-0100",
        "",
        "PIN: 483\N{NO-BREAK SPACE}920\N{NO-BREAK SPACE}175",
    ]
    assert verbs() == ["revealed"]


def test_a_part_of_the_reveal_is_for_the_script(client, admin, pin):
    sign_in(client, admin)

    response = client.post(address("pin_reveal", pin.conference, pin.pk), {"part": "digits"})

    assert f'data-plain="{DIGITS}"' in response.content.decode()
    assert "<h1" not in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"


def test_moderator_pin_has_no_invitation(moderator, conference, moderator_pin):
    page = read(moderator.post(address("pin_reveal", conference, moderator_pin.pk)))

    assert page.one("strong", id=f"digits-{moderator_pin.pk}").text == "715 820 394"
    assert page.all("textarea") == []


def test_removing_is_undone_by_one_button(viewer, conference, pin):
    asked = read(viewer.get(address("pin_remove", conference, pin.pk)))
    response = viewer.post(address("pin_remove", conference, pin.pk), follow=True)
    again = viewer.post(address("pin_remove", conference, pin.pk), follow=True)

    assert asked.one("h1").text == "Remove the PIN of Ana Moss?"
    for shown in (response, again):
        alert = card(shown, "pins").one("div", role="status")
        assert alert.text == "Ana Moss lets nobody in any more. Undo Ana Moss"
    assert rows(card(response, "pins")) == []

    restored = viewer.post(alert.one("form").attributes["action"], follow=True)

    assert len(rows(card(restored, "pins"))) == 1
    assert verbs() == ["removed", "restored"]


def test_too_late_to_put_back_is_said(client, admin, pin):
    Pin.objects.update(removed_at=NOON)
    sign_in(client, admin)

    response = client.post(address("pin_restore", pin.conference, pin.pk), follow=True)

    assert "This PIN was removed more than a day ago." in response.content.decode()


def test_replacing_shows_the_new_digits_once(client, admin, pin):
    sign_in(client, admin)

    response = client.post(address("pin_replace", pin.conference, pin.pk), follow=True)
    twice = client.post(address("pin_replace", pin.conference, pin.pk), follow=True)

    new = Pin.objects.active().get()
    assert new.digits != DIGITS
    assert new.digits in response.content.decode()
    assert "This PIN was removed or replaced a moment ago." in twice.content.decode()
    assert verbs() == ["replaced"]


def test_sheet_is_masked_until_the_digits_are_asked_for(client, admin, pin, moderator_pin):
    make.dial_in_number()
    sign_in(client, admin)
    sheet = address("pin_sheet", pin.conference)

    masked, shown = client.get(sheet), client.post(sheet)

    assert [row[2] for row in rows(card(masked, "sheet"))] == ["•••••94", "•••••75"]
    assert [row[2] for row in rows(card(shown, "sheet"))] == ["715 820 394", "483 920 175"]
    entry = AuditEntry.objects.get()
    assert entry.verb == "revealed PINs of"
    assert entry.after == {"PINs": [str(moderator_pin), str(pin)]}


def test_sheet_holds_only_the_kinds_that_one_may_see(viewer, conference, pin, moderator_pin):
    shown = viewer.post(address("pin_sheet", conference))
    asked_for = viewer.get(address("pin_sheet", conference), {"kind": "moderator"})

    assert [row[0] for row in rows(card(shown, "sheet"))] == ["Ana Moss"]
    assert asked_for.status_code == 302
    assert AuditEntry.objects.get().after == {"PINs": [str(pin)]}


def test_sheet_of_one_kind_reveals_no_other(client, admin, pin, moderator_pin):
    sign_in(client, admin)

    shown = client.post(f"{address('pin_sheet', pin.conference)}?kind=participant")

    assert [row[0] for row in rows(card(shown, "sheet"))] == ["Ana Moss"]


def test_sheet_as_csv_holds_no_formulas(client, admin, conference, pin):
    make.pin(conference=conference, digits="604918275", holder_name="=HYPERLINK(1)", ends_at=NOON)
    sign_in(client, admin)

    response = client.post(address("pin_sheet", conference), {"format": "csv"})

    text = b"".join(response).decode("utf-8-sig")
    assert list(csv.reader(text.splitlines()))[1:] == [
        ["'=HYPERLINK(1)", "Participant", "604918275", "", "2026-03-10 12:00"],
        ["Ana Moss", "Participant", DIGITS, "", ""],
    ]
    assert verbs() == ["revealed PINs of"]


def test_empty_sheet_is_no_entry_in_the_log(client, admin, conference):
    sign_in(client, admin)

    assert client.post(address("pin_sheet", conference)).status_code == 200
    assert verbs() == []


def test_page_of_a_pin_tells_its_limits(client, admin, conference):
    pin = make.pin(conference=conference, kind="speaker", maximum_uses=3, created_at=NOON)
    sign_in(client, admin)

    assert facts(card(client.get(address("pin_view", conference, pin.pk)), "pin")) == {
        "Lets in as": "Speaker",
        "Name": "–",
        "Works": "Always 0 of 3 used",
        "Added": "Mar 10, 2026, 12:00 PM",
        "Calls let in": "0",
    }
