from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Attribute, AttributeChoice, AttributeValue, Brand, Product
from catalog.search import facets
from catalog.search.indexing import reindex
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/facets/"


def counted(**parameters: Any) -> dict[str, Any]:
    response = client_of(None).get(URL, parameters)
    assert response.status_code == 200, response.content
    return dict(response.json())


def values(answer: dict[str, Any], code: str) -> dict[str, int]:
    return {
        each["value"]: each["count"] for facet in answer["facets"] if facet["code"] == code for each in facet["values"]
    }


@pytest.fixture
def mugs() -> None:
    kitchen = CategoryFactory.create(name="Kitchen", slug="kitchen")
    shelf = CategoryFactory.create(name="Mugs", slug="mugs", parent=kitchen)
    acme, bolt = (Brand.objects.create(name=name, slug=name.lower()) for name in ("Acme", "Bolt"))
    material = Attribute.objects.create(code="material", name="Material", kind="choice")
    clay, tin = (AttributeChoice.objects.create(attribute=material, value=value) for value in ("Clay", "Tin"))
    for brand, choice, category, price in (
        (acme, clay, shelf, 1000),
        (acme, tin, shelf, 2000),
        (bolt, tin, kitchen, 3000),
    ):
        product = ProductFactory.create(category=category, brand=brand, price=price, stock=3)
        AttributeValue.objects.create(product=product, attribute=material, choice=choice)
    reindex(Product.objects.values_list("pk", flat=True))


@pytest.mark.usefixtures("mugs")
def test_products_are_counted_by_all_that_they_can_be_chosen_by() -> None:
    answer = counted()

    assert (answer["count"], answer["count_is_estimate"], answer["in_stock"], answer["on_sale"]) == (3, False, 3, 0)
    assert values(answer, "brand") == {"acme": 2, "bolt": 1}
    assert values(answer, "material") == {"clay": 1, "tin": 2}
    assert {each["slug"]: each["count"] for each in answer["categories"]} == {"kitchen": 1, "mugs": 2}
    assert sum(each["count"] for each in answer["price_ranges"]) == 3


@pytest.mark.usefixtures("mugs")
def test_the_counts_of_a_facet_leave_its_own_choice_out() -> None:
    answer = counted(facet="brand:bolt")

    assert answer["count"] == 1
    assert values(answer, "brand") == {"acme": 2, "bolt": 1}
    assert values(answer, "material") == {"tin": 1}


@pytest.mark.usefixtures("mugs")
@pytest.mark.parametrize(
    ("facet", "number"),
    [
        (["material:tin"], 2),
        (["material:tin", "material:clay"], 3),
        (["material:tin", "brand:acme"], 1),
        (["material:gold"], 0),
        (["nothing:at-all"], 0),
        (["material:tin", "q:x"], 0),
    ],
)
def test_the_list_takes_the_same_facets(facet: list[str], number: int) -> None:
    answer = client_of(None).get("/api/v1/products/", {"facet": facet}).json()

    assert answer["count"] == len(answer["results"]) == number
    assert counted(facet=facet)["count"] == number


@pytest.mark.usefixtures("mugs")
def test_the_category_counts_what_is_below_it() -> None:
    assert counted(category="kitchen")["count"] == 3
    assert counted(category="mugs", min_price="15")["count"] == 1


@pytest.mark.usefixtures("mugs")
def test_facets_cost_the_same_statements_whatever_was_chosen() -> None:
    with captured_sql() as plain:
        counted()
    with captured_sql() as chosen:
        counted(facet=["brand:acme", "material:tin"], category="kitchen", search="product", in_stock="true")
    assert len(plain) == 2
    assert len(chosen) <= 8


@pytest.mark.parametrize(
    "parameters",
    [
        {"facet": "x"},
        {"facet": "a:\x00"},
        {"facet": ":x"},
        {"facet": "x" * 300 + ":y"},
        {"category": "none"},
        {"page": "2"},
        {"in_stock": "false"},
        {"ordering": "name"},
        {"facet": "-q:x"},
    ],
)
def test_bad_parameters_are_refused(parameters: dict[str, str]) -> None:
    assert client_of(None).get(URL, parameters).status_code == 400


@pytest.mark.usefixtures("mugs")
def test_long_lists_are_estimated_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "SAMPLE", 2)

    assert counted()["count_is_estimate"] is True
    assert client_of(None).get("/api/v1/products/").json()["count_is_estimate"] is True
