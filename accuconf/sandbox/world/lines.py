"""The conferences of the sample world's companies, and the calendar that they live in."""

import datetime as dt
import random
from dataclasses import dataclass

from accounts.periods import Month
from accuconf.sandbox.world.companies import COMPANIES, Company

MONTHS = 14
#: The departments of the big customer; with what they meet for, they name its many conferences.
DEPARTMENTS = (
    *("Cardiology", "Oncology", "Radiology", "Pharmacy", "Nursing", "Emergency", "Pediatrics"),
    *("Facilities", "Billing office", "Laboratory", "Information systems"),
)
MEETINGS = ("daily huddle", "grand rounds", "budget")
#: The first company's first conference has this number; the demo's bridge holds a call on it.
FIRST_NUMBER = 31000
UPCOMING = "Quarterly review"
UPCOMING_DAY = 9
UPCOMING_SESSIONS = 12


@dataclass(frozen=True)
class Line:
    """One conference; a one-time conference is held on `held_on`, the others whenever."""

    number: str
    name: str
    kind: str
    created_on: dt.date
    closed_on: dt.date | None
    held_on: dt.date | None = None
    billing_code: str = ""


def months_until(until: dt.date) -> list[Month]:
    """Return the world's months, the last being that of `until`."""
    months = [Month(until.year, until.month, "UTC")]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    return months


def months_back(until: dt.date, months: int, day: int = 1) -> dt.date:
    """Return the `day` of the month that lies so many months before that of `until`."""
    year, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    return dt.date(year, month + 1, day)


def activated_on(company: Company, until: dt.date) -> dt.date:
    return months_back(until, *company.joined)


def closed_on(company: Company, until: dt.date) -> dt.date | None:
    """Return the account's last day, the 20th of a month, or None."""
    return None if company.left is None else months_back(until, company.left, 20)


def lines_of(company: Company, until: dt.date) -> list[Line]:
    """Return the company's conferences as they are on `until`, on-demand ones first."""
    names = [*company.on_demand, *_departments(company.more_conferences)]
    start, end = activated_on(company, until), closed_on(company, until)
    number = FIRST_NUMBER + 100 * COMPANIES.index(company)
    dice = random.Random(f"lines of {company.number}")
    lines = [
        Line(
            number=str(number + place),
            name=name,
            kind="on_demand",
            created_on=start,
            closed_on=end,
            billing_code=f"CC-{dice.randrange(1000, 9999)}" if dice.random() < 0.4 else "",
        )
        for place, name in enumerate(names)
    ]
    return lines + _one_time(company, number + 60, until)


def _departments(count: int) -> list[str]:
    return [f"{place} {meeting}" for meeting in MEETINGS for place in DEPARTMENTS][:count]


def _one_time(company: Company, number: int, until: dt.date) -> list[Line]:
    first = max(activated_on(company, until), months_back(until, MONTHS - 1))
    last = closed_on(company, until) or months_back(until, 0)
    step = (last - first).days // (len(company.one_time) + 1)
    held = [first + dt.timedelta(days=step * (i + 1)) for i in range(len(company.one_time))]
    lines = [
        Line(
            number=str(number + i),
            name=name,
            kind="one_time",
            created_on=max(first, day - dt.timedelta(days=10)),
            closed_on=day,
            held_on=day,
        )
        for i, (name, day) in enumerate(zip(company.one_time, held, strict=True))
    ]
    if company.sessions >= UPCOMING_SESSIONS and company.left is None:
        lines.append(_upcoming(str(number + len(lines)), until))
    return lines


def _upcoming(number: str, until: dt.date) -> Line:
    return Line(
        number=number,
        name=UPCOMING,
        kind="one_time",
        created_on=months_back(until, 0),
        closed_on=None,
        held_on=months_back(until, -1, UPCOMING_DAY),
    )
