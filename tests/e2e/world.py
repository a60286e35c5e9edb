"""A small world with something to see on every page, and names that are hard to lay out."""

import datetime as dt
from typing import NamedTuple

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.audit import audit_entry
from billing.services import questions
from conferences.models import Conference, Invitation, Schedule
from tests import make
from tests.recordings import wav
from users.models import User

LONG = "Quarterly earnings call for investors, analysts and everybody else who asked to be informed"
#: Names of many lands and lengths; people are called by them in turn.
NAMES = [
    "Bo",
    "Þórdís Kolbrún Reykfjörð Gylfadóttir",
    "Nguyễn Thị Minh Khai",
    "María del Carmen Fernández-Villaverde y Sánchez de la Quintana",
    "李小龍",
    "Władysława Brzęczyszczykiewicz-Łękołodzka",
    "אביגיל בן־דוד",
]


class Company(NamedTuple):
    """Who is there, and a conference, a bill and recordings to open."""

    admin: User
    basic: User
    scheduler: User
    biller: User
    invited: User
    disabled: User
    conference: Conference
    once: Conference
    bill_number: int
    recording: int
    held: int


def furnish():
    """Make a company on checks that has paid one bill, owes two, and has called since.

    It has 65 conferences, people in each state, and a log of many pages.
    """
    now = timezone.now()
    account = make.account(
        name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk Northwind Traders",
        terms="check",
        plan=make.rate_plan(),
    )
    people = {
        role: make.user(account=account, role=role, name=name, email=email)
        for role, name, email in (
            ("admin", "Ada Byron", "admin@northwind.example"),
            ("basic", "Konstantínos Παπαδόπουλος-Жуковский", f"{'k' * 40}@northwind.example"),
            ("schedule", "Katherine Johnson", "schedule@northwind.example"),
            ("billing", "Grace Hopper", "billing@northwind.example"),
        )
    }
    invited, disabled = _colleagues(account, now)
    conference, once = _conferences(account, people, now)
    bill = _bills(account, now)
    make.session(conference=conference, started_at=now - dt.timedelta(hours=5))
    _log(account, people["admin"], now)
    heard, held = _recordings(account, conference, now)
    return Company(*people.values(), invited, disabled, conference, once, bill.number, heard, held)


def _colleagues(account, now):
    """Add many of each state; return one who is invited and one who is disabled."""
    states = {
        "invited": {"email_confirmed_at": None, "password": None},
        "temporary": {"email_confirmed_at": None, "password_expires_at": now + dt.timedelta(1)},
        "disabled": {"is_active": False, "last_login": now - dt.timedelta(days=400)},
        "active": {"role": "schedule", "last_login": now - dt.timedelta(minutes=5)},
    }
    made = {
        state: [
            make.user(
                account=account, name=name, email=f"{state}.{number}@northwind.example", **fields
            )
            for number, name in enumerate(NAMES)
        ]
        for state, fields in states.items()
    }
    return made["invited"][3], made["disabled"][5]


def _log(account, admin, now):
    """Fill some pages of the log; one entry changed much, and was made by staff."""
    by = Actor(user=admin, from_address="2001:db8:85a3:8d3:1319:8a2e:370:7348")
    person = f"User {NAMES[3]}"
    entries = [
        audit_entry(
            "changed rights of",
            person,
            by=by,
            now=now - dt.timedelta(hours=hours),
            account=account,
            before={LONG: "View", "role": "Customer Basic"},
            after={LONG: "View, Recording, Moderate", "role": "Customer Schedule"},
        )
        for hours in range(1, 61)
    ]
    looker = make.user(email="looker@meridian.example", name="Lou Looker", is_superuser=True)
    in_place = Actor(user=looker, on_behalf_of=admin)
    entries.append(audit_entry("signed out", person, by=in_place, now=now, account=account))
    AuditEntry.objects.bulk_create(entries)


