"""Collections and product types over HTTP: for all to read, for nobody to write."""

from __future__ import annotations

import pytest

from catalog.tests.api.people import client_of
from catalog.tests.factories import AttributeFactory, CollectionFactory, ProductFactory, ProductTypeFactory

pytestmark = pytest.mark.django_db
URL, TYPES = "/api/v1/collections/", "/api/v1/product-types/"


@pytest.mark.parametrize("who", [None, "charlie", "clara"])
def test_published_collections_are_listed_in_order(who: str | None) -> None:
    CollectionFactory.create(name="Gifts", position=2, description="<p>x</p>")
    first = CollectionFactory.create(name="Clay", position=1)
    CollectionFactory.create(name="Later", is_published=False)
    client = client_of(who)
    listed = client.get(URL).json()
    assert [each["slug"] for each in listed["results"]] == ["clay", "gifts"]
    assert client.get(f"{URL}clay/").json() == {
        "id": first.pk,
        "slug": "clay",
        "name": "Clay",
        "description": "",
        "image": None,
        "seo_title": "",
        "seo_description": "",
    }
    assert client.get(f"{URL}later/").status_code == 404
    assert client.get(f"{URL}?page=2").status_code == 400


def test_products_are_listed_by_collection() -> None:
    ProductFactory.create(name="Mug", tags=["gift"])
    ProductFactory.create(name="Spade")
    CollectionFactory.create(name="Gifts", rules=[{"field": "tag", "text": "gift"}])
    CollectionFactory.create(name="Later", is_published=False)
    client = client_of(None)
    listed = client.get("/api/v1/products/?collection=gifts").json()
    assert [each["name"] for each in listed["results"]] == ["Mug"]
    for slug in ("none", "later", "a b", ""):
        refused = client.get(f"/api/v1/products/?collection={slug}")
        assert refused.status_code == 400
        assert "collection" in refused.json()["errors"]


def test_types_tell_their_attributes_in_order() -> None:
    capacity = AttributeFactory.create(name="Capacity", kind="number", unit="ml")
    material = AttributeFactory.create(name="Material", kind="choice", choices=["Glass", "Clay"])
    mug = ProductTypeFactory.create(name="Mug", attributes=[material, capacity])
    ProductTypeFactory.create(name="Bowl")
    client = client_of(None)
    listed = client.get(TYPES).json()["results"]
    assert [each["name"] for each in listed] == ["Bowl", "Mug"]
    assert client.get(f"{TYPES}{mug.pk}/").json()["attributes"] == [
        {
            "code": "material",
            "name": "Material",
            "kind": "choice",
            "unit": "",
            "is_filter": True,
            "choices": ["Glass", "Clay"],
        },
        {"code": "capacity", "name": "Capacity", "kind": "number", "unit": "ml", "is_filter": True, "choices": []},
    ]
    assert client.get(f"{TYPES}0/").status_code == 404


@pytest.mark.parametrize("url", [URL, TYPES])
def test_nobody_writes(url: str) -> None:
    assert client_of("charlie").post(url, {}, format="json").status_code == 405
    assert client_of("clara").post(url, {}, format="json").status_code == 405
