"""Brands over HTTP. Clara keeps the catalogue, Otto the orders, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Brand, Product
from catalog.tests.api.people import client_of
from catalog.tests.factories import BrandFactory, CollectionFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/brands/"


def test_all_see_the_brands_by_name() -> None:
    zoe, acme = BrandFactory.create(name="Zoe", slug="zoe"), BrandFactory.create(name="Acme", slug="acme")
    listed = client_of(None).get(URL).json()
    assert listed["results"] == [
        {"id": acme.pk, "slug": "acme", "name": "Acme"},
        {"id": zoe.pk, "slug": "zoe", "name": "Zoe"},
    ]
    assert client_of("charlie").get(f"{URL}zoe/").json()["name"] == "Zoe"
    assert client_of(None).get(f"{URL}none/").status_code == 404
    assert client_of(None).get(f"{URL}?letter=a").status_code == 400


def test_a_product_of_a_new_brand_is_written_over_the_api_alone() -> None:
    clara = client_of("clara")
    made = clara.post(URL, {"name": "Hearth & Ash"}, format="json")
    assert (made.status_code, made.json()["slug"], made["Location"]) == (
        201,
        "hearth-ash",
        f"http://testserver{URL}hearth-ash/",
    )
    product = {"name": "Mug", "price": "12.00", "brand": "hearth-ash"}
    assert clara.post("/api/v1/products/", product, format="json").json()["brand"]["name"] == "Hearth & Ash"


def test_a_brand_is_renamed_with_its_products_and_goes_when_none_is_left() -> None:
    clara = client_of("clara")
    brand = BrandFactory.create(name="Acme", slug="acme")
    product = ProductFactory.create(name="Mug", brand=brand)
    renamed = clara.patch(f"{URL}acme/", {"name": "Zenith", "slug": "zenith"}, format="json")
    assert (renamed.status_code, renamed.json()["slug"]) == (200, "zenith")
    job = ProcrastinateJob.objects.get(task_name="catalog.refresh_products")
    assert job.args == {"what": "brand", "pk": brand.pk}
    refused = clara.delete(f"{URL}zenith/")
    assert (refused.status_code, refused.json()["code"]) == (409, "brand_in_use")
    Product.objects.filter(pk=product.pk).update(brand=None)
    assert clara.delete(f"{URL}zenith/").status_code == 204
    assert not Brand.objects.exists()


def test_a_brand_that_a_collection_asks_for_stays() -> None:
    """Without its rule the collection would show everything that meets the others."""
    brand = BrandFactory.create(name="Acme", slug="acme")
    collection = CollectionFactory.create(rules=[{"field": "brand", "brand": brand}, {"field": "reduced"}])
    refused = client_of("clara").delete(f"{URL}acme/")
    assert (refused.status_code, refused.json()["code"]) == (409, "brand_in_use")
    assert collection.rules.count() == 2


def test_the_same_key_makes_one_brand() -> None:
    clara = client_of("clara")
    answers = [clara.post(URL, {"name": "Acme"}, format="json", headers={"Idempotency-Key": "b-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert Brand.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "  "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "ACME"}, "name"),
        ({"name": "New", "slug": "acme"}, "slug"),
        ({"name": "New", "slug": "two words"}, "slug"),
        ({"name": "New", "slug": "x" * 141}, "slug"),
    ],
)
def test_nonsense_is_refused_by_field(body: dict[str, Any], field: str) -> None:
    BrandFactory.create(name="Acme", slug="acme")
    other = BrandFactory.create(name="Other", slug="other")
    clara = client_of("clara")
    for refused in (clara.post(URL, body, format="json"), clara.put(f"{URL}other/", body, format="json")):
        assert refused.status_code == 400
        assert field in refused.json()["errors"]
    other.refresh_from_db()
    assert (other.name, other.slug, Brand.objects.count()) == ("Other", "other", 2)


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_only_catalogue_staff_write(who: str | None, status: int) -> None:
    BrandFactory.create(name="Acme", slug="acme")
    client = client_of(who)
    assert client.post(URL, {"name": "New"}, format="json").status_code == status
    assert client.patch(f"{URL}acme/", {"name": "New"}, format="json").status_code == status
    assert client.delete(f"{URL}acme/").status_code == status
    assert Brand.objects.get().name == "Acme"
