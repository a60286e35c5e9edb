"""Billing months: calendar months of one time zone, seen as half-open periods in UTC."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month in `zone` (an IANA name); `start` included, `end` excluded."""

    year: int
    month: int
    zone: str

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"there is no month {self.month}")

    @classmethod
    def containing(cls, instant: dt.datetime, zone: str) -> Month:
        """Return the month of `zone` in which the aware `instant` lies."""
        local = instant.astimezone(ZoneInfo(zone))
        return cls(local.year, local.month, zone)

    @classmethod
    def parse(cls, text: str, zone: str) -> Month:
        """Read `YYYY-MM`. Raises ValueError."""
        if not re.fullmatch(r"\d{4}-\d{2}", text):
            raise ValueError(f"{text!r} is not a month; write it as YYYY-MM")
        return cls(int(text[:4]), int(text[5:]), zone)

    @property
    def start(self) -> dt.datetime:
        """The month's first instant, in UTC."""
        local = dt.datetime(self.year, self.month, 1, tzinfo=ZoneInfo(self.zone))
        return local.astimezone(dt.UTC)

    @property
    def end(self) -> dt.datetime:
        """The first instant after the month, in UTC."""
        return self.next().start

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        return self.next().first_day - dt.timedelta(days=1)

    def next(self) -> Month:
        return self._shifted(1)

    def previous(self) -> Month:
        return self._shifted(-1)

    def _shifted(self, months: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1, self.zone)

    def __contains__(self, instant: dt.datetime) -> bool:
        return self.start <= instant < self.end

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
