"""The live call in a browser: it renews itself under the reader's hands, and without scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accuconf.sandbox.bridge import Caller
from conferences.bridge import control
from tests.e2e.conftest import VIEWS, flaws, look
from tests.e2e.visitors import admin


@pytest.fixture
def room(connect_bridge, company, monkeypatch):
    """A call on the company's conference, of a moderator and a participant."""
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 3)
    ann = Caller("Ann", "13125550100", is_moderator=True)
    return connect_bridge().open(company.conference.number, ann, Caller("Renée", "33142685300"))


def open_call(portal, company, **options):
    window = portal.of(admin(company), **options)
    window.goto(reverse("conferences:live_view", args=[company.conference.pk]))
    return window


def test_the_page_follows_the_call_and_keeps_the_focus(portal, company, room):
    window = open_call(portal, company)
    people = window.locator("#live tbody tr")
    expect(people).to_have_count(2)
    window.get_by_role("button", name="Lock").focus()

    room.callers.append(Caller("Kwame", "442071838750"))

    expect(people).to_have_count(3)
    expect(window.get_by_role("button", name="Lock")).to_be_focused()
    expect(window.locator("#live-status")).to_have_text("3 people")


def test_a_caller_is_dropped_after_a_question(portal, company, room):
    window = open_call(portal, company)
    window.get_by_role("button", name="Drop Renée").click()
    question = window.get_by_role("dialog")
    expect(question).to_contain_text("Drop Renée from the call?")
    assert flaws(window) == []
    window.keyboard.press("Escape")
    expect(question).to_be_hidden()

    window.get_by_role("button", name="Drop Renée").click()
    question.get_by_role("button", name="Drop").click()

    expect(window.get_by_text("is dropped from the call.")).to_be_visible()
    assert [caller.name for caller in room.callers] == ["Ann"]


def test_the_call_is_moderated_without_scripts(portal, company, room):
    window = open_call(portal, company, java_script_enabled=False)
    window.get_by_role("button", name="Mute Renée").click()
    expect(window.get_by_text("is muted.")).to_be_visible()
    window.get_by_role("button", name="Drop Renée").click()
    window.get_by_role("dialog").get_by_role("button", name="Drop").click()
    expect(window.get_by_text("is dropped from the call.")).to_be_visible()

    room.callers.append(Caller("Kwame", "442071838750"))
    window.get_by_role("link", name="Look again").click()

    expect(window.get_by_role("row", name="Kwame")).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_a_call_is_shown_without_flaws(portal, company, room, view):
    room.is_locked, room.recording = True, "/rec/one.wav"
    room.callers.append(Caller("x" * 60, "anonymous", is_muted=True))
    window = open_call(portal, company)
    look(window, view)

    assert flaws(window) == []
