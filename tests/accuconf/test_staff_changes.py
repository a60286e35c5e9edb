"""The back office: what staff may change, what they may not, and that the audit log says so."""

import pytest

from accounts.models import Account, AuditEntry
from billing.models import AccountPlan, Rate, RatePlan
from conferences.models import Conference, DialInNumber
from tests import make
from tests.accuconf.staff_pages import change, filled, log, page
from tests.pages import sign_in
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def test_change_of_an_account_is_in_its_log(client, clerk, account):
    sign_in(client, clerk)

    change(client, account, city="Salem", terms="check")

    account.refresh_from_db()
    assert (account.city, account.terms) == ("Salem", "check")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_label, entry.account) == (clerk, "Clara Clerk", account)
    assert (entry.verb, entry.subject) == ("changed", f"Account {account}")
    assert entry.before == {"city": "Boston", "terms": "card"}
    assert entry.after == {"city": "Salem", "terms": "check"}
    assert entry.from_address == "127.0.0.1"


def test_saving_without_a_change_leaves_the_log_alone(client, clerk, account):
    sign_in(client, clerk)

    assert change(client, account).status_code == 302

    assert log() == []


def test_number_currency_and_first_day_of_an_account_stay(client, clerk, account):
    sign_in(client, clerk)
    before = Account.objects.values().get()

    change(client, account, number="1", currency="EUR", activated_on="2020-01-01")

    assert Account.objects.values().get() == before


def test_account_can_be_added_with_its_plan(client, clerk, plan):
    sign_in(client, clerk)
    url = page(Account, "add")
    typed = filled(client.get(url)) | {
        "number": "40999",
        "name": "Nova",
        "address_line1": "2 Side Street",
        "city": "Boston",
        "country": "US",
        "terms": "check",
        "currency": "USD",
        "time_zone": "America/New_York",
        "activated_on": "2026-11-01",
        "plans-0-plan": plan.pk,
        "plans-0-starts_on": "2026-11-01",
    }

    client.post(url, typed)

    assert AccountPlan.objects.get().account == Account.objects.get(number="40999")
    assert [(verb, subject) for verb, subject, *_ in log()] == [
        ("added", "Account Nova (40999)"),
        (
            "added",
            "Account's plan Nova (40999): Standard from 2026-11-01 of Nova (40999)",
        ),
    ]


def test_account_without_a_plan_is_not_added(client, clerk, plan):
    sign_in(client, clerk)
    url = page(Account, "add")

    response = client.post(url, filled(client.get(url)) | {"number": "40999", "name": "Nova"})

    assert response.status_code == 200
    assert Account.objects.count() == 0


def test_wrong_time_zone_is_refused_beside_its_field(client, clerk, account):
    sign_in(client, clerk)

    response = change(client, account, time_zone="Mars/Olympus")

    assert response.context["adminform"].form.errors == {
        "time_zone": ["Mars/Olympus is not a time zone."]
    }


@pytest.mark.parametrize("currency", ["usd", "ABC", "JPY"])
def test_account_in_what_is_no_currency_with_cents_is_not_added(client, clerk, plan, currency):
    sign_in(client, clerk)
    url = page(Account, "add")

    response = client.post(url, filled(client.get(url)) | {"currency": currency})

    assert response.context["adminform"].form.errors["currency"] == [
        "Please write the code of a currency with cents, such as USD."
    ]


def test_new_rate_of_a_plan_is_in_the_log(client, clerk, plan):
    sign_in(client, clerk)
    new = {
        "rates-TOTAL_FORMS": "5",
        "rates-4-access_type": "local",
        "rates-4-rate_per_minute": "0.031",
        "rates-4-starts_on": "2026-12-01",
    }

    change(client, plan, **new)

    assert Rate.objects.filter(plan=plan).count() == 5
    assert log() == [
        (
            "added",
            "Rate Local 0.031 from 2026-12-01 of Standard",
            {},
            {"access_type": "local", "rate_per_minute": "0.031", "starts_on": "2026-12-01"},
        )
    ]


def test_changed_rate_is_in_the_log_with_the_old_one(client, clerk, plan):
    sign_in(client, clerk)
    first = plan.rates.order_by("access_type", "-starts_on").first()

    change(client, plan, **{"rates-0-rate_per_minute": "0.2"})

    ((verb, _, before, after),) = log()
    assert verb == "changed"
    assert before == {"rate_per_minute": str(first.rate_per_minute)}
    assert after == {"rate_per_minute": "0.2"}


@pytest.mark.parametrize("model", [Account, RatePlan, Conference, User])
def test_what_others_refer_to_is_never_deleted(client, staff, account, conference, admin, model):
    sign_in(client, staff)
    row = model.objects.first()

    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_deleted_dial_in_number_is_in_the_log(client, clerk):
    number = make.dial_in_number()
    sign_in(client, clerk)

    client.post(page(DialInNumber, "delete", number.pk), {"post": "yes"})

    assert DialInNumber.objects.count() == 0
    assert log() == [("deleted", "Dial-in number 18005550100 (Toll-free)", {}, {})]


def test_dial_in_numbers_deleted_together_are_each_in_the_log(client, clerk):
    numbers = [make.dial_in_number(number=f"1800555010{digit}") for digit in range(2)]
    sign_in(client, clerk)
    chosen = [number.pk for number in numbers]

    client.post(
        page(DialInNumber, "changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    )

    assert [verb for verb, *_ in log()] == ["deleted", "deleted"]


def test_out_dial_is_refused_as_a_way_in(client, clerk):
    sign_in(client, clerk)
    typed = {"number": "18005550100", "access_type": "out_dial", "label": "Out"}

    response = client.post(page(DialInNumber, "add"), typed)

    assert response.status_code == 200
    assert DialInNumber.objects.count() == 0


def test_new_conference_gets_a_moderator_and_a_participant_pin(client, clerk, account):
    sign_in(client, clerk)
    typed = {"account": account.pk, "number": "30999", "name": "Sales", "kind": "on_demand"}

    client.post(page(Conference, "add"), typed)

    conference = Conference.objects.get()
    assert sorted(pin.kind for pin in conference.pins.all()) == ["moderator", "participant"]
    assert all(len(pin.digits) == 9 for pin in conference.pins.all())
    assert AuditEntry.objects.get().account == account


def test_pins_are_shown_masked(client, clerk, conference):
    make.pin(conference=conference, digits="481516234")
    sign_in(client, clerk)

    content = client.get(page(Conference, "change", conference.pk)).content

    assert b"481516234" not in content
    assert "•••••34" in content.decode()


def test_conference_keeps_its_account_and_number(client, clerk, conference, stranger):
    sign_in(client, clerk)

    change(client, conference, account=stranger.account_id, number="1", name="Renamed")

    conference.refresh_from_db()
    assert conference.name == "Renamed"
    assert conference.account.name == "Aurora Robotics"
    assert conference.number != "1"


def test_own_rate_of_a_conference_is_in_the_log_of_its_account(client, clerk, conference):
    sign_in(client, clerk)
    new = {
        "own_rates-TOTAL_FORMS": "1",
        "own_rates-0-access_type": "local",
        "own_rates-0-rate_per_minute": "0.01",
        "own_rates-0-starts_on": "2026-12-01",
    }

    change(client, conference, **new)

    assert conference.own_rates.get().access_type == "local"
    assert AuditEntry.objects.get().account == conference.account
