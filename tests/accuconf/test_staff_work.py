"""The back office's daily work: the quarantine, the bill run, and the PDF of a bill."""

import datetime as dt
import hashlib

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.periods import Month
from billing.models import AccountPlan, Bill, BillDocument, BillJob, BillRun
from billing.services import runs
from billing.services.issue import opens_at
from conferences.models import Leg, QuarantinedRecord
from conferences.records import intake
from conferences.records.table import COLUMNS
from tests import make
from tests.pages import sign_in

MARCH = Month(2026, 3, "America/New_York")

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.fixture
def quarantined(conference, tmp_path):
    """Two records of calls to numbers that the operator's table does not hold."""
    file = tmp_path / "calls.csv"
    legs = [leg_to(conference, f"leg-{digit}", f"1800555010{digit}") for digit in range(2)]
    file.write_text("\n".join([",".join(COLUMNS), *legs, ""]))
    intake.take_in([file], now=timezone.now())
    return list(QuarantinedRecord.objects.order_by("external_id"))


def leg_to(conference, leg, number):
    values = {
        "bridge": "bridge1",
        "session_id": "session-1",
        "leg_id": leg,
        "conference": conference.number,
        "joined_at": "2026-03-10T15:00:00+00:00",
        "left_at": "2026-03-10T15:10:00+00:00",
        "caller_number": "12125550123",
        "caller_name": "Ana",
        "dialled_number": number,
        "direction": "inbound",
        "moderator": "false",
        "left_because": "",
        "pin_reference": "",
    }
    return ",".join(values[name] for name in COLUMNS)


