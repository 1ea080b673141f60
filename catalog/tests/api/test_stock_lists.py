"""All of the stock over HTTP. Clara keeps the catalogue, Otto the orders, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from catalog.models import StockLevel, Variant
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
URL, VALUE = "/api/v1/stock/", "/api/v1/stock/value/"


@pytest.fixture
def variants() -> None:
    """Plenty; a low one; a sold-out one that is promised; one that orders wait for; and one that is gone."""
    VariantFactory.create(sku="PLENTY", stock=50, barcode="4006381333931")
    VariantFactory.create(sku="LOW", stock=2)
    VariantFactory.create(sku="OUT", stock=3)
    VariantFactory.create(sku="AWAITED", stock=1, allows_backorders=True)
    VariantFactory.create(sku="GONE", stock=0, archived_at=timezone.now())
    StockLevel.objects.filter(variant__sku="OUT").update(reserved=3)
    StockLevel.objects.filter(variant__sku="AWAITED").update(reserved=4)


@pytest.mark.usefixtures("variants")
@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ({}, ["AWAITED", "LOW", "OUT", "PLENTY"]),
        ({"state": "low"}, ["AWAITED", "LOW", "OUT"]),
        ({"state": "out"}, ["AWAITED", "OUT"]),
        ({"state": "promised"}, ["AWAITED", "OUT"]),
        ({"state": "awaited"}, ["AWAITED"]),
        ({"code": "4006381333931"}, ["PLENTY"]),
        ({"code": "low"}, ["LOW"]),
        ({"code": "low", "state": "awaited"}, []),
        ({"code": "nothing"}, []),
        ({"skip": 1, "limit": 2}, ["LOW", "OUT"]),
    ],
)
def test_staff_find_what_they_have_to_see_to(query: dict[str, Any], skus: list[str]) -> None:
    clara = client_of("clara")
    with captured_sql() as statements:
        listed = clara.get(URL, query).json()
    assert [each["sku"] for each in listed["results"]] == skus
    assert len(statements) <= 6, statements


@pytest.mark.usefixtures("variants")
def test_a_level_is_shown_as_it_is_alone() -> None:
    clara = client_of("clara")
    [shown] = clara.get(URL, {"code": "LOW"}).json()["results"]
    assert shown == clara.get(f"/api/v1/variants/{Variant.objects.get(sku='LOW').pk}/stock/").json()


@pytest.mark.parametrize(
    "query", [{"state": "nope"}, {"state": ""}, {"code": "a\0b"}, {"code": ""}, {"code": "x" * 65}, {"sku": "x"}]
)
def test_nonsense_is_refused(query: dict[str, str]) -> None:
    refused = client_of("clara").get(URL, query)
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, [*query])


def test_the_stock_is_valued_by_category() -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    product = ProductFactory.create(category=kitchen, bare=True)
    VariantFactory.create(product=product, stock=4, price=1000, cost=600)
    VariantFactory.create(product=product, stock=1, price=500)
    worth = {"pieces": 5, "at_cost": "24.00", "at_price": "45.00", "without_cost": 1}
    assert client_of("clara").get(VALUE).json() == {
        "currency": "EUR",
        "total": worth,
        "categories": [worth | {"name": "Kitchen", "depth": 1}],
    }


@pytest.mark.parametrize("url", [URL, VALUE])
def test_nobody_else_sees_it(url: str) -> None:
    assert [client_of(who).get(url).status_code for who in (None, "charlie")] == [401, 403]
    assert client_of("clara").post(url, {}).status_code == 405


def test_order_staff_see_stock_as_far_as_their_role_goes() -> None:
    otto = client_of("otto")
    assert otto.get(VALUE).status_code == 403
    assert otto.get(URL).status_code == otto.get(f"/api/v1/variants/{VariantFactory.create().pk}/stock/").status_code
