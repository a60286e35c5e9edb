"""The daily walk of a sub-user, by labels alone: PINs, a date, guests, calls, what was said."""

import datetime as dt
import re

from django.utils import timezone
from playwright.sync_api import expect

from accuconf.sandbox.bridge import Caller
from conferences.bridge import control
from conferences.models import Pin

PLAY = "audio => { audio.muted = true; return audio.play(); }"


def heading(window):
    return window.get_by_role("heading", level=1)


def press(window, name):
    window.get_by_role("button", name=name, exact=True).click()


def follow(window, name):
    """Follow the first link of that name: the menu comes before the way back."""
    window.get_by_role("link", name=name, exact=True).first.click()


def open_conference(window, conference):
    follow(window, "Conferences")
    follow(window, conference.name)
    expect(heading(window)).to_have_text(conference.name)


def test_sub_user_goes_about_a_days_work(portal, company, connect_bridge, monkeypatch):
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 3)
    room = connect_bridge().open(company.conference.number, Caller("Renée", "33142685300"))
    window = portal.signed_in(company.scheduler)
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])

    give_somebody_a_pin(window, company.conference, "Lin Newcomer")
    schedule_a_conference(window, "Product briefing")
    invite(window, "guest@brightwater.example")
    read_who_was_there(window, company.conference)
    listen_to_the_last_call(window)
    mute_somebody(window, company.conference, room)


def give_somebody_a_pin(window, conference, name):
    open_conference(window, conference)
    follow(window, "Add PIN")
    window.get_by_label("Name").fill(name)
    press(window, "Add PIN")
    expect(heading(window)).to_have_text(f"PIN of {name}")

    follow(window, conference.name)
    row = window.locator("table.pins tr", has_text=name)
    row.get_by_role("button", name="Reveal").click()
    row.get_by_role("button", name="Copy").click()
    row.get_by_role("button", name="Copied").wait_for()
    digits = Pin.objects.get(holder_name=name).digits
    assert window.evaluate("navigator.clipboard.readText()") == digits


def schedule_a_conference(window, name):
    follow(window, "Conferences")
    follow(window, "Schedule a conference")
    window.get_by_label("Name*").fill(name)
    window.get_by_label("Date*").fill(f"{timezone.now() + dt.timedelta(days=3):%Y-%m-%d}")
    window.get_by_label("Time*").fill("10:30")
    press(window, "Schedule")
    expect(heading(window)).to_have_text(name)
    expect(window.get_by_text("Scheduled", exact=True)).to_be_visible()


def invite(window, address):
    follow(window, "Invitations")
    window.get_by_label("Who is invited").fill(f"Gus Guest <{address}>")
    press(window, "Invite")
    expect(window.get_by_role("rowheader", name=address)).to_contain_text("Gus Guest")


def read_who_was_there(window, conference):
    open_conference(window, conference)
    follow(window, "Call history")
    window.get_by_role("rowheader").get_by_role("link").first.click()
    expect(window.get_by_role("heading", name="Who was there")).to_be_visible()


def listen_to_the_last_call(window):
    window.get_by_role("navigation", name="Main menu").get_by_role(
        "link", name="Recordings"
    ).click()
    window.get_by_role("row", name=re.compile("0:20")).get_by_role("link").click()
    player = window.locator("audio")
    player.evaluate(PLAY)
    press(window, "15 s forward")
    window.wait_for_function("document.querySelector('audio').currentTime >= 15")


def mute_somebody(window, conference, room):
    open_conference(window, conference)
    follow(window, "Live call")
    press(window, "Mute Renée")
    expect(window.get_by_text("is muted.")).to_be_visible()
    assert [caller.is_muted for caller in room.callers] == [True]
