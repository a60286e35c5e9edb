"""A year of generated call records, billed, against a calculation that shares nothing with us.

The files are read here once more, with the standard library alone, and rated in plain Decimal
from the very document that the customers came in by.
"""

import csv
import datetime as dt
import json
from collections import defaultdict
from decimal import Decimal
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from accounts.periods import Month
from accuconf.sandbox import world
from billing.gateway import gateway
from billing.models import Bill
from billing.services import runs
from billing.services.issue import opens_at
from billing.verification import books
from conferences.models import CallFile, QuarantinedRecord
from tests.billing.reference import Call, Dated, Tariff, reference_lines

ZONE = "America/New_York"
UNTIL = dt.date(2026, 11, 2)
FIRST, LAST = Month(2025, 10, ZONE), Month(2026, 10, ZONE)


@pytest.fixture(scope="module")
def document():
    return world.customers(UNTIL, {})


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return world.write_calls(tmp_path_factory.mktemp("calls"), UNTIL)


def billed_by_the_portal(document, files, folder):
    """Bring all in by the commands, run the thirteen months; {(account, month): lines}."""
    path = folder / "customers.json"
    path.write_text(json.dumps(document))
    call_command("import_customers", str(path))
    call_command("import_calls", *map(str, files))
    month = FIRST
    while month <= LAST:
        runs.open_runs(month, now=opens_at(month))
        for job in runs.issue_waiting(gateway=gateway(), now=opens_at(month)):
            assert job.held_because == ""
        month = month.next()
    return {
        (bill.account.number, str(bill.month)): sorted(
            bill.lines.values_list(
                "conference_number", "participants", "minutes", "rate_per_minute", "cost_cents"
            )
        )
        for bill in Bill.objects.select_related("account")
    }


def billed_by_hand(document, files):
    """Work out the same from the files: {(account, month): lines} of months with calls."""
    calls = calls_of(
        files, {line["number"]: line["access_type"] for line in document["dial_in_numbers"]}
    )
    plans = {plan["name"]: plan["rates"] for plan in document["rate_plans"]}
    expected = {}
    for account in document["accounts"]:
        tariff = tariff_of(account, plans)
        numbers = {conference["number"] for conference in account["conferences"]}
        for call in (call for call in calls if call.conference in numbers):
            rated = reference_lines([call], tariff, zone=ZONE, until=LAST.end)
            local = call.ended_at.astimezone(ZoneInfo(ZONE))
            expected.setdefault((account["number"], f"{local:%Y-%m}"), []).extend(
                (call.conference, line.participants, line.minutes, line.rate, line.cost_cents)
                for line in rated
            )
    return {key: sorted(lines) for key, lines in expected.items() if lines}


def tariff_of(account, plans):
    return Tariff(
        plans=Dated({dt.date.fromisoformat(account["activated_on"]): account["rate_plan"]}),
        plan_rates=dated((account["rate_plan"], plans[account["rate_plan"]])),
        own_rates=dated(*((one["number"], one["rates"]) for one in account["conferences"])),
    )


def dated(*priced):
    """Turn (owner, rates as the document writes them) into {(owner, access type): Dated}."""
    found = defaultdict(Dated)
    for owner, rates in priced:
        for rate in rates:
            day = dt.date.fromisoformat(rate["starts_on"])
            price = Decimal(rate["rate_per_minute"])
            found[owner, rate["access_type"]].from_days[day] = price
    return found


def calls_of(files, access_types):
    legs = defaultdict(list)
    for path in files:
        read = legs_of_table if path.suffix == ".csv" else legs_of_switch
        for session, *leg in read(path, access_types):
            legs[session].append(leg)
    return [
        Call(
            key=session,
            conference=held[0][0],
            started_at=min(joined for _, joined, _, _ in held),
            ended_at=max(left for _, _, left, _ in held),
            legs=[
                (int((left - joined).total_seconds()), access) for _, joined, left, access in held
            ],
        )
        for session, held in legs.items()
    ]


def legs_of_table(path, access_types):
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["leg_id"].startswith("stray-"):  # for the quarantine
                continue
            outbound = row["direction"] == "outbound"
            yield (
                row["session_id"],
                row["conference"],
                dt.datetime.fromisoformat(row["joined_at"]),
                dt.datetime.fromisoformat(row["left_at"]),
                "out_dial" if outbound else access_types[row["dialled_number"]],
            )


def legs_of_switch(path, access_types):
    held = ElementTree.parse(path).getroot().find("conference")
    for member in held.iterfind("members/member[@type='caller']"):
        yield (
            path.name.removesuffix(".cdr.xml"),
            held.findtext("name"),
            dt.datetime.fromtimestamp(int(member.findtext("join_time")), dt.UTC),
            dt.datetime.fromtimestamp(int(member.findtext("leave_time")), dt.UTC),
            access_types[member.findtext("caller_profile/destination_number")],
        )


@pytest.mark.django_db
def test_a_year_of_calls_bills_to_the_cent_of_an_independent_calculation(document, files, tmp_path):
    billed = billed_by_the_portal(document, files, tmp_path)
    by_hand = billed_by_hand(document, files)

    kept = QuarantinedRecord.objects.exclude(external_id__startswith="stray-")
    assert kept.count() == 0
    assert sum(file.records for file in CallFile.objects.all()) > 10_000
    assert {key: lines for key, lines in billed.items() if lines} == by_hand
    serious = [one.check.name for one in books.verify(now=opens_at(LAST)) if one.check.serious]
    assert serious == []
