"""The walk of an account's people from the first letter to the last sign-in, by labels alone."""

import csv
import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services.letters import send_due_letters
from tests import make
from tests.e2e.conftest import PHONE

OWN = "a password of one's own"
#: 2:30 PM in New York, summer and winter.
NIGHT_IN_TOKYO = re.compile(r"\b[34]:30\sAM")


@pytest.fixture
def letter(portal, settings):
    """Returns the newest letter to an address, once all that are due have been sent."""
    settings.PORTAL_URL = portal.origin

    def newest(address):
        list(send_due_letters(now=timezone.now()))
        return [sent for sent in mail.outbox if sent.to == [address]][-1].body

    return newest


def link_in(letter):
    return re.search(r"^http\S+$", letter, re.MULTILINE)[0]


def heading(window):
    return window.get_by_role("heading", level=1)


def press(window, name):
    window.get_by_role("button", name=name, exact=True).click()


def follow(window, name):
    window.get_by_role("link", name=name, exact=True).click()


def menu(window):
    return window.get_by_role("navigation", name="Main menu").get_by_role("link")


def sign_in(window, email, password=make.PASSWORD):
    window.goto("/customer/")
    window.get_by_label("E-mail address").fill(email)
    window.get_by_label("Password").fill(password)
    press(window, "Sign in")


def choose_own(window):
    window.get_by_role("textbox", name="New password", exact=True).fill(OWN)
    window.get_by_label("New password, again").fill(OWN)


def add(window, name, email, password=""):
    follow(window, "My Account")
    follow(window, "Add Users")
    window.get_by_label("E-mail").fill(email)
    window.get_by_label("Name").fill(name)
    window.get_by_label("Password").fill(password)
    press(window, "Add User")
    expect(heading(window)).to_have_text("Edit User Rights")


def test_account_is_edited_from_the_far_right_of_the_heading(portal, company):
    window = portal.open()
    sign_in(window, company.admin.email)
    follow(window, "My Account")
    edit = window.get_by_role("link", name="Edit", exact=True)
    head, main = edit.bounding_box(), window.locator("main").bounding_box()
    assert main["x"] + main["width"] - (head["x"] + head["width"]) < 60
    edit.click()

    window.get_by_label("City").fill("Salem")
    window.get_by_role("textbox", name="Phone").fill("617 555 0199")
    press(window, "Update Account")

    expect(heading(window)).to_have_text("View Account")
    expect(window.get_by_role("main")).to_contain_text("Salem, MA 02110")
    expect(window.get_by_role("main")).to_contain_text("+1 617-555-0199")


def test_invited_person_sees_what_was_ticked_and_nothing_else(portal, company, letter):
    window = portal.signed_in(company.admin)
    add(window, "Zoë Łuczak", "zoe@northwind.example")
    window.get_by_role("radio", name="Customer Schedule").check()
    window.get_by_role("checkbox", name="View Incident bridge").check()
    press(window, "Update")
    expect(window.get_by_role("status")).to_contain_text("are updated")

    hers = portal.open()
    hers.goto(link_in(letter("zoe@northwind.example")))
    expect(heading(hers)).to_have_text("Welcome, Zoë Łuczak")
    choose_own(hers)
    press(hers, "Choose your password")
    sign_in(hers, "zoe@northwind.example", OWN)

    expect(menu(hers)).to_have_text(["AccuConf", "Home", "Conferences", "My Profile"])
    follow(hers, "Conferences")
    expect(hers.get_by_role("rowheader")).to_have_count(1)
    follow(hers, "Incident bridge")
    expect(heading(hers)).to_have_text("Incident bridge")


def test_typed_password_opens_the_first_sign_in_and_its_code_the_portal(portal, company, letter):
    window = portal.signed_in(company.admin)
    add(window, "Ben", "ben@northwind.example", "told over the telephone")
    his = portal.open()

    sign_in(his, "ben@northwind.example", "told over the telephone")
    expect(heading(his)).to_contain_text("Welcome, Ben")
    his.get_by_label("Code from the invitation").fill("00000000")
    choose_own(his)
    press(his, "Choose password")
    expect(his.get_by_text("not the code in your invitation")).to_be_visible()
    code = re.search(r"^\d{8}$", letter("ben@northwind.example"), re.MULTILINE)[0]
    his.get_by_label("Code from the invitation").fill(code)
    choose_own(his)
    press(his, "Choose password")

    expect(his.get_by_text("From now on you sign in with your own password.")).to_be_visible()
    his.get_by_role("button", name="Sign out").click()
    sign_in(his, "ben@northwind.example", OWN)
    expect(menu(his).first).to_be_visible()