def act(client, model, action, rows):
    url = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    response = client.post(url, chosen, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_record_is_taken_in_again_once_its_cause_is_mended(client, clerk, quarantined):
    make.dial_in_number(number="18005550100")
    sign_in(client, clerk)

    told = act(client, QuarantinedRecord, "take_in_again", quarantined)

    assert told == [
        "1 record was taken in.",
        "1 record stays in quarantine; its reason is shown.",
    ]
    assert Leg.objects.get().external_id == quarantined[0].external_id
    assert QuarantinedRecord.objects.waiting().get() == quarantined[1]
    assert list(AuditEntry.objects.values_list("actor_label", "verb")) == [
        ("Clara Clerk", "took in again")
    ] * len(quarantined)


def test_record_that_was_taken_in_is_not_tried_again(client, clerk, quarantined):
    QuarantinedRecord.objects.update(released_at=timezone.now())
    sign_in(client, clerk)

    assert act(client, QuarantinedRecord, "take_in_again", quarantined) == []
    assert AuditEntry.objects.count() == 0


def test_staff_who_only_look_cannot_take_in_again(client, quarantined):
    reader = make.user(email="reader@meridian.example")
    call_command("make_staff_groups", verbosity=0)
    permissions = Group.objects.get(name="Billing staff").permissions
    reader.user_permissions.add(permissions.get(codename="view_quarantinedrecord"))
    make.dial_in_number(number="18005550100")
    sign_in(client, reader)

    act(client, QuarantinedRecord, "take_in_again", quarantined)

    assert Leg.objects.count() == 0


def test_quarantine_shows_what_waits_first(client, clerk, quarantined):
    QuarantinedRecord.objects.filter(pk=quarantined[0].pk).update(released_at=timezone.now())
    sign_in(client, clerk)
    url = reverse("admin:conferences_quarantinedrecord_changelist")

    shown = {
        state: list(client.get(url, {"state": state} if state else {}).context["cl"].queryset)
        for state in (None, "released")
    }
    everything = client.get(url, {"state": "all"}).context["cl"]

    assert shown == {None: [quarantined[1]], "released": [quarantined[0]]}
    assert everything.result_count == 2


def test_raw_record_is_shown_as_text(client, clerk, quarantined):
    QuarantinedRecord.objects.update(raw="<script>alert(1)</script>")
    sign_in(client, clerk)
    url = reverse("admin:conferences_quarantinedrecord_change", args=[quarantined[0].pk])

    content = client.get(url).content

    assert b"<script>alert" not in content
    assert b"&lt;script&gt;alert" in content


@pytest.fixture
def held(db):
    """A job that is held since its account has a call, but no plan with rates."""
    account = make.account(name="Without a plan", terms="check")
    line = make.conference(account=account)
    make.session(conference=line, started_at=MARCH.start + dt.timedelta(days=3))
    now = opens_at(MARCH)
    runs.open_runs(MARCH, now=now)
    list(runs.issue_waiting(gateway=None, now=now))
    return BillJob.objects.get()


def test_held_account_is_billed_once_its_reason_is_gone(client, clerk, held, plan):
    AccountPlan.objects.create(account=held.account, plan=plan, starts_on=held.account.activated_on)
    sign_in(client, clerk)

    told = act(client, BillJob, "try_again", [held])

    assert told == ["1 bill was issued."]
    assert Bill.objects.get().account == held.account
    assert AuditEntry.objects.get().after == {"bill": Bill.objects.get().label, "held because": ""}


def test_account_still_held_says_why(client, clerk, held):
    sign_in(client, clerk)

    told = act(client, BillJob, "try_again", [held])

    held.refresh_from_db()
    assert told == ["1 account is still held; the reason is shown."]
    assert held.held_because
    assert AuditEntry.objects.get().account == held.account


def test_run_counts_what_is_issued_held_and_waiting(client, clerk, held, plan):
    issued = make.account(name="Billed", plan=plan)
    bill = make.issued(issued, "2026-03", dollars=10)
    BillJob.objects.create(run=held.run, account=issued, bill=bill)
    BillJob.objects.create(run=held.run, account=make.account(name="Not tried"))
    sign_in(client, clerk)

    shown = client.get(reverse("admin:billing_billrun_changelist")).context["cl"].result_list[0]

    assert (shown.job_count, shown.held_count, shown.waiting_count) == (3, 1, 1)


@pytest.mark.parametrize(("state", "names"), [
    ("held", ["Without a plan"]), ("waiting", ["Not tried"]), ("issued", ["Billed"]),
])  # fmt: skip
def test_jobs_are_narrowed_by_state(client, clerk, held, plan, state, names):
    issued = make.account(name="Billed", plan=plan)
    bill = make.issued(issued, "2026-03", dollars=10)
    BillJob.objects.create(run=held.run, account=issued, bill=bill)
    BillJob.objects.create(run=held.run, account=make.account(name="Not tried"))
    sign_in(client, clerk)

    listed = client.get(
        reverse("admin:billing_billjob_changelist"),
        {"state": state, "run__id__exact": BillRun.objects.get().pk},
    )

    assert [job.account.name for job in listed.context["cl"].queryset] == names


@pytest.fixture
def bill(account):
    return make.issued(account, "2026-03", dollars=10)


def make_pdf(bill, content, sha256):
    document, _ = BillDocument.objects.get_or_create(bill=bill)
    document.file.save("bill.pdf", ContentFile(content), save=False)
    document.sha256, document.size, document.made_at = sha256, len(content), timezone.now()
    document.save()


def test_pdf_of_a_bill_is_served_to_staff_and_that_is_logged(client, clerk, bill):
    content = b"%PDF-1.7 the bill"
    make_pdf(bill, content, hashlib.sha256(content).hexdigest())
    sign_in(client, clerk)

    response = client.get(reverse("admin:billing_bill_pdf", args=[bill.pk]))

    assert b"".join(response.streaming_content) == content
    assert response["Content-Type"] == "application/pdf"
    assert AuditEntry.objects.get().subject == f"Bill {bill.label}"


def test_pdf_that_is_not_as_it_was_made_is_not_shown(client, clerk, bill, caplog):
    make_pdf(bill, b"%PDF-1.7 another bill", "0" * 64)
    sign_in(client, clerk)

    response = client.get(reverse("admin:billing_bill_pdf", args=[bill.pk]), follow=True)

    (told,) = response.context["messages"]
    assert "missing or damaged" in str(told)
    assert [one.levelname for one in caplog.records if one.name == "billing.admin.bills"] == [
        "ERROR"
    ]
    assert AuditEntry.objects.count() == 0


def test_pdf_that_is_not_made_yet_is_not_found(client, clerk, bill):
    sign_in(client, clerk)

    assert client.get(reverse("admin:billing_bill_pdf", args=[bill.pk])).status_code == 404
    assert client.get(reverse("admin:billing_bill_pdf", args=[bill.pk + 1])).status_code == 404


def test_pdf_is_neither_for_customers_nor_for_staff_without_the_right(client, admin, bill):
    url = reverse("admin:billing_bill_pdf", args=[bill.pk])

    assert client.get(url).status_code == 302
    sign_in(client, admin)
    assert client.get(url).status_code == 404
    sign_in(client, make.user(email="new@meridian.example"))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("as_printed", [True, False])
def test_bill_is_found_by_its_number(client, clerk, bill, as_printed):
    sign_in(client, clerk)
    term = bill.label if as_printed else str(bill.number)

    listed = client.get(reverse("admin:billing_bill_changelist"), {"q": term})

    assert list(listed.context["cl"].queryset) == [bill]
