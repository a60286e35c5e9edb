"""Edit User Rights in a browser: rows follow the words, columns and sentences the ticks."""

from django.urls import reverse
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, flaws
from users.models import User


def test_page_follows_live_and_update_saves_it(portal, company):
    window = portal.signed_in(company.admin)
    window.goto(reverse("users:rights_edit", args=[company.basic.pk]))
    allows = window.get_by_role("region", name="What this lets")

    window.get_by_role("searchbox").fill("łódź")
    expect(window.get_by_role("row")).to_have_count(2)
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Moderate: all shown").click()
    expect(allows).to_contain_text("Recording and Moderate on Łódź plant")
    window.get_by_role("radio", name="Customer Schedule").check()
    expect(allows).to_contain_text("schedule new one-time conferences")
    assert flaws(window) == []
    window.get_by_role("button", name="Update").click()

    expect(window.get_by_role("status")).to_contain_text("are updated")
    changed = User.objects.get(pk=company.basic.pk)
    assert changed.role == "schedule"
    assert sorted(map(sorted, changed.ticked_rights.values())) == [
        ["moderate", "recording"],
        ["view"],
    ]


def test_ticks_are_called_useless_as_soon_as_the_role_makes_them_so(portal, company):
    window = portal.signed_in(company.admin)
    window.goto(reverse("users:rights_edit", args=[company.basic.pk]))
    reason = window.get_by_text("the ticks below make no difference, and Update clears them")
    expect(reason).to_be_hidden()

    window.get_by_role("radio", name="Customer View Billing / AR").check()

    expect(reason).to_be_visible()
    expect(window.get_by_role("region", name="What this lets")).to_contain_text("No conferences")
    assert flaws(window) == []


def test_somebody_is_added_and_given_rights_without_javascript_on_a_phone(portal, company):
    window = portal.signed_in(company.admin, java_script_enabled=False, **PHONE)
    window.goto(reverse("accounts:account_view"))

    window.get_by_role("link", name="Add Users").click()
    window.get_by_label("E-mail").fill("zoe@northwind.example")
    window.get_by_label("Name").fill("Zoë")
    window.get_by_role("button", name="Add User").click()
    window.get_by_role("searchbox").fill("incident")
    window.get_by_role("button", name="Filter", exact=True).click()
    window.get_by_role("button", name="View: all shown").click()
    window.get_by_role("button", name="Update").click()

    expect(window.get_by_role("heading", level=1)).to_have_text("Zoë")
    assert User.objects.get(name="Zoë").rights.get().conference.name == "Incident bridge"
