"""A real browser before a real server: Debian's Chromium, driven by Playwright."""

import os

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

from tests import make
from tests.e2e.world import furnish

#: Playwright runs an event loop in this thread, in which Django would refuse to ask the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: All that another scheme of colors can spoil.
OF_COLORS = ["color-contrast"]
#: How people look at the portal.
WIDE = {"viewport": {"width": 1360, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
VIEWS = {
    "wide, light": {**WIDE, "color_scheme": "light"},
    "wide, dark": {**WIDE, "color_scheme": "dark"},
    "phone, light": {**PHONE, "color_scheme": "light"},
    "phone, dark": {**PHONE, "color_scheme": "dark"},
}


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def company(transactional_db):
    """A company with something on every page, and people of each role; their pages by name."""
    return furnish()


@pytest.fixture
def portal(chromium, live_server, company):
    """Opens windows on the portal; every complaint of the browser fails the test."""
    windows = Windows(chromium, live_server.url)
    yield windows
    for context in windows.contexts:
        context.close()
    assert windows.complaints == []


class Windows:
    """Browser windows on the portal at `origin`, each as a new visitor."""

    def __init__(self, chromium, origin):
        self.chromium = chromium
        self.origin = origin
        self.contexts = []
        self.complaints = []

    def open(self, **options):
        """Return a window that nobody has signed in to."""
        context = self.chromium.new_context(base_url=self.origin, **{**WIDE, **options})
        self.contexts.append(context)
        window = context.new_page()
        window.on("console", self._note)
        window.on("pageerror", lambda error: self.complaints.append(str(error)))
        return window

    def signed_in(self, person, **options):
        """Return a window in which `person` has signed in by the form."""
        window = self.open(**options)
        window.goto("/customer/")
        window.fill("[name=login]", person.email)
        window.fill("[name=password]", make.PASSWORD)
        window.click("button:text-is('Sign in')")
        window.wait_for_url(f"{self.origin}/customer/")
        return window

    def of(self, client, **options):
        """Return a window of whoever has signed in with Django's test `client`."""
        window = self.open(**options, reduced_motion="reduce")
        window.context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": self.origin}
                for name, cookie in client.cookies.items()
            ]
        )
        return window

    def _note(self, message):
        # The browser itself reports the 403 and 404 that a test asks for.
        if message.type in {"error", "warning"} and "responded with a status" not in message.text:
            self.complaints.append(message.text)


def look(window, view):
    """Let the page that is open be seen in one of the VIEWS, as if the reader changed device."""
    window.emulate_media(color_scheme=VIEWS[view]["color_scheme"])
    window.set_viewport_size(VIEWS[view]["viewport"])


def flaws(window, rules=RULES):
    """List what is wrong with the page: against WCAG 2.2 AA, or wider than its frame."""
    if not window.evaluate("() => 'axe' in window"):
        window.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = window.evaluate("options => axe.run(options).then(said => said.violations)", options)
    barriers = [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found]
    too_wide = window.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(".card, .figure")]
            .filter(box => box.scrollWidth > box.clientWidth + 1)
            .map(box => "too wide: " + box.outerHTML.slice(0, 120))"""
    )
    return barriers + too_wide
