"""The figures of a report, each defined in one place. Pure: knows no database.

`DEFINITIONS` is what the page's headings and glossary, the CSV's header and the API's schema say.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from catalog.money import round_half_up


@dataclass(frozen=True)
class Definition:
    """One column: its name for programs, its title for people, what it means, and whether it is money."""

    name: str
    title: str
    text: str
    is_money: bool = True


DEFINITIONS = (
    Definition(
        "orders",
        "Orders",
        "Orders placed. One with several products or categories counts once in each of their rows, and once "
        "in the totals.",
        is_money=False,
    ),
    Definition("units", "Units", "Pieces ordered: the quantities of the lines.", is_money=False),
    Definition("gross", "Gross", "Unit price × quantity of the lines, before any discount."),
    Definition(
        "discount",
        "Discount",
        "What coupons took off the lines. Free shipping is not in it: it makes shipping cheaper.",
    ),
    Definition("net", "Net", "Gross less discount."),
    Definition("shipping", "Shipping", "What the orders were charged for shipping."),
    Definition("tax", "Tax", "All tax of the orders, whether it is part of their prices or comes on top of them."),
    Definition(
        "total", "Total", "What the customers were asked to pay: net plus shipping, and plus tax that comes on top."
    ),
    Definition("average_order_value", "Average order", "Total ÷ orders, rounded half up."),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of one row, money in minor units. `None`: belongs to whole orders, which the row does not hold."""

    orders: int
    units: int
    gross: int
    discount: int
    shipping: int | None
    tax: int | None
    total: int | None

    @property
    def net(self) -> int:
        return self.gross - self.discount

    @property
    def average_order_value(self) -> int | None:
        if self.total is None or not self.orders:
            return None
        return round_half_up(Decimal(self.total) / self.orders)

    def values(self) -> list[tuple[Definition, int | None]]:
        """Every figure beside its definition, in the order of the columns."""
        return [(definition, getattr(self, definition.name)) for definition in DEFINITIONS]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `key` names what it is about for programs ("" for guests), `label` for people.

    A row that is shown although the totals leave it out (cancelled orders) has `in_totals` false.
    """

    key: str
    label: str
    figures: Figures
    in_totals: bool = True


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole report. `truncated`: there were more rows than are given; the totals hold all of them."""

    rows: tuple[Row, ...]
    totals: Figures
    truncated: bool
