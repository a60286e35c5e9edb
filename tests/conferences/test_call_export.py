"""The call history as files: every leg, the texts as texts, and the taking written down."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests import make
from tests.pages import sign_in

NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
FORMULA = '=HYPERLINK("http://evil.example","Renée")'
HEAD = [
    "Call", "Call started (America/New_York)", "Billing code", "Caller", "Caller's number",
    "PIN name", "Role", "Joined (America/New_York)", "Left (America/New_York)", "Seconds",
    "Minutes", "Access", "Number dialled", "Why the call ended",
]  # fmt: skip


def address_of(conference, form):
    return reverse(f"conferences:call_export_{form}", args=[conference.pk])


def taken(response):
    assert response.status_code == 200
    return b"".join(response)


def csv_rows(client, conference, **asked):
    content = taken(client.get(address_of(conference, "csv"), asked)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def excel_sheet(client, conference, **asked):
    content = taken(client.get(address_of(conference, "excel"), asked))
    return openpyxl.load_workbook(io.BytesIO(content)).active


@pytest.fixture
def call(conference):
    pin = make.pin(conference=conference, kind="moderator", holder_name="Maude Ω")
    call = make.session(conference=conference, started_at=NOON, keyed_code="Ω-7")
    make.add_legs(
        call, (61, "local"), pin=pin, is_moderator=True, caller_name=FORMULA, caller_number="+1"
    )
    return call


def test_csv_has_a_line_for_each_leg_and_defuses_formulas(client, admin, conference, call):
    sign_in(client, admin)

    head, renee, evil = csv_rows(client, conference)

    assert head == HEAD
    assert renee == [
        str(call.pk), "2026-03-10 12:00:00-04:00", "Ω-7", "Renée", "12125550123", "", "Participant",
        "2026-03-10 12:00:00-04:00", "2026-03-10 12:10:00-04:00", "600", "10", "Toll-free", "",
        "Not recorded",
    ]  # fmt: skip
    assert evil[3:7] == [f"'{FORMULA}", "'+1", "Maude Ω", "Moderator"]


def test_excel_has_the_same_with_texts_as_texts(client, admin, conference, call):
    sign_in(client, admin)

    sheet = excel_sheet(client, conference)

    head, renee, evil = ([cell.value for cell in row] for row in sheet.iter_rows())
    noon = dt.datetime(2026, 3, 10, 12)  # noqa: DTZ001 (Excel knows no zones)
    assert head == HEAD
    assert renee == [
        call.pk, noon, "Ω-7", "Renée", "12125550123", None, "Participant", noon,
        noon + dt.timedelta(minutes=10), 600, 10, "Toll-free", None, "Not recorded",
    ]  # fmt: skip
    assert evil[3:7] == [FORMULA, "+1", "Maude Ω", "Moderator"]
    assert sheet["D3"].data_type == "s"  # a text; a formula would be "f"


@pytest.mark.parametrize("rows_of", [csv_rows, excel_sheet])
def test_view_is_not_told_whom_a_moderator_pin_was_given_to(
    client, basic, conference, call, rows_of
):
    make.rights(basic, conference, "view")
    sign_in(client, basic)

    written = str(
        [[getattr(cell, "value", cell) for cell in row] for row in rows_of(client, conference)]
    )

    assert "Moderator" in written
    assert "Maude Ω" not in written


def test_only_what_the_filter_finds_is_taken(client, admin, conference, call):
    make.session(conference=conference, started_at=NOON + dt.timedelta(days=1))
    sign_in(client, admin)

    narrowed = csv_rows(client, conference, code="ω")

    assert len(csv_rows(client, conference)) == 4
    assert [row[0] for row in narrowed[1:]] == [str(call.pk)] * 2


@pytest.mark.parametrize("form", ["csv", "excel"])
def test_question_that_makes_no_sense_takes_nothing(client, admin, conference, call, form):
    sign_in(client, admin)

    response = client.get(address_of(conference, form), {"since": "yesterday"})

    page = reverse("conferences:call_list", args=[conference.pk])
    assert response.headers["Location"] == f"{page}?since=yesterday"
    assert not AuditEntry.objects.exists()


def test_taking_is_written_down_with_what_was_asked(client, admin, conference, call):
    sign_in(client, admin)

    response = client.get(address_of(conference, "csv"), {"caller": "renée"})
    taken(response)

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject) == ("exported the calls of", f"Conference {conference}")
    assert entry.after == {"as": "CSV", "Caller": "renée"}
    assert response.headers["Content-Disposition"].startswith(
        f'attachment; filename="calls-{conference.number}-'
    )


@pytest.mark.parametrize("form", ["csv", "excel"])
@pytest.mark.parametrize("count", [1, 3])
def test_more_legs_take_no_more_queries(
    client, admin, conference, form, count, django_assert_num_queries
):
    for _ in range(count):
        make.session(conference=conference, legs=[(60, "local")] * count)
    sign_in(client, admin)

    with django_assert_num_queries(6):
        taken(client.get(address_of(conference, form)))
