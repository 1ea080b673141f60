from __future__ import annotations

import pytest

from orders.reports.charts import MAX_BARS, bar_chart, column_chart, nice_top
from orders.reports.figures import Figures, Row


def row(net: int, label: str = "Row") -> Row:
    return Row("key", label, Figures(1, 1, net, 0, None, None, None))


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 4), (1, 4), (4, 4), (5, 8), (9, 12), (13, 16), (21, 40), (200, 200), (99_999, 120_000)]
)
def test_the_scale_ends_at_a_round_number_that_has_round_quarters(highest: int, top: int) -> None:
    assert nice_top(highest) == top


def test_columns_stand_in_proportion_and_without_gaps_for_empty_periods() -> None:
    chart = column_chart([row(1000), row(0), row(2000)])

    assert [column.height for column in chart.columns] == ["110.00", "0.00", "220.00"]
    assert [column.y for column in chart.columns] == ["110.00", "220.00", "0.00"]
    assert [tick.value for tick in chart.grid] == [500, 1000, 1500, 2000]


@pytest.mark.parametrize("count", [1, 2, 6, 7, 30, 366, 800])
def test_names_below_the_columns_are_few_and_within_the_chart(count: int) -> None:
    names = column_chart([row(1)] * count).names

    assert 1 <= len(names) <= 6
    assert all(0 <= float(name.position.rstrip("%")) <= 92 for name in names)


def test_the_longest_bar_fills_the_width() -> None:
    assert [bar.width for bar in bar_chart([row(400), row(100), row(-5)]).bars] == ["100.000%", "25.000%", "0.000%"]


def test_bars_are_the_first_rows_only() -> None:
    chart = bar_chart([row(1)] * (MAX_BARS + 3))

    assert (len(chart.bars), chart.left_out) == (MAX_BARS, 3)


def test_long_names_are_shortened() -> None:
    assert bar_chart([row(1, "A very long name of a product that nobody reads")]).bars[0].name.endswith("…")


def test_no_rows_make_an_empty_chart() -> None:
    assert not bar_chart([]).bars
    assert not column_chart([]).columns
