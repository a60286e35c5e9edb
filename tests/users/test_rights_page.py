"""Edit User Rights: the role, the table of ticks, and what they mean in words."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.services.letters import send_due_letters
from tests import make
from tests.pages import card, read, sign_in
from tests.users.rights_form import address, form_of, fresh


def shown(response):
    return [row.one("th").all("span")[0].text for row in card(response, "ticks").all("tr")[1:]]


def allows(response):
    """Return what the choice allows, as {heading: parts of sentences}."""
    section = card(response, "allows")
    lists = [[item.text for item in part.all("li")] for part in section.all("ul")]
    return dict(zip([head.text for head in section.all("h3")], lists, strict=False))


@pytest.fixture
def board(account):
    return make.conference(account=account, name="Board", billing_code="CC-7")


@pytest.fixture
def edit(client, admin, basic, conference, board):
    """The page of `basic`, opened by the Admin."""
    make.rights(basic, conference, "view", "recording")
    sign_in(client, admin)
    return client.get(address("rights_edit", basic))


def test_page_shows_role_and_ticks_as_they_are(edit, conference):
    sent = form_of(edit)

    assert sent["role"] == "basic"
    assert sent["ticked"] == [f"{conference.pk}:view", f"{conference.pk}:recording"]
    assert shown(edit) == ["Board", "Weekly meeting"]


def test_update_saves_and_shows_the_person(client, edit, basic, conference, board):
    sent = {**form_of(edit), "role": "schedule", "ticked": [f"{board.pk}:full"]}

    response = client.post(address("rights_edit", basic), sent, follow=True)

    assert response.redirect_chain[-1][0] == address("user_view", basic)
    assert "The rights of Ben Basic are updated." in response.content.decode()
    assert fresh(basic).role == "schedule"
    assert fresh(basic).ticked_rights == {board.pk: {"full"}}


def test_update_works_on_the_person_s_next_request(client, edit, basic, board):
    theirs = type(client)()
    sign_in(theirs, basic)
    page = reverse("conferences:conference_view", args=[board.pk])
    before = theirs.get(page).status_code

    client.post(address("rights_edit", basic), {**form_of(edit), "ticked": [f"{board.pk}:view"]})

    assert (before, theirs.get(page).status_code) == (404, 200)


def test_page_says_what_the_choice_allows(edit):
    assert allows(edit) == {
        "On the account": [
            "open the Conference Manager",
            "change their own name, password, time zone and second factor",
        ],
        "View and Recording on Weekly meeting": [
            "see name and number in the list",
            "see details, schedule and call history",
            "see, add and remove participant PINs",
            "play and download recordings",
        ],
    }


def test_words_follow_the_draft_and_nothing_is_saved(client, edit, basic, board):
    draft = {**form_of(edit), "role": "schedule", "ticked": [f"{board.pk}:recording"]}

    words = client.post(address("rights_draft", basic), {**draft, "part": "words"})

    text = words.content.decode()
    assert re.findall(r"<h3>(.*?)</h3>", text) == ["On the account", "Recording on Board"]
    assert "schedule new one-time conferences" in text
    assert fresh(basic).role == "basic"


@pytest.mark.parametrize("words", ["BOARD", "cc-7"])
def test_filtered_rows_are_shown_and_the_others_carry_their_ticks(
    client, edit, basic, conference, words
):
    draft = {**form_of(edit), "words": words}

    filtered = client.post(address("rights_draft", basic), draft)

    assert shown(filtered) == ["Board"]
    assert set(form_of(filtered)["ticked"]) == {
        f"{conference.pk}:view",
        f"{conference.pk}:recording",
    }
    assert form_of(filtered)["words"] == words


def test_a_whole_column_is_ticked_of_the_shown_rows_only(client, edit, basic, conference, board):
    filtered = client.post(address("rights_draft", basic), {**form_of(edit), "words": "board"})

    ticked = client.post(
        address("rights_draft", basic), {**form_of(filtered), "column": "tick:moderate"}
    )
    client.post(address("rights_edit", basic), form_of(ticked))

    assert fresh(basic).ticked_rights == {
        conference.pk: {"view", "recording"},
        board.pk: {"moderate"},
    }


def test_a_whole_column_is_unticked(client, edit, basic, conference):
    draft = {**form_of(edit), "column": "untick:view"}

    unticked = client.post(address("rights_draft", basic), draft)

    assert form_of(unticked)["ticked"] == [f"{conference.pk}:recording"]


def test_first_button_of_the_form_saves_nothing(edit, basic):
    first = read(edit).one("form", **{"class": "rights"}).all("button")[0]

    assert first.attributes["formaction"] == address("rights_draft", basic)


def test_second_admin_is_told_what_is_there_now_and_may_insist(
    client, edit, basic, conference, board
):
    sent = {**form_of(edit), "ticked": [f"{board.pk}:full"]}
    make.rights(basic, conference, "moderate")

    told = client.post(address("rights_edit", basic), sent)
    held = fresh(basic).ticked_rights
    client.post(address("rights_edit", basic), form_of(told))

    alert = read(told).one("div", role="alert").text
    assert "Somebody else has changed the rights of Ben Basic" in alert
    assert "View, Recording and Moderate on Weekly meeting" in alert
    assert held == {conference.pk: {"view", "recording", "moderate"}}
    assert form_of(told)["ticked"] == [f"{board.pk}:full"]
    assert fresh(basic).ticked_rights == {board.pk: {"full"}}


def test_last_admin_is_told_why_and_keeps_what_was_chosen(client, edit, admin):
    page = client.get(address("rights_edit", admin))

    response = client.post(address("rights_edit", admin), {**form_of(page), "role": "basic"})

    assert "is the last active Customer Admin" in card(response, "role").text
    assert form_of(response)["role"] == "basic"
    assert fresh(admin).role == "admin"


def test_admin_who_gives_the_role_away_goes_to_the_start_page(client, edit, admin):
    make.user(account=admin.account, role="admin")
    page = client.get(address("rights_edit", admin))

    response = client.post(address("rights_edit", admin), {**form_of(page), "role": "basic"})

    assert response["Location"] == reverse("home")


def test_making_an_admin_asks_for_the_password_and_then_goes_on(client, edit, admin, basic):
    sent = {**form_of(edit), "role": "admin"}

    asked = client.post(address("rights_edit", basic), sent)
    role_before = fresh(basic).role
    done = client.post(asked["Location"], {"password": make.PASSWORD}, follow=True)

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert role_before == "basic"
    assert done.redirect_chain[-1][0] == address("user_view", basic)
    assert fresh(basic).role == "admin"
    list(send_due_letters(now=fresh(basic).added_at.replace(year=2100)))
    assert "Ben Basic is now a Customer Admin" in {letter.subject for letter in mail.outbox}


def test_wrong_password_makes_no_admin(client, edit, basic):
    asked = client.post(address("rights_edit", basic), {**form_of(edit), "role": "admin"})

    client.post(asked["Location"], {"password": "not it at all"})

    assert fresh(basic).role == "basic"


@pytest.mark.parametrize(
    "forged",
    [
        {"role": "owner"},
        {"role": ""},
        {"ticked": ["1:root"]},
        {"ticked": ["x"]},
        {"ticked": ["1:view:full"]},
        {"ticked": ["\N{ARABIC-INDIC DIGIT ONE}:view"]},
        {"ticked": [f"{10**30}:view"]},
        {"ticked": ["\0"]},
        {"seen": ""},
        {"seen": "x" * 65},
        {"seen": "\0"},
    ],
)
@pytest.mark.parametrize("name", ["rights_edit", "rights_draft"])
def test_forged_input_changes_nothing(client, edit, basic, conference, forged, name):
    response = client.post(address(name, basic), {**form_of(edit), **forged})

    assert response.status_code == 200
    assert fresh(basic).role == "basic"
    assert fresh(basic).ticked_rights == {conference.pk: {"view", "recording"}}


def test_conference_of_another_account_is_not_found(client, edit, basic, conference, stranger):
    theirs = make.conference(account=stranger.account, name="Secret plans")
    sent = {**form_of(edit), "ticked": [f"{theirs.pk}:full"]}

    saved, draft = (
        client.post(address(name, basic), sent) for name in ("rights_edit", "rights_draft")
    )

    assert (saved.status_code, draft.status_code) == (404, 200)
    assert "Secret plans" not in draft.content.decode()
    assert fresh(basic).ticked_rights == {conference.pk: {"view", "recording"}}


@pytest.mark.parametrize("words", ["\0", "'; --", "%", "<b>", "w" * 5000])
def test_hostile_words_are_only_words(client, edit, basic, words):
    response = client.post(address("rights_draft", basic), {**form_of(edit), "words": words})

    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_useless_ticks_are_said_to_be_so(edit):
    text = card(edit, "ticks").text

    assert "A Customer Admin has Full Rights on every conference" in text
    assert "Customer View Billing / AR has no conferences" in text
