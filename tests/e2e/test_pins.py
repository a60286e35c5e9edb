"""The PINs of a conference in a browser: revealed and copied in place, and without scripts too."""

from conferences.models import Pin
from tests.e2e.visitors import admin


def row_of(window, name):
    return window.locator("table.pins tr", has_text=name)


def test_pin_is_revealed_and_copied_where_it_stands(portal, company):
    pin = company.conference.pins.get(maximum_uses=5)
    window = portal.of(admin(company))
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.goto(company.conference.get_absolute_url())
    row = row_of(window, pin.holder_name)

    row.get_by_role("button", name="Reveal").click()
    row.get_by_role("button", name="Copy").click()

    row.get_by_role("button", name="Copied").wait_for()
    assert window.evaluate("navigator.clipboard.readText()") == pin.digits
    assert window.url.endswith(company.conference.get_absolute_url())


def test_without_scripts_the_page_of_the_pin_shows_it_and_removing_is_undone(portal, company):
    pin = company.conference.pins.get(maximum_uses=5)
    window = portal.of(admin(company), java_script_enabled=False)
    window.goto(company.conference.get_absolute_url())

    row_of(window, pin.holder_name).get_by_role("button", name="Reveal").click()
    shown = window.locator(f"#digits-{pin.pk}").inner_text()
    window.get_by_role("link", name="Remove").click()
    window.get_by_role("button", name="Remove").click()
    window.get_by_role("button", name="Undo").click()

    assert "".join(shown.split()) == pin.digits
    assert window.get_by_role("status").inner_text().endswith("lets callers in again.")
    assert Pin.objects.get(pk=pin.pk).removed_at is None
