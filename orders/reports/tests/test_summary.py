from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import User
from catalog.models import Product, Variant
from catalog.tests.factories import CategoryFactory, ProductFactory
from orders.models import Order
from orders.reports.access import EVERYBODY, Scope
from orders.reports.figures import Figures, Summary
from orders.reports.parameters import GroupBy, Parameters
from orders.reports.queries import summarize
from orders.tests.factories import CouponFactory, OrderFactory
from orders.tests.placing import place as buy

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
NOTHING = Figures(0, 0, 0, 0, 0, 0, 0)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug(db: None) -> Variant:
    return _only_variant(ProductFactory.create(name="Mug", price=1250))


def _only_variant(product: Product) -> Variant:
    return product.variants.get()


def place(*lines: tuple[Variant, int], at: datetime = NOON, **fields: Any) -> Order:
    return OrderFactory.create(lines=list(lines), placed_at=at, **fields)


def november(group_by: GroupBy = GroupBy.STATUS, **more: Any) -> Parameters:
    return Parameters(group_by, date(2026, 11, 1), date(2026, 11, 30), **more)


def days_with_orders(start: date, end: date) -> list[str]:
    summary = summarize(Parameters(GroupBy.DAY, start, end), scope=EVERYBODY)
    assert summary.totals.orders == sum(row.figures.orders for row in summary.rows)
    return [row.key for row in summary.rows for _ in range(row.figures.orders)]


def orders_by_key(summary: Summary) -> dict[str, int]:
    return {row.key: row.figures.orders for row in summary.rows}


def test_without_orders_there_are_empty_periods_and_zero_totals() -> None:
    summary = summarize(Parameters(GroupBy.WEEK, date(2026, 11, 4), date(2026, 11, 16)), scope=EVERYBODY)

    assert [row.key for row in summary.rows] == ["2026-11-02", "2026-11-09", "2026-11-16"]
    assert {row.figures for row in summary.rows} | {summary.totals} == {NOTHING}
    assert summary.totals.average_order_value is None


@pytest.mark.parametrize("group_by", [GroupBy.PRODUCT, GroupBy.CATEGORY, GroupBy.TOP_CATEGORY, GroupBy.CUSTOMER])
def test_without_orders_there_are_no_rows(group_by: GroupBy) -> None:
    assert summarize(november(group_by), scope=EVERYBODY) == Summary((), NOTHING, truncated=False)


def test_the_figures_are_what_the_glossary_says(mug: Variant) -> None:
    place((mug, 3), discount=250, shipping=490, tax=100).lines.update(discount=250, total=3500)
    place((mug, 1), discount=50, shipping=0).lines.update(discount=50, total=1200)

    totals = summarize(november(), scope=EVERYBODY).totals

    assert (totals.orders, totals.units) == (2, 4)
    assert (totals.gross, totals.discount, totals.net) == (5000, 300, 4700)
    assert (totals.shipping, totals.tax, totals.total) == (490, 100, 3750 - 250 + 490 + 100 + 1250 - 50)
    assert totals.average_order_value == 2645


def test_a_coupon_is_counted_once_in_every_cut(mug: Variant) -> None:
    """As the shop places orders: its discount stands on the lines, and their sum on the order."""
    CouponFactory.create(code="TEN")
    order = buy((mug, 2), coupon="TEN")
    Order.objects.update(placed_at=NOON)
    for group_by in GroupBy:
        summary = summarize(november(group_by), scope=EVERYBODY)
        bought = [row.figures for row in summary.rows if row.figures.orders]
        assert [(row.gross, row.discount, row.net) for row in [*bought, summary.totals]] == [(2500, 250, 2250)] * 2
    assert summary.totals.total == order.total == 2250 + 490


def test_contained_tax_is_tax_and_in_the_total_once(mug: Variant) -> None:
    place((mug, 1), shipping=490, tax=278, prices_include_tax=True)
    place((mug, 1), shipping=490, tax=331, prices_include_tax=False)

    totals = summarize(november(), scope=EVERYBODY).totals

    assert (totals.net, totals.shipping, totals.tax) == (2500, 980, 278 + 331)
    assert totals.total == 2500 + 980 + 331


