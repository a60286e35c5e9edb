"""The back office in a real browser: its own scripts run under our Content-Security-Policy."""

import pytest
from django.contrib import admin
from django.core.management import call_command
from playwright.sync_api import expect

from billing.models import BillLine
from tests import make


@pytest.fixture
def window(portal, company):
    """The window of a superuser; any complaint of the browser fails the test."""
    call_command("make_staff_groups", verbosity=0)
    staff = make.user(email="staff@meridian.example", name="Stefan Staff", is_superuser=True)
    window = portal.open()
    window.goto("/staff/")
    window.fill("[name=login]", staff.email)
    window.fill("[name=password]", make.PASSWORD)
    window.click("button:text-is('Sign in')")
    window.wait_for_url(f"{portal.origin}/staff/")
    return window


def test_every_list_and_its_first_row_open_without_complaint(window):
    for model in admin.site._registry:
        if model is BillLine:
            continue
        window.goto(f"/staff/{model._meta.label_lower.replace('.', '/')}/")
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        first = window.locator("#result_list tbody tr th a").first
        if first.count():
            first.click()
            expect(window.locator("#content h2").first).to_be_visible()


def test_account_of_a_new_user_is_found_by_typing(window, company):
    window.goto("/staff/users/user/add/")
    window.fill("[name=email]", "new@aurora.example")
    window.fill("[name=name]", "Nora New")
    window.locator(".field-account .select2-selection").click()
    window.keyboard.type(company.admin.account.name[:6])
    window.locator(".select2-results__option", has_text=company.admin.account.name).click()
    window.select_option("[name=role]", "basic")
    window.get_by_role("button", name="Save", exact=True).click()

    expect(window.locator(".messagelist .success")).to_contain_text("Nora New")


def test_rate_is_added_by_the_row_that_the_script_makes(window):
    window.goto("/staff/billing/rateplan/")
    window.locator("#result_list tbody tr th a").first.click()
    before = window.locator(".dynamic-rates").count()
    window.get_by_role("button", name="Add another Rate").click()
    row = window.locator(".dynamic-rates").nth(before)
    row.locator("select").select_option("local")
    row.locator("[name$=rate_per_minute]").fill("0.0123")
    row.get_by_text("Today").click()
    window.get_by_role("button", name="Save", exact=True).click()
    window.get_by_role("button", name="Save", exact=True).click()

    expect(window.locator(".messagelist .success")).to_be_visible()


def test_group_is_given_to_new_staff_by_the_arrows(window):
    person = make.user(email="clerk@meridian.example", name="Clara Clerk")
    window.goto(f"/staff/users/user/{person.pk}/change/")
    window.select_option("#id_groups_from", label="Billing staff")
    window.locator("#id_groups_add").click()
    window.get_by_role("button", name="Save", exact=True).click()

    expect(window.locator(".messagelist .success")).to_be_visible()
    assert person.groups.get().name == "Billing staff"


def test_colors_of_the_back_office_can_be_chosen(window):
    window.emulate_media(color_scheme="light")
    dark = "() => getComputedStyle(document.body).backgroundColor"
    light = window.evaluate(dark)
    while window.evaluate("() => document.documentElement.dataset.theme") != "dark":
        window.locator(".theme-toggle").first.click()

    assert window.evaluate(dark) != light
