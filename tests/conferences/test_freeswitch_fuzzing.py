"""Whatever a conference CDR holds, reading it yields records or reasons, and forges no leg."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from conferences.records.leg import LegRecord, Unreadable
from tests.conferences.test_freeswitch_records import (
    CHANNEL,
    FORGED,
    SESSION,
    caller,
    of_one,
    read,
)
from tests.plugins.full import at_length

HOSTILE_TEXT = st.one_of(
    st.text(max_size=30),
    st.text(alphabet='<>!-&;"/[]=ax ' + string.digits, max_size=30),
    st.sampled_from([FORGED, "<!--", "<![CDATA[", "]]>", "&#0;", "<!DOCTYPE x>"]),
)


@settings(max_examples=at_length(short=60, full=1_000), deadline=None)
@given(name=HOSTILE_TEXT, dialled=HOSTILE_TEXT, joined=st.integers(), left=st.integers())
def test_no_caller_s_words_ever_make_a_leg_of_their_own(
    tmp_path_factory, name, dialled, joined, left
):
    member = caller(name=name.replace("\n", " "), dialled=dialled, joined=joined, left=left)
    content = of_one(member).encode(errors="surrogatepass")

    _, records = read(tmp_path_factory.mktemp("fuzz"), content)

    assert len(records) == 1
    assert isinstance(records[0], LegRecord | Unreadable)
    if isinstance(records[0], LegRecord):
        assert records[0].external_id.startswith(f"{SESSION}/{CHANNEL.format(5)}/")
