"""The geometry of a report's chart; the template draws it as SVG.

Lengths across are percentages, lengths down are pixels: the chart is as wide as the page and its letters keep
their size. Everything is text, so that no locale puts a comma into a coordinate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orders.reports.figures import Row

HEIGHT = 220
MAX_BARS = 12  # of a chart whose rows are not periods
BAR_STEP = 44
MAX_NAMES = 6
LAST_NAME = 84.0
NAME_LENGTH = 34
GRID_LINES = 4


@dataclass(frozen=True, slots=True)
class Column:
    """An upright bar of one period."""

    row: Row
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A name below the columns, or a value (minor units) beside a grid line."""

    position: str
    label: str = ""
    value: int = 0
    anchor: str = "middle"
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Net sales per period."""

    columns: tuple[Column, ...]
    names: tuple[Tick, ...]
    grid: tuple[Tick, ...]
    height: int = HEIGHT
    is_columns: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """A lying bar of one row, its name above it."""

    row: Row
    name: str
    text_y: int
    bar_y: int
    width: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Net sales of the first rows; `left_out` rows are only in the table."""

    bars: tuple[Bar, ...]
    height: int
    left_out: int
    is_columns: bool = False


def column_chart(rows: Sequence[Row]) -> ColumnChart:
    """One column per period, also for those without orders."""
    top = nice_top(max((row.figures.net for row in rows), default=0))
    step = 100 / max(1, len(rows))
    columns = []
    for index, row in enumerate(rows):
        height = max(0, row.figures.net) / top * HEIGHT
        columns.append(
            Column(
                row=row,
                x=f"{index * step + step * 0.1:.3f}%",
                width=f"{step * 0.8:.3f}%",
                y=f"{HEIGHT - height:.2f}",
                height=f"{height:.2f}",
            )
        )
    grid = [
        Tick(f"{HEIGHT - HEIGHT * n / GRID_LINES:.1f}", value=top * n // GRID_LINES) for n in range(1, GRID_LINES + 1)
    ]
    return ColumnChart(tuple(columns), tuple(_names(rows, step)), tuple(grid))


def _names(rows: Sequence[Row], step: float) -> list[Tick]:
    """At most six names below the columns, each with room to its right; the minor ones give way on a phone."""
    if len(rows) <= MAX_NAMES:
        return [
            Tick(f"{(index + 0.5) * step:.3f}%", row.label, is_minor=len(rows) > 3 and index % 2 == 1)
            for index, row in enumerate(rows)
        ]
    every = -(-len(rows) // MAX_NAMES)
    return [
        Tick(f"{index * step:.3f}%", rows[index].label, anchor="start", is_minor=number % 2 == 1)
        for number, index in enumerate(range(0, len(rows), every))
        if index * step <= LAST_NAME
    ]


def bar_chart(rows: Sequence[Row]) -> BarChart:
    """The first rows as bars below one another."""
    shown = rows[:MAX_BARS]
    longest = max(1, *(row.figures.net for row in shown), 1)
    bars = [
        Bar(
            row=row,
            name=_shortened(row.label),
            text_y=index * BAR_STEP + 15,
            bar_y=index * BAR_STEP + 22,
            width=f"{max(0, row.figures.net) / longest * 100:.3f}%",
        )
        for index, row in enumerate(shown)
    ]
    return BarChart(tuple(bars), height=len(shown) * BAR_STEP, left_out=len(rows) - len(shown))


def nice_top(highest: int) -> int:
    """The smallest of 4, 8, 12, 16, 20, 40, 80 … that is not below `highest`: quarters of it are round numbers."""
    scale = 1
    while True:
        for step in (4, 8, 12, 16, 20):
            if step * scale >= highest:
                return step * scale
        scale *= 10


def _shortened(label: str) -> str:
    return label if len(label) <= NAME_LENGTH else label[: NAME_LENGTH - 1].rstrip() + "…"
