"""Brand, type, attributes, tags, related products and dates over HTTP. Clara is staff, Charlie a shopper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Product
from catalog.tests.api.people import client_of
from catalog.tests.factories import AttributeFactory, BrandFactory, ProductFactory, ProductTypeFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


@pytest.fixture
def mug() -> Product:
    capacity = AttributeFactory.create(name="Capacity", kind="number", unit="ml")
    safe = AttributeFactory.create(name="Safe", code="dishwasher-safe", kind="flag")
    material = AttributeFactory.create(name="Material", kind="choice", choices=["Stoneware", "Glass"])
    kind = ProductTypeFactory.create(name="Mug", attributes=[material, capacity, safe])
    return ProductFactory.create(name="Mug", product_type=kind, brand=BrandFactory.create(name="Ton & Ofen"))


def patch(body: dict[str, Any], who: str | None = "clara") -> Any:
    return client_of(who).patch(f"{URL}mug/", body, format="json")


def test_everything_said_is_shown(mug: Product) -> None:
    bowl = ProductFactory.create(name="Bowl")
    answer = patch(
        {
            "attributes": {"capacity": 240, "dishwasher-safe": True, "material": "glass"},
            "tags": ["Handmade", "Gift"],
            "related": ["bowl"],
            "seo_title": "A mug",
            "google_category": "2169",
            "description": "<p onclick='x()'>Good<script>x()</script></p>",
        }
    )
    assert answer.status_code == 200, answer.json()
    shown = client_of("charlie").get(f"{URL}mug/").json()
    assert shown["brand"] == {"id": mug.brand_id, "slug": "ton-ofen", "name": "Ton & Ofen"}
    assert shown["product_type"] == {"id": mug.product_type_id, "name": "Mug"}
    assert shown["attributes"] == [
        {"code": "material", "name": "Material", "kind": "choice", "unit": "", "value": "Glass"},
        {"code": "capacity", "name": "Capacity", "kind": "number", "unit": "ml", "value": "240"},
        {"code": "dishwasher-safe", "name": "Safe", "kind": "flag", "unit": "", "value": True},
    ]
    assert shown["related"] == [{"id": bowl.pk, "slug": "bowl", "name": "Bowl"}]
    assert (shown["tags"], shown["seo_title"], shown["google_category"]) == (["Handmade", "Gift"], "A mug", "2169")
    assert shown["description"] == "<p>Good</p>"


def test_put_takes_what_get_shows(mug: Product) -> None:
    hidden = ProductFactory.create(name="Not yet", is_published=False)
    patch({"attributes": {"capacity": "2.5", "dishwasher-safe": False}, "related": [hidden.pk]})
    client = client_of("otto")
    assert client.get(f"{URL}mug/").json()["related"] == []
    clara = clara_again()
    shown = clara.get(f"{URL}mug/").json()
    assert [other["slug"] for other in shown["related"]] == ["not-yet"]
    again = clara.put(f"{URL}mug/", shown, format="json")
    assert again.status_code == 200, again.json()
    assert again.json() == shown | {"updated_at": again.json()["updated_at"]}


def clara_again() -> Any:
    """Clara, who exists already."""
    client = APIClient()
    client.force_authenticate(get_user_model().objects.get(username="clara"))
    return client


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"brand": "nobody"}, "brand"),
        ({"brand": True}, "brand"),
        ({"brand": 2**70}, "brand"),
        ({"brand": {"id": [1]}}, "brand"),
        ({"product_type": "Ship"}, "product_type"),
        ({"product_type": "a\0"}, "product_type"),
        ({"attributes": {"capacity": "much"}}, "attributes"),
        ({"attributes": {"colour": "red"}}, "attributes"),
        ({"attributes": {"capacity": [1]}}, "attributes"),
        ({"attributes": {"a\0": 1}}, "attributes"),
        ({"attributes": "capacity"}, "attributes"),
        ({"attributes": [{"code": "capacity"}]}, "attributes"),
        ({"attributes": [{"code": {}, "value": 1}]}, "attributes"),
        ({"tags": "gift"}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"tags": ["a,b"]}, "tags"),
        ({"related": ["mug"]}, "related"),
        ({"related": ["nothing"]}, "related"),
        ({"published_from": "tomorrow"}, "published_from"),
        ({"is_listed": "no"}, "is_listed"),
        ({"seo_title": "x" * 121}, "seo_title"),
        ({"google_category": 5}, "google_category"),
    ],
)
def test_nonsense_is_refused_by_its_field(mug: Product, body: dict[str, Any], field: str) -> None:
    answer = patch(body | {"name": "Other"})
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    mug.refresh_from_db()
    assert mug.name == "Mug"


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_strangers_say_nothing(mug: Product, who: str | None, status: int) -> None:
    assert patch({"tags": ["mine"]}, who).status_code == status
    mug.refresh_from_db()
    assert mug.tags == []


def test_a_scheduled_product_is_for_staff_until_its_moment(mug: Product) -> None:
    patch({"published_from": (timezone.now() + timedelta(hours=1)).isoformat()})
    for stranger in (None, "charlie"):
        client = client_of(stranger)
        assert client.get(f"{URL}mug/").status_code == 404
        assert client.get(URL).json()["count"] == 0
    assert clara_again().get(URL).json()["count"] == 1
    Product.objects.update(published_from=timezone.now())
    assert client_of(None).get(f"{URL}mug/").status_code == 200


def test_a_hidden_product_is_found_by_its_address_alone(mug: Product) -> None:
    patch({"is_listed": False})
    assert client_of(None).get(URL).json()["count"] == 0
    assert client_of(None).get(f"{URL}mug/").json()["is_listed"] is False
    assert clara_again().get(URL).json()["count"] == 1
