"""Reading the neutral table: each row a leg or a reason, whatever the file holds."""

import csv
import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conferences.records import formats, table
from conferences.records.leg import LeftBecause, LegRecord, Reason, Unreadable
from tests.plugins.full import at_length

ROW = {
    "bridge": "bridge2",
    "session_id": "s-1",
    "leg_id": "l-1",
    "conference": "30125",
    "joined_at": "2026-09-01T14:00:05Z",
    "left_at": "2026-09-01T16:30:05.250+02:00",
    "caller_number": "12125550123",
    "caller_name": "Renée",
    "dialled_number": "18005550100",
    "direction": "inbound",
    "moderator": "false",
    "left_because": "hung_up",
    "pin_reference": "17",
}
HEADER = ",".join(table.COLUMNS)


def text_of(*rows):
    file = io.StringIO()
    writer = csv.DictWriter(file, ROW, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return file.getvalue()


def read(folder, content):
    path = folder / "calls.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    parsed = formats.read(path)
    return parsed, list(parsed.records)


def reasons(records):
    return [getattr(record, "reason", "leg") for record in records]


def test_a_row_is_read_whole(tmp_path):
    _, [leg] = read(tmp_path, text_of({}))

    assert leg == LegRecord(
        bridge="bridge2",
        external_id="l-1",
        session_external_id="s-1",
        conference_number="30125",
        joined_at=dt.datetime(2026, 9, 1, 14, 0, 5, tzinfo=dt.UTC),
        left_at=dt.datetime(2026, 9, 1, 14, 30, 5, 250_000, tzinfo=dt.UTC),
        caller_name="Renée",
        caller_number="12125550123",
        dialled_number="18005550100",
        is_outdial=False,
        is_moderator=False,
        left_because=LeftBecause.HUNG_UP,
        pin_reference="17",
        position=1,
        raw=leg.raw,
    )
    assert leg.raw == text_of({}).splitlines()[1]


def test_an_open_end_an_out_dial_leg_and_a_moderator(tmp_path):
    row = {"left_at": "", "direction": "outbound", "moderator": "true", "left_because": ""}

    _, [leg] = read(tmp_path, text_of(row))

    assert leg.left_at is None
    assert (leg.is_outdial, leg.is_moderator, leg.left_because) == (True, True, "")


def test_columns_may_come_in_any_order_after_a_byte_order_mark_and_with_others(tmp_path):
    names = [*reversed(ROW), "remark"]
    row = [*reversed(ROW.values()), "hello"]
    content = f"{','.join(names)}\r\n{','.join(row)}\r\n"

    _, [leg] = read(tmp_path, b"\xef\xbb\xbf" + content.encode())

    assert (leg.external_id, leg.raw) == ("l-1", ",".join(row))


def test_a_quoted_line_break_stays_inside_its_row(tmp_path):
    forged = f'Eve"\n{",".join(ROW.values())}\n'

    _, legs = read(tmp_path, text_of({"caller_name": forged}, {"leg_id": "l-2"}))

    assert [leg.external_id for leg in legs] == ["l-1", "l-2"]
    assert legs[0].caller_name.startswith('Eve" bridge2,')


def test_one_leg_can_be_read_again_on_its_own(tmp_path):
    parsed, legs = read(tmp_path, text_of({}, {"leg_id": "l-2", "caller_name": 'a\nb,"c'}))

    _, again = read(tmp_path, parsed.head + legs[1].raw + parsed.tail)

    assert [leg.external_id for leg in again] == ["l-2"]
    assert again[0].raw == legs[1].raw


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"joined_at": "2026-09-01T14:00:05"}, Reason.BAD_TIME),
        ({"joined_at": ""}, Reason.BAD_TIME),
        ({"joined_at": "yesterday"}, Reason.BAD_TIME),
        ({"left_at": "0001-01-01T00:00:00+14:00"}, Reason.BAD_TIME),
        ({"direction": "sideways"}, Reason.BAD_VALUE),
        ({"moderator": "True"}, Reason.BAD_VALUE),
        ({"left_because": "bored"}, Reason.BAD_VALUE),
        ({"caller_name": "x\0y"}, Reason.CONTROL_CHARACTER),
        ({"session_id": "x\ny"}, Reason.CONTROL_CHARACTER),
        ({"caller_name": "x" * 201}, Reason.TOO_LONG),
        ({"leg_id": "x" * 201}, Reason.TOO_LONG),
        ({"leg_id": ""}, Reason.NO_ID),
        ({"session_id": ""}, Reason.NO_ID),
        ({"bridge": ""}, Reason.NO_ID),
    ],
)
def test_a_bad_field_makes_its_row_unreadable_and_no_other(tmp_path, row, reason):
    _, records = read(tmp_path, text_of({"leg_id": "a"}, row, {"leg_id": "b"}))

    assert reasons(records) == ["leg", reason, "leg"]
    assert records[1].position == 2
    assert "\0" not in records[1].raw


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,b", Reason.WRONG_COLUMN_COUNT),
        (",".join(ROW.values()) + ",x", Reason.WRONG_COLUMN_COUNT),
        ('"a"b' + "," * 12, Reason.NOT_TEXT),
    ],
)
def test_a_row_that_does_not_fit_the_header_is_unreadable(tmp_path, line, reason):
    good = ",".join(ROW.values())

    _, records = read(tmp_path, f"{HEADER}\n{good}\n\n{line}\n{good}\n")

    assert reasons(records) == ["leg", reason, "leg"]
    assert records[1].raw == line


