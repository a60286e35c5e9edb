"""What stands where a list would be that can be narrowed: why there is none, and what to do."""

import pytest
from django.urls import reverse

from tests.pages import read, sign_in

NONSENSE = {"since": "2026-03-11", "until": "2026-03-10"}
UNTIL_MENDED = "Nothing was looked up Mend what is marked above, then"


@pytest.fixture
def addresses(conference):
    return {
        "recordings": reverse("conferences:recordings"),
        "calls": reverse("conferences:call_list", args=[conference.pk]),
        "log": reverse("accounts:log_list"),
    }


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("recordings", {}, "No recordings Recordings of the conferences that you may hear appear"
         " here after the call."),
        ("recordings", {"q": "x"}, "None found No recording fits all that you asked for."
         " Ask for less, or clear the search."),
        ("recordings", NONSENSE, f"{UNTIL_MENDED} search again."),
        ("calls", {}, "No calls yet Each call appears here after the last caller has left."),
        ("calls", {"caller": "x"}, "Nothing matches No call fits all that you asked for."
         " Ask for less, or clear the filter."),
        ("calls", NONSENSE, f"{UNTIL_MENDED} filter again."),
        ("log", {}, "Nothing was done yet Sign-ins and changes on your account appear here,"
         " with who made them."),
        ("log", {"q": "x"}, "Nothing matches No entry fits all that you asked for."
         " Ask for less, or clear the filter."),
        ("log", NONSENSE, f"{UNTIL_MENDED} filter again."),
    ],
)  # fmt: skip
def test_list_of_nothing_says_why(client, admin, addresses, name, asked, words):
    sign_in(client, admin)

    response = client.get(addresses[name], asked)

    assert read(response).one("div", **{"class": "empty"}).text == words