def test_admin_keeps_somebody_out_and_the_log_tells_it(portal, company):
    window, theirs = portal.signed_in(company.admin), portal.signed_in(company.scheduler)
    follow(window, "My Account")
    follow(window, "Katherine Johnson")

    press(window, "End sign-ins")
    expect(window.get_by_text("is signed out everywhere.")).to_be_visible()
    theirs.reload()
    expect(heading(theirs)).to_have_text("Sign in")
    press(window, "Disable")
    expect(window.get_by_text("is disabled and signed out everywhere.")).to_be_visible()
    sign_in(theirs, company.scheduler.email)
    expect(heading(theirs)).to_have_text("Your sign-in is disabled")
    press(window, "Enable")
    expect(window.get_by_text("can sign in again.")).to_be_visible()
    sign_in(theirs, company.scheduler.email)
    expect(menu(theirs).first).to_be_visible()
    follow(window, "Remove")
    press(window, "Remove")
    expect(window.get_by_text("Katherine Johnson is removed.")).to_be_visible()
    theirs.reload()
    expect(heading(theirs)).to_have_text("Sign in")

    follow(window, "Audit log")
    window.get_by_label("Search").fill("Katherine")
    press(window, "Filter")
    log = window.get_by_role("table")
    for verb in ("removed", "enabled", "disabled", "ended the sign-ins of"):
        expect(log).to_contain_text(f"{verb} User Katherine Johnson")
    with window.expect_download() as download:
        window.get_by_role("link", name="Export CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert "removed" in told[1]


def test_times_follow_the_zone_of_the_profile(portal, company):
    window = portal.signed_in(company.scheduler)
    meeting = window.get_by_role("listitem").filter(has_text="Customer briefing")
    expect(meeting).to_contain_text("2:30 PM")

    follow(window, "My Profile")
    follow(window, "Edit")
    window.get_by_label("Name").fill("Katherine Goble")
    window.get_by_label("Time zone").select_option("Asia/Tokyo")
    press(window, "Update Profile")
    expect(window.get_by_role("main")).to_contain_text("Asia/Tokyo")
    follow(window, "Home")

    expect(meeting).to_contain_text(NIGHT_IN_TOKYO)
    expect(window.get_by_role("contentinfo")).to_contain_text("Times in Asia/Tokyo")


def test_e_mail_changes_once_both_ends_agree(portal, company, letter):
    window = portal.signed_in(company.basic)
    follow(window, "My Profile")
    follow(window, "Change e-mail")
    window.get_by_label("Password").fill(make.PASSWORD)
    press(window, "Confirm")
    window.get_by_label("New e-mail address").fill("dino@northwind.example")
    press(window, "Write to both addresses")
    expect(window.get_by_role("main")).to_contain_text("Both addresses have yet to agree")

    window.goto(link_in(letter(company.basic.email)))
    press(window, "Agree to the change")
    elsewhere = portal.open()
    elsewhere.goto(link_in(letter("dino@northwind.example")))
    press(elsewhere, "This is my address")

    sign_in(elsewhere, "dino@northwind.example")
    expect(menu(elsewhere).first).to_be_visible()


def test_staff_look_as_a_customer_and_change_only_what_they_give_a_reason_for(portal, company):
    window = portal.open()
    window.goto("/staff/")
    window.get_by_label("E-mail address").fill("looker@meridian.example")
    window.get_by_label("Password").fill(make.PASSWORD)
    press(window, "Sign in")
    window.goto(f"/staff/users/user/{company.admin.pk}/change/")
    press(window, "Look at the portal as this person")
    banner = window.get_by_role("complementary", name="Looking as a customer")
    expect(banner).to_contain_text("Read-only.")

    follow(window, "My Account")
    follow(window, "Katherine Johnson")
    press(window, "Disable")
    expect(heading(window)).to_have_text("Nothing was changed")
    window.get_by_label("Reason").fill("They asked us to, by telephone.")
    press(window, "Allow changes for 15 minutes")
    expect(banner).to_contain_text("Changes are allowed until")
    press(window, "Disable")
    expect(window.get_by_text("is disabled and signed out everywhere.")).to_be_visible()

    follow(window, "Audit log")
    row = window.get_by_role("row").filter(has_text="disabled User Katherine Johnson")
    expect(row).to_contain_text("Lou Looker (operator)")
    expect(row).to_contain_text("for Ada Byron")
    press(window, "Stop looking")
    expect(banner).to_have_count(0)


def core(window, company):
    """Sign in, edit the account, add somebody, give them rights, sign out: a phone's menu opens."""
    sign_in(window, company.admin.email)
    open_menu(window)
    follow(window, "My Account")
    follow(window, "Edit")
    window.get_by_label("City").fill("Salem")
    press(window, "Update Account")
    expect(window.get_by_role("main")).to_contain_text("Salem")
    follow(window, "Add Users")
    window.get_by_label("E-mail").fill("zoe@northwind.example")
    window.get_by_label("Name").fill("Zoë")
    press(window, "Add User")
    window.get_by_role("radio", name="Customer Schedule").check()
    window.get_by_role("checkbox", name="Moderate Incident bridge").check()
    press(window, "Update")
    expect(heading(window)).to_have_text("Zoë")
    open_menu(window)
    press(window, "Sign out")
    expect(heading(window)).to_have_text("Sign in")


def open_menu(window):
    button = window.get_by_role("button", name="Menu", exact=True)
    if button.is_visible():
        button.click()


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("device", [PHONE, {}], ids=["phone", "wide"])
def test_core_of_the_walk(portal, company, device, script):
    core(portal.open(java_script_enabled=script, **device), company)
