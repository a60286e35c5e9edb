"""Bars of a chart, as the numbers an SVG needs; the same figures stand in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 340, 150
#: Room for the words under the bars.
FOOT = 22
#: How much of a bar's share of the width is bar.
FILLED = 0.62


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, what is written under it, and what it says."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a box of `width` by `height`, standing on `ground`."""

    bars: Sequence[Bar]
    width: int = WIDTH
    height: int = HEIGHT
    ground: int = HEIGHT - FOOT


def bar_chart(values: Sequence[tuple[str, int, str]]) -> Chart:
    """Draw (label, amount, amount in words) from left to right; the highest fills the height."""
    share = WIDTH / max(len(values), 1)
    highest = max((amount for _, amount, _ in values), default=0) or 1
    bars = [
        Bar(
            x=round(share * (place + (1 - FILLED) / 2), 1),
            y=round(HEIGHT - FOOT - _height(amount, highest), 1),
            width=round(share * FILLED, 1),
            height=_height(amount, highest),
            middle=round(share * (place + 0.5), 1),
            label=label,
            value=value,
            is_last=place == len(values) - 1,
        )
        for place, (label, amount, value) in enumerate(values)
    ]
    return Chart(bars)


def _height(amount: int, highest: int) -> float:
    """Scale to the room above the words, with a sliver for nothing."""
    return max(round((HEIGHT - FOOT - 6) * max(amount, 0) / highest, 1), 1.5)