def test_an_average_is_rounded_half_up(mug: Variant) -> None:
    place((mug, 1), shipping=0)
    place((mug, 1), shipping=1)

    assert summarize(november(), scope=EVERYBODY).totals.average_order_value == 1251


def test_late_in_the_evening_of_utc_it_is_the_next_day_in_the_shop(mug: Variant) -> None:
    place((mug, 1), at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))

    assert days_with_orders(date(2026, 11, 2), date(2026, 11, 4)) == ["2026-11-03"]
    assert days_with_orders(date(2026, 11, 2), date(2026, 11, 2)) == []


def test_the_days_on_which_the_clock_changes_are_23_and_25_hours_long(mug: Variant) -> None:
    for moment in ["2026-03-28T23:00", "2026-03-29T21:59", "2026-03-29T22:00"]:
        place((mug, 1), at=datetime.fromisoformat(f"{moment}+00:00"))
    for moment in ["2026-10-24T22:00", "2026-10-25T22:59", "2026-10-25T23:00"]:
        place((mug, 1), at=datetime.fromisoformat(f"{moment}+00:00"))

    assert days_with_orders(date(2026, 3, 29), date(2026, 3, 30)) == ["2026-03-29", "2026-03-29", "2026-03-30"]
    assert days_with_orders(date(2026, 10, 25), date(2026, 10, 26)) == ["2026-10-25", "2026-10-25", "2026-10-26"]


def test_a_day_whose_midnight_comes_twice_begins_with_the_first(mug: Variant, settings: Any) -> None:
    settings.TIME_ZONE = "America/Havana"  # 1 November 2026: at one o'clock it is midnight again
    for moment in ["2026-11-01T03:59", "2026-11-01T04:00", "2026-11-01T05:00"]:
        place((mug, 1), at=datetime.fromisoformat(f"{moment}+00:00"))

    assert days_with_orders(date(2026, 10, 31), date(2026, 10, 31)) == ["2026-10-31"]
    assert days_with_orders(date(2026, 11, 1), date(2026, 11, 1)) == ["2026-11-01", "2026-11-01"]


