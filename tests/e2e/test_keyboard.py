"""The walk by keyboard alone: what has the focus shows it, and no key but those of a keyboard."""

import pytest
from playwright.sync_api import expect

from tests import make

#: Whether what has the focus is marked: by an outline, or as fields to type in are, by a ring.
SHOWS_FOCUS = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const isRinged = focused.matches("input, select") && style.boxShadow !== "none";
    return focused.matches(":focus-visible") && (isOutlined || isRinged);
}"""
#: More than the longest way on a page takes.
FAR = 120


class Keyboard:
    """Hands on the keys of `window`."""

    def __init__(self, window):
        self.window = window

    def go(self, role, name, key="Tab"):
        """Press `key` until that element has the focus; all on the way must show theirs."""
        wanted = self.window.get_by_role(role, name=name, exact=True)
        expect(wanted).to_have_count(1)
        for _ in range(FAR):
            self.window.keyboard.press(key)
            assert self.window.evaluate(SHOWS_FOCUS), self.window.evaluate(
                "() => document.activeElement.outerHTML.slice(0, 200)"
            )
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{key} never reaches the {role} {name}")

    def press(self, role, name, key="Enter", *, by="Tab"):
        self.go(role, name, key=by)
        self.window.keyboard.press(key)

    def type(self, role, name, text):
        self.go(role, name)
        self.window.keyboard.press("ControlOrMeta+a")
        self.window.keyboard.type(text)


@pytest.fixture
def window(portal):
    return portal.open()


def heading(window):
    return window.get_by_role("heading", level=1)


def sign_in(keys, user):
    """Sign in by the page that every address leads a stranger to."""
    keys.window.goto("/customer/")
    keys.type("textbox", "E-mail address", user.email)
    keys.window.keyboard.press("Tab")
    keys.window.keyboard.type(make.PASSWORD)
    keys.press("checkbox", "Stay signed in when I close the browser", "Space")
    keys.press("button", "Sign in")


def test_account_and_people_are_kept_by_keyboard_alone(window, company):
    keys = Keyboard(window)
    sign_in(keys, company.admin)
    expect(heading(window)).to_have_text(company.admin.account.name)

    keys.press("link", "My Account")
    expect(heading(window)).to_have_text("View Account")
    keys.press("link", "Skip to the page")
    expect(window.get_by_role("main")).to_be_focused()
    keys.press("link", "Edit")
    expect(heading(window)).to_have_text("Edit Account")
    keys.type("textbox", "City*", "Salem")
    keys.type("textbox", "Phone", "617 555 0199")
    keys.press("button", "Update Account")
    expect(window.get_by_role("main")).to_contain_text("Salem, MA 02110")

    keys.press("link", "Add Users")
    expect(heading(window)).to_have_text("Add Users")
    keys.type("textbox", "E-mail*", "zoe@northwind.example")
    keys.type("textbox", "Name*", "Zoë")
    keys.press("button", "Add User")
    expect(heading(window)).to_have_text("Edit User Rights")
    keys.press("radio", "Customer Basic", "ArrowDown")
    expect(window.get_by_role("radio", name="Customer Schedule")).to_be_checked()
    name = "Show only conferences with these words in name, number or billing code"
    keys.type("searchbox", name, "incident")
    keys.press("checkbox", "Moderate Incident bridge", "Space")
    keys.press("button", "Update")
    expect(heading(window)).to_have_text("Zoë")
    expect(window.get_by_role("main")).to_contain_text("Incident bridge")

    keys.press("link", "Edit User Rights")
    expect(heading(window)).to_have_text("Edit User Rights")
    keys.press("link", "Skip to the page")
    keys.press("button", "Sign out", by="Shift+Tab")
    expect(heading(window)).to_have_text("Sign in")


def test_menu_of_a_phone_keeps_the_focus_in_order(portal, company):
    window = portal.signed_in(company.admin, viewport={"width": 390, "height": 844})
    keys = Keyboard(window)

    keys.press("button", "Menu")
    keys.press("link", "My Account")
    expect(heading(window)).to_have_text("View Account")
    keys.press("button", "Menu")
    window.keyboard.press("Escape")

    expect(window.get_by_role("button", name="Menu")).to_be_focused()
