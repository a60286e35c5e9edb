"""Staff see what a change of prices does before it is saved, and can go back to the form."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import AuditEntry
from billing.models import LateFeeRule, RecurringFee, Tax
from billing.standing import billing_day
from tests import make
from tests.accuconf.staff_pages import (
    confirmed,
    errors,
    filled,
    page,
    sent_by,
    shows_effect,
    typed_on,
)
from tests.pages import read, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

#: Of local calls, the second rate of the plan as its page lists them.
DEARER = {"rates-1-rate_per_minute": "0.5"}


@pytest.fixture
def visit(client, clerk):
    sign_in(client, clerk)
    return client


@pytest.fixture
def caller(conference):
    """The account, with ten minutes of local calls today."""
    called_at = timezone.now() - dt.timedelta(minutes=30)
    make.session(conference=conference, started_at=called_at, legs=[(600, "local")])
    return conference.account


def edit(plan):
    return page(type(plan), "change", plan.pk)


def press(client, row, **changes):
    """Press Save once, and return the answer."""
    url = edit(row)
    return client.post(url, typed_on(client, url, **changes))


def rate_of(plan):
    """Return the rate that DEARER changes."""
    return plan.rates.get(access_type="local").rate_per_minute


def test_first_press_shows_the_effect_and_writes_nothing(visit, caller, plan):
    old = rate_of(plan)

    response = press(visit, plan, **DEARER)

    text = read(response).text
    assert "1 of 1 account is charged otherwise." in text
    assert "Aurora Robotics" in text
    assert "$0.29 $5.00 $4.71" in text
    assert rate_of(plan) == old
    assert not AuditEntry.objects.exists()
    assert not LogEntry.objects.exists()


def test_save_on_that_page_saves_and_leads_where_the_form_does(visit, caller, plan):
    shown = press(visit, plan, **DEARER, _continue="Save and continue editing")

    response = visit.post(edit(plan), sent_by(shown))

    assert rate_of(plan) == Decimal("0.5")
    assert response["Location"] == edit(plan)
    assert AuditEntry.objects.get().verb == "changed"


def test_back_to_the_form_keeps_all_that_was_typed(visit, caller, plan):
    new = {"fees-TOTAL_FORMS": "1", "fees-0-name": "Ünit <b>", "fees-0-amount_cents": "19.90"}
    typed = {"name": "Renamed", **DEARER, **new, "fees-0-starts_on": "2026-03-01"}
    shown = press(visit, plan, **typed)

    response = visit.post(edit(plan), {**sent_by(shown), "_back_to_form": "1"})

    assert filled(response).items() >= typed.items()
    assert errors(response) == {}
    assert "Please correct" not in read(response).text
    assert not AuditEntry.objects.exists()


def test_form_that_came_back_is_saved_as_any_other(visit, caller, plan):
    shown = press(visit, plan, **DEARER)
    form = visit.post(edit(plan), {**sent_by(shown), "_back_to_form": "1"})

    again = visit.post(edit(plan), filled(form) | {"rates-1-rate_per_minute": "0.4"})

    assert shows_effect(again)
    assert confirmed(visit, edit(plan), again).status_code == 302
    assert rate_of(plan) == Decimal("0.4")


def test_change_that_touches_no_price_is_saved_at_once(visit, plan):
    assert press(visit, plan, name="Renamed").status_code == 302

    plan.refresh_from_db()
    assert plan.name == "Renamed"


def test_bad_input_is_told_before_any_effect(visit, plan):
    response = press(visit, plan, **DEARER, **{"rates-2-rate_per_minute": "-1"})

    assert not shows_effect(response)
    assert "rates-2-rate_per_minute" in errors(response)


def test_prices_that_changed_between_the_presses_are_shown_anew(visit, caller, plan):
    shown = press(visit, plan, **DEARER)
    make.tax(percent="10")

    again = visit.post(edit(plan), sent_by(shown))

    assert "$0.32 $5.50 $5.18" in read(again).text
    assert rate_of(plan) != Decimal("0.5")
    assert confirmed(visit, edit(plan), again).status_code == 302
    assert rate_of(plan) == Decimal("0.5")


def test_what_was_shown_is_what_is_saved(visit, caller, plan):
    """Another rate sent with the mark of the first one is shown, not saved."""
    shown = press(visit, plan, **DEARER)

    again = visit.post(edit(plan), sent_by(shown) | {"rates-1-rate_per_minute": "0.9"})

    assert shows_effect(again)
    assert rate_of(plan) < 0.5


def test_calls_that_come_in_between_do_not_keep_staff_from_saving(visit, caller, plan):
    shown = press(visit, plan, **DEARER)
    make.session(
        conference=caller.conferences.get(), started_at=timezone.now(), legs=[(600, "local")]
    )

    assert visit.post(edit(plan), sent_by(shown)).status_code == 302


def test_calls_left_without_a_rate_are_told(visit, caller, plan):
    later = f"{billing_day(timezone.now()) + dt.timedelta(days=40)}"

    response = press(visit, plan, **{"rates-1-starts_on": later})

    assert "Calls without a rate: 0 before, 1 after." in read(response).text


TODAY = {"starts_on": "2024-01-01"}


@pytest.mark.parametrize(
    ("prefix", "row"),
    [
        ("own_fees", {"name": "Line", "amount_cents": "10", **TODAY}),
        ("tax_exemptions", {"certificate": "NY-1", **TODAY}),
        ("plans", {"starts_on": "2026-03-01"}),
    ],
)
def test_change_of_an_account_shows_its_effect(visit, caller, prefix, row):
    other = make.rate_plan(local="1")
    first = 1 if prefix == "plans" else 0
    row = {**row, "plan": other.pk} if prefix == "plans" else row
    make.tax(percent="10")
    typed = {f"{prefix}-{first}-{name}": value for name, value in row.items()}

    response = press(visit, caller, **{f"{prefix}-TOTAL_FORMS": first + 1}, **typed)

    assert "1 of 1 account is charged otherwise." in read(response).text
    assert not AuditEntry.objects.exists()
    assert confirmed(visit, edit(caller), response).status_code == 302


def test_moving_an_account_to_another_state_shows_its_effect(visit, caller):
    make.tax(percent="10", country="US", region="MA")

    response = press(visit, caller, region="NY")

    assert "$0.32 $0.29 −$0.03" in read(response).text


def test_own_rate_of_a_conference_shows_its_effect(visit, caller, conference):
    row = {"access_type": "local", "rate_per_minute": "1", "starts_on": "2024-01-01"}
    typed = {f"own_rates-0-{name}": value for name, value in row.items()}

    response = press(visit, conference, **{"own_rates-TOTAL_FORMS": 1}, **typed)

    assert "$0.29 $10.00 $9.71" in read(response).text
    assert not conference.own_rates.exists()
    assert confirmed(visit, edit(conference), response).status_code == 302
    assert conference.own_rates.exists()


def test_new_tax_shows_its_effect(visit, caller):
    url = page(Tax, "add")
    typed = typed_on(visit, url, kind="tax", name="State", percent="10", starts_on="2024-01-01")

    response = visit.post(url, typed)

    assert "$0.29 $0.32 $0.03" in read(response).text
    assert not Tax.objects.exists()
    confirmed(visit, url, response)
    assert Tax.objects.get().name == "State"


def test_new_late_fee_shows_its_effect(visit, plan):
    url = page(LateFeeRule, "add")
    late = make.issued(make.account(terms="check", plan=plan), "2026-03", dollars=100)
    typed = typed_on(visit, url, starts_on="2024-01-01", percent="2")

    response = visit.post(url, typed)

    assert f"{late.account_name} {late.account_number} $0.00 $2.00 $2.00" in read(response).text
    assert not LateFeeRule.objects.exists()


def test_deleted_fee_shows_its_effect(visit, account, plan):
    make.fee(plan=plan, amount_cents=1000)

    response = press(visit, plan, **{"fees-0-DELETE": "on"})

    assert "$10.00 $0.00 −$10.00" in read(response).text
    assert RecurringFee.objects.exists()
    confirmed(visit, edit(plan), response)
    assert not RecurringFee.objects.exists()


def test_page_that_asks_whether_to_delete_shows_the_effect(visit, caller):
    tax = make.tax(percent="10")

    response = visit.get(page(Tax, "delete", tax.pk))

    assert "$0.32 $0.29 −$0.03" in read(response).text
    assert Tax.objects.exists()
    visit.post(page(Tax, "delete", tax.pk), {"post": "yes"})
    assert not Tax.objects.exists()


def test_tax_that_an_account_is_exempt_from_cannot_be_deleted(visit, caller):
    tax = make.tax()
    caller.tax_exemptions.create(tax=tax, certificate="NY-1", starts_on="2024-01-01")

    response = visit.get(page(Tax, "delete", tax.pk))

    assert "protected related objects" in read(response).text


def test_new_plan_that_nobody_is_on_is_saved_at_once(visit, plan):
    url = page(type(plan), "add")
    row = {"access_type": "local", "rate_per_minute": "1", "starts_on": "2024-01-01"}
    typed = {f"rates-0-{name}": value for name, value in row.items()}

    typed |= {"name": "New", "rates-TOTAL_FORMS": 1}

    response = visit.post(url, typed_on(visit, url, **typed))

    assert response.status_code == 302


def test_who_may_not_change_prices_sees_no_effect(client, visit, clerk, plan):
    url = edit(plan)
    typed = typed_on(client, url, **DEARER)
    group = clerk.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="change_rateplan"))

    assert visit.post(url, typed).status_code == 403