def test_what_is_not_utf_8_is_unreadable(tmp_path):
    _, records = read(tmp_path, text_of({}, {"leg_id": "l-2"}).encode("latin-1"))

    assert reasons(records) == [Reason.NOT_TEXT, Reason.NOT_TEXT]
    assert "\\udce9" in records[0].raw


def test_a_header_that_is_not_utf_8_refuses_the_file(tmp_path):
    _, [refused] = read(tmp_path, f"{HEADER},é\n".encode("latin-1"))

    assert refused.reason == Reason.WRONG_HEADER


def test_a_quote_that_is_never_closed_takes_the_rest_along_and_says_so(tmp_path):
    good = ",".join(ROW.values())

    _, short = read(tmp_path, f'{HEADER}\n{good}\n"{good}\n{good}\n')
    _, long = read(tmp_path, f'{HEADER}\n{good}\n"' + f"{good}\n" * 2000)

    assert reasons(short) == ["leg", Reason.NOT_TEXT]
    assert reasons(long) == ["leg", Reason.TOO_LONG]
    assert long[1].position == 2
    assert "until the file is mended" in long[1].detail


@pytest.mark.parametrize(
    "header",
    [
        "",
        HEADER.replace("leg_id", "leg"),
        f"{HEADER},bridge",
        '"bridge"x,a',
        "x" * 70_000,
        f"{HEADER},\0",
    ],
)
def test_a_header_that_lacks_a_column_refuses_the_file(tmp_path, header):
    _, [refused] = read(tmp_path, f"{header}\n{','.join(ROW.values())}\n")

    assert (refused.position, refused.reason) == (0, Reason.WRONG_HEADER)


def test_a_table_without_rows_holds_nothing(tmp_path):
    assert read(tmp_path, f"{HEADER}\n")[1] == []


def test_asterisk_s_own_file_is_no_table(tmp_path):
    _, [refused] = read(tmp_path, '"","100","1000","default","100"\n')

    assert refused.reason == Reason.WRONG_HEADER


FIELDS = st.one_of(
    st.sampled_from(["", "true", "inbound", "2026-09-01T14:00:05Z", "hung_up", '"', "\0", "\r"]),
    st.text(max_size=10),
)


@settings(max_examples=at_length(short=100, full=1_000), deadline=None)
@given(rows=st.lists(st.lists(FIELDS, min_size=13, max_size=13), max_size=4))
def test_every_written_row_comes_back_as_a_leg_or_a_reason(tmp_path_factory, rows):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([table.COLUMNS, *rows])

    _, records = read(
        tmp_path_factory.mktemp("fuzz"), file.getvalue().encode(errors="surrogatepass")
    )

    assert [record.position for record in records] == list(range(1, len(rows) + 1))
    assert all(isinstance(record, LegRecord | Unreadable) for record in records)
