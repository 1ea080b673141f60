from __future__ import annotations

from typing import Any

import pytest
from django.core import signing

from catalog.api.cursors import MAX_SKIP, SALT
from catalog.models import Product
from catalog.search.indexing import reindex
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"
ORDERINGS = ("created_at", "-created_at", "price", "-price", "name", "-name")


def shop_of(number: int) -> None:
    """Products of which many have the same price, name or day."""
    shelf = CategoryFactory.create()
    Product.objects.bulk_create(
        Product(category=shelf, name=f"Mug {n % 4}", slug=f"mug-{n}", price=n % 3, shuffle=n / number)
        for n in range(number)
    )
    reindex(Product.objects.values_list("pk", flat=True))


def page(address: str, **parameters: Any) -> dict[str, Any]:
    response = client_of(None).get(address, parameters)
    assert response.status_code == 200, response.content
    return dict(response.json())


def walk(**parameters: Any) -> list[str]:
    """The slugs of all pages, one after the other."""
    found, shown = [], page(URL, cursor="", **parameters)
    while True:
        found += [product["slug"] for product in shown["results"]]
        if shown["next"] is None:
            return found
        shown = page(shown["next"])


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_by_cursor_are_the_whole_list_in_order(ordering: str) -> None:
    shop_of(23)
    columns = (ordering, "-pk" if ordering.startswith("-") else "pk")

    assert walk(ordering=ordering, limit=4) == list(Product.objects.order_by(*columns).values_list("slug", flat=True))


def test_pages_of_a_search_are_the_whole_list_in_order() -> None:
    shop_of(23)
    ProductFactory.create(name="Bowl", description="Goes with every mug")

    found = walk(search="mug", limit=4)
    assert found == [product["slug"] for product in page(URL, search="mug", limit=100)["results"]]
    assert len(found) == len(set(found)) == 24
    assert found[-1] == "bowl"  # not called so


def test_new_products_neither_repeat_nor_hide_others() -> None:
    shop_of(10)
    first = page(URL, cursor="", ordering="price", limit=4)
    ProductFactory.create(name="Cheapest", price=1)
    second = page(first["next"])
    third = page(second["next"])

    slugs = [product["slug"] for shown in (first, second, third) for product in shown["results"]]
    assert len(slugs) == len(set(slugs))
    assert {f"mug-{n}" for n in range(10)} <= {*slugs}


@pytest.mark.parametrize(
    "cursor",
    ["x", "a:b:c", "\x00", "🙂", "x" * 100_000, signing.dumps([["price", "id"], [1, 2]], salt="another")],
    ids=["word", "parts", "nul", "emoji", "long", "forged"],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    response = client_of(None).get(URL, {"cursor": cursor})
    assert response.status_code == 400
    assert "cursor" in response.json()["errors"]


def test_a_cursor_belongs_to_its_order() -> None:
    mine = signing.dumps([["price", "id"], [1, 2]], salt=SALT)

    assert client_of(None).get(URL, {"cursor": mine, "ordering": "price"}).status_code == 200
    assert client_of(None).get(URL, {"cursor": mine, "ordering": "name"}).status_code == 400
    assert client_of(None).get(URL, {"cursor": mine, "ordering": "price", "skip": "1"}).status_code == 400


def test_skipping_ends_where_it_would_be_slow() -> None:
    assert page(URL, skip=MAX_SKIP)["results"] == []
    response = client_of(None).get(URL, {"skip": str(MAX_SKIP + 1)})
    assert response.status_code == 400
    assert "cursor" in response.json()["errors"]["skip"][0]
