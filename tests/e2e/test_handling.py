"""The keyboard, the phone's menu, the colours, and a browser without JavaScript."""

from playwright.sync_api import expect

from tests import make
from tests.e2e.conftest import PHONE, flaws


def test_keyboard_alone_signs_in_and_skips_to_the_page(portal, company):
    window = portal.open()
    window.goto("/customer/")
    for _ in range(2):
        window.keyboard.press("Tab")
    window.keyboard.type(company.admin.email)
    window.keyboard.press("Tab")
    window.keyboard.type(make.PASSWORD)
    window.keyboard.press("Enter")
    window.wait_for_url(f"{portal.origin}/customer/")

    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="Skip to the page")).to_be_focused()
    window.keyboard.press("Enter")

    expect(window.locator("main")).to_be_focused()


def test_wrong_password_is_said_beside_the_form_and_the_address_is_kept(portal, company):
    window = portal.open()
    window.goto("/customer/signin/")
    window.fill("[name=login]", company.admin.email)
    window.fill("[name=password]", "something else")
    window.keyboard.press("Enter")

    expect(window.get_by_text("are not correct")).to_be_visible()
    expect(window.locator("[name=login]")).to_have_value(company.admin.email)
    assert flaws(window) == []


def test_menu_of_a_phone_opens_and_closes(portal, company):
    window = portal.signed_in(company.admin, **PHONE)
    menu = window.get_by_role("navigation", name="Main menu")
    expect(menu).to_be_hidden()

    window.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    assert flaws(window) == []
    window.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    window.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Conferences").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Conferences")


def test_colors_follow_the_system_until_chosen(portal, company):
    window = portal.signed_in(company.admin, color_scheme="dark")
    theme = window.locator("html")
    expect(theme).to_have_attribute("data-bs-theme", "dark")

    window.get_by_role("button", name="Light").click()
    window.reload()
    expect(theme).to_have_attribute("data-bs-theme", "light")
    expect(window.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    window.get_by_role("button", name="As the system").click()
    window.emulate_media(color_scheme="light")
    expect(theme).to_have_attribute("data-bs-theme", "light")
    window.emulate_media(color_scheme="dark")

    expect(theme).to_have_attribute("data-bs-theme", "dark")


def test_everything_works_without_javascript(portal, company):
    window = portal.signed_in(company.admin, java_script_enabled=False, **PHONE)

    window.get_by_role("button", name="Menu").click()
    window.get_by_role("link", name="Conferences").click()
    window.get_by_role("searchbox").fill("łódź")
    window.get_by_role("button", name="Search").click()
    expect(window.get_by_role("link", name="Łódź plant")).to_be_visible()
    window.get_by_role("button", name="Menu").click()
    window.get_by_role("button", name="Sign out").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_dark_without_javascript_is_dark(portal):
    window = portal.open(java_script_enabled=False, color_scheme="dark")
    window.goto("/customer/signin/")

    background = "getComputedStyle(document.body).backgroundColor"
    assert window.evaluate(background) == "rgb(15, 20, 29)"
