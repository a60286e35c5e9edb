"""Prices in the back office: what a change does is seen first, and no way back loses a word."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from billing.models import AccountPlan
from tests import make


@pytest.fixture
def window(portal, client, company):
    """The window of a superuser; any complaint of the browser fails the test."""
    call_command("make_staff_groups", verbosity=0)
    staff = make.user(email="staff@meridian.example", name="Stefan Staff", is_superuser=True)
    client.force_login(staff, backend="users.backends.PasswordBackend")
    return portal.of(client)


@pytest.fixture
def plan(company):
    return AccountPlan.objects.get(account=company.admin.account).plan


def save(window):
    window.get_by_role("button", name="Save", exact=True).click()


def test_new_fee_is_seen_before_it_is_saved_and_kept_on_the_way_back(window, plan):
    window.goto(f"/staff/billing/rateplan/{plan.pk}/change/")
    window.get_by_text("Add another Monthly fee").click()
    row = window.locator(".dynamic-fees").last
    row.locator("[name$=name]").fill("Monthly service")
    row.locator("[name$=amount_cents]").fill("19.95")
    row.locator("[name$=starts_on]").fill("2024-01-01")
    save(window)
    expect(window.get_by_role("heading", level=1)).to_have_text("What this changes")
    expect(window.get_by_text("1 of 1 account is charged otherwise.")).to_be_visible()

    window.get_by_role("button", name="Back to the form").click()
    expect(window.locator(".dynamic-fees [name$=amount_cents]").first).to_have_value("19.95")
    assert not plan.fees.exists()
    save(window)
    save(window)

    expect(window.locator(".messagelist .success")).to_be_visible()
    assert plan.fees.get().amount_cents == 1995