def test_a_day_without_midnight_begins_an_hour_later(mug: Variant, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Beirut"  # 29 March 2026: after 23:59 it is one o'clock
    for moment in ["2026-03-28T21:59", "2026-03-28T22:00"]:
        place((mug, 1), at=datetime.fromisoformat(f"{moment}+00:00"))

    assert days_with_orders(date(2026, 3, 29), date(2026, 3, 29)) == ["2026-03-29"]
    assert days_with_orders(date(2026, 3, 28), date(2026, 3, 28)) == ["2026-03-28"]


def test_cancelled_orders_do_not_count(mug: Variant) -> None:
    place((mug, 1))
    place((mug, 5), status="cancelled")

    assert summarize(november(GroupBy.PRODUCT), scope=EVERYBODY).totals.units == 1
    assert summarize(november(GroupBy.PRODUCT), scope=EVERYBODY).rows[0].figures.units == 1


@pytest.mark.parametrize("asked", [{"include_cancelled": True}, {"status": "cancelled"}])
def test_cancelled_orders_count_when_asked_for(mug: Variant, asked: dict[str, Any]) -> None:
    place((mug, 5), status="cancelled")

    assert summarize(november(GroupBy.MONTH, **asked), scope=EVERYBODY).totals.units == 5


def test_cancelled_orders_are_a_status_whose_row_is_not_in_the_totals(mug: Variant) -> None:
    place((mug, 1))
    place((mug, 5), status="cancelled")

    summary = summarize(november(), scope=EVERYBODY)

    assert orders_by_key(summary) == {"pending": 1, "processing": 0, "shipped": 0, "delivered": 0, "cancelled": 1}
    assert [row.key for row in summary.rows if not row.in_totals] == ["cancelled"]
    assert summary.totals.units == 1


def test_asked_to_count_them_the_cancelled_row_is_in_the_totals(mug: Variant) -> None:
    place((mug, 5), status="cancelled")

    summary = summarize(november(include_cancelled=True), scope=EVERYBODY)

    assert all(row.in_totals for row in summary.rows)
    assert summary.totals.units == 5


def test_an_order_with_two_products_is_in_two_rows_and_once_in_the_totals(mug: Variant) -> None:
    bowl = _only_variant(ProductFactory.create(name="Bowl", price=2000))
    place((mug, 1), (bowl, 1), shipping=490)

    summary = summarize(november(GroupBy.PRODUCT), scope=EVERYBODY)

    assert [(row.label, row.figures) for row in summary.rows] == [
        ("Bowl", Figures(1, 1, 2000, 0, None, None, None)),
        ("Mug", Figures(1, 1, 1250, 0, None, None, None)),
    ]
    assert summary.totals == Figures(1, 2, 3250, 0, 490, 0, 3740)


def test_a_category_is_named_with_those_above_it() -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    place((_only_variant(ProductFactory.create(category=mugs)), 1))

    assert [row.label for row in summarize(november(GroupBy.CATEGORY), scope=EVERYBODY).rows] == ["Kitchen › Mugs"]
    assert [row.label for row in summarize(november(GroupBy.TOP_CATEGORY), scope=EVERYBODY).rows] == ["Kitchen"]


def test_a_category_holds_what_is_below_it_and_only_the_lines_in_it(mug: Variant) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    bowl = _only_variant(
        ProductFactory.create(category=CategoryFactory.create(name="Bowls", parent=kitchen), price=2000)
    )
    place((mug, 1), (bowl, 2))
    place((mug, 7))

    totals = summarize(november(category="kitchen"), scope=EVERYBODY).totals

    assert totals == Figures(1, 2, 4000, 0, None, None, None)
    assert totals.average_order_value is None


def test_guests_share_a_row(mug: Variant, alice: User) -> None:
    place((mug, 3), customer=alice)
    place((mug, 1), email="one@example.com")
    place((mug, 1), email="two@example.com")

    rows = summarize(november(GroupBy.CUSTOMER), scope=EVERYBODY).rows

    assert [(row.key, row.label, row.figures.orders) for row in rows] == [
        (str(alice.pk), "alice@example.com", 1),
        ("", "Guests", 2),
    ]


def test_a_customers_report_is_about_their_orders_only(mug: Variant, alice: User, charlie: User) -> None:
    place((mug, 3), customer=alice)
    place((mug, 4), customer=charlie)
    place((mug, 5))

    assert summarize(november(), scope=Scope(alice.pk)).totals.units == 3


def test_orders_in_another_currency_cannot_be_added_up_and_are_left_out(mug: Variant) -> None:
    place((mug, 1), currency="USD")

    assert summarize(november(), scope=EVERYBODY).totals == NOTHING


def test_more_rows_than_a_page_holds_are_left_out_and_said_but_counted(mug: Variant) -> None:
    others = [_only_variant(ProductFactory.create(price=price)) for price in (100, 200)]
    place((mug, 1), (others[0], 1), (others[1], 1))

    summary = summarize(november(GroupBy.PRODUCT), scope=EVERYBODY, limit=2)

    assert [row.figures.gross for row in summary.rows] == [1250, 200]
    assert summary.truncated
    assert summary.totals.gross == 1550
    assert not summarize(november(GroupBy.PRODUCT), scope=EVERYBODY, limit=3).truncated


def test_the_largest_amounts_the_shop_takes_do_not_overflow(mug: Variant) -> None:
    for _ in range(12):
        order = place((mug, 1), shipping=0, subtotal=10**18)
        order.lines.update(unit_price=10**15, quantity=1000, total=10**18)

    assert summarize(november(), scope=EVERYBODY).totals.gross == 12 * 10**18
