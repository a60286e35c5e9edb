"""Adding many PINs from a list: each line's outcome is shown, and nothing is half done."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from conferences.models import Conference, Pin
from conferences.services.pins import newest_of
from tests import make
from tests.pages import card, complaints, read, rows, sign_in

GOOD = "Ana Moss\n\nBen Wood, speaker, 2099-01-31 09:00, 2099-02-28 18:00, 5"


@pytest.fixture
def page(conference):
    return reverse("conferences:pin_add_many", args=[conference.pk])


@pytest.fixture
def send(client, admin, conference, page):
    sign_in(client, admin)

    def send(lines="", **typed):
        seen = newest_of(conference)
        form = {"kind": "participant", "lines": lines, "seen": seen, **typed}
        return client.post(page, form)

    return send


def csv_file(content, name="pins.csv"):
    return SimpleUploadedFile(name, content, content_type="text/csv")


def outcome(response):
    return [tuple(row) for row in rows(card(response, "lines"))]


def test_list_is_shown_line_by_line_before_anything_is_added(send):
    response = send(GOOD)

    assert outcome(response) == [
        ("1", "Ana Moss", "Participant"),
        (
            "3", "Ben Wood",
            "Speaker from Jan 31, 2099, 9:00 AM until Feb 28, 2099, 6:00 PM at most 5 uses",
        ),
    ]  # fmt: skip
    assert read(response).all("button", name="add")[0].text == "Add 2 PINs"
    assert Pin.objects.count() == 0


def test_list_that_is_agreed_to_is_added_and_leads_to_its_sheet(client, send, conference):
    make.pin(conference=conference, holder_name="From before")

    response = client.get(send("Ana Moss\n\nBen Wood, speaker, , , 5", add="yes")["Location"])

    assert [row[:2] for row in rows(card(response, "sheet"))] == [
        ["Ana Moss", "Participant"],
        ["Ben Wood", "Speaker at most 5 uses"],
    ]
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "subject")) == [
        ("added", "PIN Ana Moss (Participant)"),
        ("added", "PIN Ben Wood (Speaker)"),
    ]


def test_one_wrong_line_keeps_all_of_them_out(send):
    lines = "Ana Moss\nWood, Ben\nCy, speaker, , 2020-01-01\nDi, , , , 0, more\n" + "x" * 151

    response = send(lines, add="yes")

    assert complaints(response) == ["Nothing is added yet: 4 of 5 lines must be corrected."]
    told = {row[0]: row[2] for row in outcome(response)}
    assert list(told) == ["2", "3", "4", "5", "1"]
    assert told == {
        "1": "Participant",
        "2": "“Ben” is no kind of PIN that you may add. A name with a comma in it stands in"
        ' quotation marks: "Moss, Ana".',
        "3": "This is over already.",
        "4": "Ensure this value is greater than or equal to 1."
        " There is more in this line than five fields.",
        "5": "Ensure this value has at most 150 characters (it has 151).",
    }
    assert read(response).one("textarea").children[0].strip() == lines
    assert Pin.objects.count() == 0


def test_lines_of_a_file_follow_the_typed_ones_and_can_be_mended(send):
    file = csv_file('\ufeffJosé;SPEAKER\r\n"Moss; Ana";\r\n'.encode())

    response = send("", file=file)
    both = send("Typed", file=csv_file(b"name,kind\nFiled,Moderator\n"))

    assert [row[1:] for row in outcome(response)] == [
        ("José", "Speaker"), ("Moss; Ana", "Participant"),
    ]  # fmt: skip
    assert read(both).one("textarea").children[0].strip().splitlines() == [
        "Typed", "name,kind", "Filed,Moderator",
    ]  # fmt: skip


def test_line_of_heads_is_no_pin(send):
    assert outcome(send("Name,Kind\nAna,Moderator")) == [("2", "Ana", "Moderator")]


@pytest.mark.parametrize(
    ("lines", "file", "sentence"),
    [
        ("", None, "Type at least one name, or choose a file."),
        ('Ana\n"Ben', None, "Line 2 cannot be read: a quotation mark is missing or too many"),
        ("x\n" * 1001, None, "These are more than 1,000 lines. Add them in parts."),
        ("", b"\xff\xfeA\x00", "This is no text in UTF-8. In a spreadsheet, save it as"),
        ("", b"A\x00", "This is no text file."),
        ("", b"x" * 600_000, "This file is too large for a list of 1,000 PINs."),
    ],
)
def test_list_that_cannot_be_read_is_refused_in_words(send, lines, file, sentence):
    response = send(lines, **({"file": csv_file(file)} if file else {}), add="yes")

    (complaint,) = complaints(response)
    assert complaint.startswith(sentence)
    assert Pin.objects.count() == 0


def test_thousand_lines_are_added_at_once(send):
    response = send("\n".join(f"Guest {number}" for number in range(1000)), add="yes")

    assert response.status_code == 302
    assert Pin.objects.count() == 1000


def test_list_sent_twice_is_added_once(client, send, conference):
    send("Ana", add="yes", seen=0)
    response = send("Ana", add="yes", seen=0)

    assert "PINs were added to this conference a moment ago" in response.content.decode()
    assert Pin.objects.count() == 1
    seen = read(response).one("input", name="seen").attributes["value"]
    assert seen == str(newest_of(conference))


def test_view_user_adds_participants_only(client, basic, conference, page):
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    response = client.post(
        page, {"kind": "participant", "lines": "Ana\nBen, moderator", "seen": 0, "add": "yes"}
    )

    assert "“moderator” is no kind of PIN that you may add." in outcome(response)[0][2]
    assert Pin.objects.count() == 0


def test_closed_conference_gets_none(send):
    Conference.objects.update(closed_at="2026-01-01T00:00Z")

    response = send("Ana", add="yes")

    assert "This conference is closed" in response.content.decode()
    assert Pin.objects.count() == 0