def _conferences(account, people, now):
    make.dial_in_number(label="USA and Canada, toll-free")
    make.dial_in_number(number="442079460958", access_type="international", label="London")
    lines = [
        make.conference(account=account, name=name, billing_code="CC-1401-EMEA")
        for name in (LONG, "Łódź plant – Ω-line review", "Incident bridge")
    ]
    without_code = make.conference(account=account, name="Line without a billing code")
    make.session(conference=without_code, started_at=now - dt.timedelta(days=1))
    once = make.conference(account=account, name="Customer briefing", kind="one_time")
    tomorrow = (now + dt.timedelta(days=1)).date()
    Schedule.objects.create(
        conference=once,
        starts_on=tomorrow,
        starts_at_time=dt.time(14, 30),
        time_zone="America/New_York",
        minutes=60,
    )
    _dates(lines, people["admin"], now)
    for number in range(60):
        make.conference(account=account, name=f"{NAMES[number % len(NAMES)]} – {number}")
    for kind in ("moderator", "speaker", "participant"):
        make.pin(conference=lines[0], kind=kind, holder_name="Grace Hopper", ends_at=now)
    make.pin(conference=lines[0], kind="participant", holder_name=NAMES[3], maximum_uses=5)
    make.pin(conference=lines[0], kind="speaker", holder_name=NAMES[1], removed_at=now)
    make.rights(people["basic"], lines[0], "view")
    make.rights(people["basic"], lines[1], "recording")
    for line in (lines[0], once):
        make.rights(people["schedule"], line, "full")
    for day in range(1, 31, 3):
        make.session(
            conference=lines[0],
            started_at=dt.datetime(2026, 1, day, 15, tzinfo=dt.UTC),
            legs=[(600 * day, "toll_free"), (61, "local"), (3600, "international")],
        )
    return lines[0], once


def _dates(lines, admin, now):
    """Give each line a date that repeats, and invite people of each name to the first."""
    for line, repeats in zip(lines, ["daily", "weekly", "monthly"], strict=True):
        Schedule.objects.create(
            conference=line,
            starts_on=now.date() - dt.timedelta(days=7),
            starts_at_time=dt.time(9, 30),
            time_zone="Europe/London",
            minutes=45,
            repeats=repeats,
        )
    Invitation.objects.bulk_create(
        Invitation(
            conference=lines[0],
            email=f"{'g' * 3 * number}uest@northwind.example",
            name=name,
            invited_by=admin,
            invited_at=now,
        )
        for number, name in enumerate(NAMES)
    )


def _recordings(account, conference, now):
    """Record some pages of calls; return the keys of one with its call, and of one that is held."""
    for number, line in enumerate(account.conferences.all()):
        started_at = now - dt.timedelta(days=number, hours=6)
        make.recording(
            conference=line, started_at=started_at, seconds=37 * number * number, received_at=now
        )
    call = conference.sessions.latest("started_at")
    heard = make.recording(
        conference=conference, session=call, sound=wav(20, level=3000), seconds=20, received_at=now
    )
    held = make.recording(conference=conference, is_held=True, seconds=86400, received_at=now)
    return heard.pk, held.pk


def _bills(account, now):
    january = {"starts_on": "2026-01-10", "ends_on": "2026-01-31"}
    make.fee(account=account, name=LONG, amount_cents=123_456, **january)
    make.tax(kind="surcharge", name="Network access surcharge", percent="3.3333", **january)
    make.tax(name="Þjónustuskattur – Łódź", percent="8.875", on_surcharges=True, **january)
    first = make.issued(account, "2026-01", dollars=234567)
    make.check(account, check_number="1", amount_cents=first.amount_due_cents, now=now)
    for month, dollars in (("2026-02", 9), ("2026-03", 0)):
        make.issued(account, month, dollars=dollars)
    _corrections(account, first)
    return first


def _corrections(account, bill):
    """Credit part of a bill, and question two of its lines; one is answered."""
    clerk = make.user(name="Nora Note", email="nora@meridian.example", is_superuser=True)
    reason = "The line was noisy for most of the call, and the recording was lost."
    make.credit_note(bill, cents=123, by=clerk, reason=reason)
    asker = Actor(user=account.users.get(role="admin"))
    *_, answered, line = bill.lines.order_by("-position")[:3]
    for one in {line, answered}:
        questions.ask_about_line(one, text=LONG, by=asker, now=bill.issued_at)
    questions.answer_question(
        answered.questions.get(),
        answer=f"{LONG}.\n\n{LONG}.",
        by=Actor(user=clerk),
        now=bill.issued_at + dt.timedelta(days=1),
    )
