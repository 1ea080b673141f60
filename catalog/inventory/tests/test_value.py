"""What the stock is worth."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from catalog.inventory.value import stock_value, written
from catalog.models import Variant
from catalog.tests.factories import CategoryFactory, VariantFactory

pytestmark = pytest.mark.django_db


def make(sku: str, pieces: int, price: int, cost: int | None, category: Any) -> Variant:
    return VariantFactory.create(sku=sku, stock=pieces, price=price, cost=cost, product__category=category)


def test_pieces_are_worth_their_cost_and_their_price_by_category(django_assert_num_queries: Any) -> None:
    mugs, bowls, empty = (CategoryFactory.create(name=name) for name in ("Mugs", "Bowls", "Empty"))
    make("A", 3, 1000, 400, mugs)
    make("B", 2, 500, None, mugs)
    make("C", 1_000_000_000, 900_000_000, 800_000_000, bowls)
    make("D", 0, 500, None, empty)
    with django_assert_num_queries(3):
        found = stock_value()
    shown = [(each.name, each.pieces, each.at_cost, each.at_price, each.without_cost) for each in found.categories]
    assert shown == [
        ("Bowls", 10**9, 8 * 10**17, 9 * 10**17, 0),
        ("Mugs", 5, 1200, 4000, 1),
    ]
    total = found.total
    assert (total.pieces, total.at_cost, total.without_cost) == (10**9 + 5, 8 * 10**17 + 1200, 1)
    assert [level.variant.sku for level in found.without_cost] == ["B"]


def test_the_file_has_every_variant_and_no_formula() -> None:
    mugs = CategoryFactory.create(name="=Mugs")
    make("A", 3, 1000, 400, mugs)
    make("+B", 2, 500, None, mugs)
    rows = list(csv.reader(io.StringIO("".join(written()).removeprefix("\ufeff"))))
    assert rows[0][4:6] == ["Cost (EUR)", "Value at cost (EUR)"]
    assert rows[1][0] == "'+B"
    assert rows[1][2:] == ["'=Mugs", "2", "", "", "5.00", "10.00"]
    assert rows[2][3:] == ["3", "4.00", "12.00", "10.00", "30.00"]
