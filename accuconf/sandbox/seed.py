"""Filling the sandbox once: the sample customers, their calls, and a year of bills and money.

Customers and calls come in by the commands that an operator uses. The months are then lived
through one by one, each on the first of the next as the timetable would have, so that bills,
charges and checks bear the dates they would bear. Stopped half-way it goes on where it was.
"""

import datetime as dt
import json
import random
import uuid
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.utils import timezone
from tqdm import tqdm

from accounts.actors import Actor
from accounts.models import Terms
from accounts.periods import Month
from accuconf.sandbox import world
from accuconf.sandbox.bridge import Switch
from accuconf.sandbox.charges import set_charges
from accuconf.sandbox.latest_days import live_latest_days
from accuconf.sandbox.wallets import answer_of_the_banks, open_wallets, swap_card
from accuconf.sandbox.world.companies import AURORA
from accuconf.sandbox.world.lines import months_until
from billing.gateway import gateway
from billing.models import Bill, BillRun
from billing.services import checks, questions, runs, sweep
from billing.services.credit_notes import issue_credit_note
from billing.services.issue import opens_at
from billing.standing import billing_day
from conferences.models import Bridge
from users.models import User

STAFF = "staff@meridian.example"
#: The timetable starts the run a little after the month may be billed.
AFTER_OPENING = dt.timedelta(minutes=5)
DEBITS_TAKE = dt.timedelta(days=4)
#: How many in a hundred checks come before the next bill, and after how many days.
CHECKS_IN_TIME = 85
CHECK_DAYS = (9, 27)
#: The last four digits of a card that can be saved, and not charged.
DECLINED = "0341"


def fill(folder: Path, *, say) -> None:
    """Fill the sandbox, keeping the world's files in `folder`; `say` tells what is being done.

    Does nothing where it is full.
    """
    if (folder / "filled").exists() and BillRun.objects.exists():
        return
    say("Filling the sandbox with a sample world; this is done once.")
    folder.mkdir(parents=True, exist_ok=True)
    until = _last_day(folder / "until")
    add_staff()
    bring_customers(folder, until)
    set_charges(months_until(until)[0].first_day)
    bring_calls(folder, until)
    bring_recordings(folder, until)
    live_through(closed_months(until))
    correct_a_bill()
    live_latest_days(now=timezone.now())
    (folder / "filled").touch()


def add_staff() -> None:
    """Add the operator's own person, who signs in to the back office."""
    if not User.objects.filter(email=STAFF).exists():
        User.objects.create_superuser(STAFF, world.PASSWORD, name="Stella Marsh")


def bring_customers(folder: Path, until: dt.date) -> None:
    """Bring the sample customers in by `import_customers`."""
    document = world.customers(until, open_wallets(folder / "stripe.json"))
    path = folder / "customers.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1))
    call_command("import_customers", str(path))


def bring_calls(folder: Path, until: dt.date) -> None:
    """Bring the sample call records in by `import_calls`."""
    world.write_calls(folder / "calls", until)
    call_command("import_calls", str(folder / "calls"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL would see by itself in a minute; we bill at once


def bring_recordings(folder: Path, until: dt.date) -> None:
    """Bring the sample recordings in by `take_in_recordings`."""
    world.write_recordings(folder / "recordings", until)
    call_command("take_in_recordings", str(folder / "recordings"))


def live_through(months: list[Month]) -> None:
    """Bill, charge and take checks for each month as its own timetable would have done.

    By the last one, the card of the company that visitors sign in to is declined, and the debits
    of bank accounts are still under way.
    """
    for month in tqdm(months, desc="months", disable=None):
        if month == months[-1]:
            swap_card(AURORA, DECLINED)
        run = BillRun.objects.filter(year=month.year, month_of_year=month.month).first()
        if run is None or run.jobs.waiting().exists():
            bill(month, now=opens_at(month) + AFTER_OPENING)
        if month != months[-1]:
            answer_of_the_banks()
            collect(now=opens_at(month) + DEBITS_TAKE)
        receive_checks(month, now=opens_at(month))


def bill(month: Month, *, now: dt.datetime) -> None:
    """Do what the bill run does on its day; PDFs and letters are left to the worker."""
    runs.open_runs(month, now=now)
    for _ in runs.issue_waiting(gateway=gateway(), now=now):
        pass
    collect(now=now)


def collect(*, now: dt.datetime) -> None:
    """Charge what is to be charged, and note what the banks have answered."""
    for _ in sweep.collect_due(gateway=gateway(), now=now):
        pass


def receive_checks(month: Month, *, now: dt.datetime) -> None:
    """Record the checks that came for the month's bills; some companies pay late."""
    bills = Bill.objects.filter(month_start=month.start, terms=Terms.CHECK, amount_due_cents__gt=0)
    for one in bills.select_related("account"):
        dice = random.Random(f"check for {one.account_number} in {month}")
        came_at = now + dt.timedelta(days=dice.randint(*CHECK_DAYS))
        if dice.randrange(100) < CHECKS_IN_TIME and came_at < timezone.now():
            checks.record_check(
                one.account,
                number=str(1000 + one.number),
                amount_cents=one.amount_due_cents,
                received_on=billing_day(came_at),
                by=Actor(label="sandbox"),
                now=came_at,
            )


def connect_bridge(port: int) -> None:
    """Let the portal control the demo's bridge, which listens on another port each time."""
    bridge, _ = Bridge.objects.get_or_create(
        name="bridge1", defaults={"kind": Bridge.Kind.FREESWITCH}
    )
    bridge.control_host, bridge.control_port = "127.0.0.1", port
    bridge.control_password = Switch.password
    bridge.save()


def correct_a_bill() -> None:
    """Have a customer question two lines of the newest bill that has them; credit the first one."""
    with_two_lines = Bill.objects.annotate(lines_count=Count("lines")).filter(lines_count__gt=1)
    bill = with_two_lines.order_by("-number").first()
    asker = User.objects.entitled_to_bills().filter(account=bill and bill.account_id).first()
    if asker is None or bill.questions.exists():
        return
    staff, now = Actor(user=User.objects.get(email=STAFF)), timezone.now()
    first, second = bill.lines.order_by("-cost_cents")[:2]
    ask = {"by": Actor(user=asker), "now": now}
    questions.ask_about_line(second, text="Which office called in here?", **ask)
    noisy = questions.ask_about_line(first, text="Nobody could hear us in this call.", **ask)
    if first.cost_cents:
        issue_credit_note(
            bill,
            amounts={first.pk: first.cost_cents},
            with_taxes=True,
            reason="The line was too noisy to be used.",
            form_key=uuid.uuid5(bill.uuid, "noisy"),
            by=staff,
            now=now,
        )
    questions.answer_question(
        noisy, answer="You are right, we are sorry. We have credited the call.", by=staff, now=now
    )


def _last_day(note: Path) -> dt.date:
    """Return the world's last day: today, as it was when filling began."""
    if not note.exists():
        note.write_text(timezone.now().date().isoformat())
    return dt.date.fromisoformat(note.read_text())


def closed_months(until: dt.date) -> list[Month]:
    """Return the months of the world that may be billed by now, oldest first."""
    last = runs.last_closed_month(timezone.now())
    months = [Month(one.year, one.month, settings.BILLING_TIME_ZONE) for one in months_until(until)]
    return [month for month in months if month <= last]
