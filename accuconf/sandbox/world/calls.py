"""The held calls of the sample world, the same for each month however often they are asked for."""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from accounts.periods import Month
from accuconf.sandbox.world.companies import DIAL_IN_NUMBERS, Company
from accuconf.sandbox.world.lines import Line, activated_on, closed_on, lines_of
from accuconf.sandbox.world.people import Person, callers_of

MINUTE = dt.timedelta(minutes=1)
NUMBER_OF_LABEL = {label: number for number, _, label in DIAL_IN_NUMBERS}
#: How busy a calendar month is; August is quiet.
PACE = (1.0, 0.95, 1.1, 1.0, 1.05, 1.0, 0.85, 0.6, 1.1, 1.15, 1.1, 0.7)
START_HOURS = (8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 17)
NIGHT_SHIFT = "Night shift"
REJECTIONS = ("invalid_pin", "invalid_pin", "conference_locked", "max_members_reached")


@dataclass
class Stay:
    """One caller's stay; `out_dial` means that the bridge called the participant."""

    channel: str
    joined: dt.datetime
    left: dt.datetime
    person: Person
    dialled: str
    is_moderator: bool = False
    was_removed: bool = False
    out_dial: bool = False


@dataclass
class Held:
    """One held call: a session with its stays, and what the bridge noted beside them."""

    session: str
    bridge: str
    number: str
    started: dt.datetime
    ended: dt.datetime
    stays: list[Stay]
    forced: bool = False
    is_recorded: bool = False
    rejected: list[tuple[str, dt.datetime, Stay]] = field(default_factory=list)


def held_in(company: Company, month: Month, until: dt.date) -> Iterator[Held]:
    """Yield the company's calls of `month` that ended before the day `until` began in UTC."""
    if not company.sessions:
        return
    dice = random.Random(f"calls of {company.number} in {month}")
    callers = callers_of(company)
    midnight = dt.datetime.combine(until, dt.time(), tzinfo=dt.UTC)
    for line, start in _starts(company, month, until, dice):
        held = _held(company, line, start, callers, dice)
        if held.ended < midnight:
            yield held


def _starts(
    company: Company, month: Month, until: dt.date, dice: random.Random
) -> Iterator[tuple[Line, dt.datetime]]:
    """Yield which conference meets when; a conference meets once in an hour at most."""
    lines = lines_of(company, until)
    on_demand = [line for line in lines if line.kind == "on_demand"]
    days = _days(company, month, until)
    taken = set()
    for line in lines:
        if line.held_on in days:
            yield line, _at(company, line, line.held_on, dice)
    for _ in range(round(company.sessions * PACE[month.month - 1] * len(set(days)) / 31)):
        line = on_demand[min(dice.randrange(len(on_demand)), dice.randrange(len(on_demand)))]
        start = _at(company, line, dice.choice(days), dice)
        slot = (line.number, start.date(), start.hour)
        if slot not in taken:
            taken.add(slot)
            yield line, start


def _days(company: Company, month: Month, until: dt.date) -> list[dt.date]:
    """Return the days of `month` on which the account was there, working days counted five-fold."""
    first = max(month.first_day, activated_on(company, until))
    last = min(month.last_day, closed_on(company, until) or month.last_day)
    days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in days for _ in range(5 if day.weekday() < 5 else 1)]


def _at(company: Company, line: Line, day: dt.date, dice: random.Random) -> dt.datetime:
    """Return when the conference starts on `day` of the company's own zone, in UTC."""
    hour, minute = dice.choice(START_HOURS), dice.choice((0, 0, 0, 15, 30, 30))
    if line.name.startswith(NIGHT_SHIFT):
        hour, minute = 22, 45
    clock = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=ZoneInfo(company.zone))
    return clock.astimezone(dt.UTC) - dice.randrange(300) * dt.timedelta(seconds=1)


def _held(
    company: Company, line: Line, start: dt.datetime, callers: list[Person], dice: random.Random
) -> Held:
    length = max(3, dice.gauss(38, 18)) * MINUTE
    count = 1 + min(int(dice.expovariate(1 / company.callers)), len(callers) - 1)
    stays = [_stay(company, person, start, length, dice) for person in dice.sample(callers, count)]
    stays[0].is_moderator = True
    stays += [_again(stay, dice) for stay in stays if dice.random() < 0.04]
    forced = dice.random() < 0.25
    ended = max(stay.left for stay in stays)
    held = Held(
        session=_uuid(dice),
        bridge=company.bridge,
        number=line.number,
        started=min(stay.joined for stay in stays),
        ended=ended,
        stays=stays,
        forced=forced,
        is_recorded=dice.random() < 0.15,
    )
    if dice.random() < 0.06:
        turned_away = _stay(company, dice.choice(callers), start, length, dice)
        held.rejected.append((dice.choice(REJECTIONS), turned_away.joined, turned_away))
    return held


def _stay(
    company: Company, person: Person, start: dt.datetime, length: dt.timedelta, dice: random.Random
) -> Stay:
    joined = start + dt.timedelta(seconds=int(max(0, dice.gauss(120, 150))))
    left = max(joined, start + dt.timedelta(seconds=int(length.total_seconds())))
    chance = dice.random()
    if chance < 0.015:
        left = joined
    elif chance < 0.2:
        left = joined + dt.timedelta(seconds=int((left - joined).total_seconds() * dice.random()))
    labels, weights = zip(*company.dials.items(), strict=True)
    out_dial = dice.random() < 0.03
    return Stay(
        channel=_uuid(dice),
        joined=joined,
        left=left,
        person=person,
        dialled="" if out_dial else NUMBER_OF_LABEL[dice.choices(labels, weights)[0]],
        was_removed=dice.random() < 0.01,
        out_dial=out_dial,
    )


def _again(stay: Stay, dice: random.Random) -> Stay:
    """The same caller comes back on a line of the same name, as after a dropped call."""
    joined = stay.left + dt.timedelta(seconds=dice.randrange(5, 90))
    left = joined + dt.timedelta(seconds=dice.randrange(30, 1200))
    channel = _uuid(dice) if stay.out_dial or dice.random() < 0.5 else stay.channel
    return Stay(channel, joined, left, stay.person, stay.dialled, out_dial=stay.out_dial)


def _uuid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))
