"""Ranges of bytes, as RFC 9110 section 14 has them."""

import pytest
from django.test import RequestFactory

from conferences.recordings.ranges import NotSatisfiable, part_wanted

ETAG = '"a"'


def wanted(header, *, method="GET", size=100, **headers):
    request = RequestFactory().generic(method, "/", headers={"Range": header, **headers})
    part = part_wanted(request, size=size, etag=ETAG)
    return "whole" if part.is_whole else (part.start, part.stop)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=99-", (99, 100)),
        ("bytes=10-500", (10, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-500", (0, 100)),
        ("Bytes = 3-4 ", (3, 5)),
    ],
)
def test_one_range_gives_that_part(header, part):
    assert wanted(header) == part


@pytest.mark.parametrize(
    "header",
    [
        "", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=1-2-3", "bytes=a-b", "seconds=0-1",
        "bytes=0-1,5-6", "bytes=\N{ARABIC-INDIC DIGIT ONE}-2", f"bytes={'9' * 5000}-",
    ],
)  # fmt: skip
def test_what_is_no_single_range_is_answered_whole(header):
    assert wanted(header) == "whole"


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=999-1000", "bytes=-0"])
def test_range_behind_the_end_cannot_be_satisfied(header):
    with pytest.raises(NotSatisfiable):
        wanted(header)


@pytest.mark.parametrize(
    ("if_range", "part"),
    [(ETAG, (5, 10)), ('"b"', "whole"), (f"W/{ETAG}", "whole"), ("Tue, 10 Mar 2026", "whole")],
)
def test_if_range_gives_the_part_only_of_the_same_file(if_range, part):
    assert wanted("bytes=5-9", **{"If-Range": if_range}) == part


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_only_get_has_ranges(method):
    assert wanted("bytes=5-9", method=method) == "whole"
