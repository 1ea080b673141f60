from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Category
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, CollectionFactory, ProductFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
URL = "/api/v1/categories/"


def test_the_tree_is_listed_in_order_with_its_products_counted() -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    mugs = CategoryFactory.create(name="Mugs", parent=kitchen)
    CategoryFactory.create(name="Garden")
    ProductFactory.create(category=kitchen)
    ProductFactory.create(category=mugs)
    ProductFactory.create(category=mugs, is_published=False)
    ProductFactory.create(category=mugs, archived_at=timezone.now())
    with captured_sql() as statements:
        page = client_of(None).get(URL).json()
    assert len(statements) <= 4
    assert [(c["name"], c["depth"], c["product_count"]) for c in page["results"]] == [
        ("Garden", 1, 0),
        ("Kitchen", 1, 2),
        ("Mugs", 2, 1),
    ]
    assert page["results"][2]["parent"] == {"id": kitchen.pk, "slug": "kitchen", "name": "Kitchen"}
    assert page["count"] == 3
    assert client_of(None).get(f"{URL}mugs/").json() == page["results"][2]


def test_an_unknown_parameter_is_refused() -> None:
    assert client_of(None).get(URL, {"depth": 1}).status_code == 400


def test_staff_grow_rename_move_and_prune_the_tree() -> None:
    client = client_of("clara")
    created = client.post(URL, {"name": "Kitchen"}, format="json")
    assert (created.status_code, created["Location"]) == (201, f"http://testserver{URL}kitchen/")
    child = client.post(URL, {"name": "Mugs", "parent": "kitchen"}, format="json").json()
    assert child["parent"]["slug"] == "kitchen"
    assert client.delete(f"{URL}kitchen/").status_code == 409
    moved = client.patch(f"{URL}mugs/", {"parent": None, "name": "Cups"}, format="json").json()
    assert (moved["slug"], moved["name"], moved["parent"], moved["depth"]) == ("mugs", "Cups", None, 1)
    assert client.put(f"{URL}mugs/", {}, format="json").status_code == 400
    assert client.delete(f"{URL}kitchen/").status_code == 204
    assert client.delete(f"{URL}kitchen/").status_code == 404
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_category_with_products_stays() -> None:
    ProductFactory.create(category=CategoryFactory.create(name="Mugs"))
    response = client_of("clara").delete(f"{URL}mugs/")
    assert (response.status_code, response.json()["code"]) == (409, "category_in_use")


def test_a_category_that_a_collection_asks_for_stays() -> None:
    """Without its rule the collection would show everything that meets the others."""
    mugs = CategoryFactory.create(name="Mugs")
    collection = CollectionFactory.create(rules=[{"field": "category", "category": mugs}, {"field": "reduced"}])
    response = client_of("clara").delete(f"{URL}mugs/")
    assert (response.status_code, response.json()["code"]) == (409, "category_in_use")
    assert collection.rules.count() == 2
    assert Category.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "x", "parent": "nowhere"}, "parent"),
        ({"name": "x", "parent": 2**63}, "parent"),
    ],
)
def test_nonsense_is_refused(body: dict[str, Any], field: str) -> None:
    response = client_of("clara").post(URL, body, format="json")
    assert response.status_code == 400
    assert field in response.json()["errors"]
    assert not Category.objects.exists()


def test_a_category_is_not_moved_below_itself() -> None:
    CategoryFactory.create(name="Kitchen")
    response = client_of("clara").patch(f"{URL}kitchen/", {"parent": "kitchen"}, format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["parent"])


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_strangers_write_nothing(who: str | None, status: int) -> None:
    CategoryFactory.create(name="Kitchen")
    client = client_of(who)
    answers = [
        client.post(URL, {"name": "X"}, format="json"),
        client.put(f"{URL}kitchen/", {"name": "X"}, format="json"),
        client.patch(f"{URL}kitchen/", {"name": "X"}, format="json"),
        client.delete(f"{URL}kitchen/"),
    ]
    assert {answer.status_code for answer in answers} == {status}
    assert list(Category.objects.values_list("name", flat=True)) == ["Kitchen"]
