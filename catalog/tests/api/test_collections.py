"""Collections and product types over HTTP. Clara keeps the catalogue, Otto the orders, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Collection
from catalog.tests.api.people import client_of
from catalog.tests.factories import (
    AttributeFactory,
    BrandFactory,
    CategoryFactory,
    CollectionFactory,
    ProductFactory,
    ProductTypeFactory,
)

pytestmark = pytest.mark.django_db
URL, TYPES = "/api/v1/collections/", "/api/v1/product-types/"


@pytest.mark.parametrize("who", [None, "charlie", "otto"])
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


def test_nobody_writes_types() -> None:
    assert client_of("charlie").post(TYPES, {}, format="json").status_code == 405
    assert client_of("clara").post(TYPES, {}, format="json").status_code == 405


def a_rule_of_each() -> list[dict[str, Any]]:
    BrandFactory.create(name="Acme", slug="acme")
    CategoryFactory.create(name="Mugs", slug="mugs")
    ProductTypeFactory.create(name="Mug")
    return [
        {"field": "tag", "value": "gift"},
        {"field": "product_type", "value": "Mug"},
        {"field": "brand", "value": "acme"},
        {"field": "category", "value": "mugs"},
        {"field": "price_from", "value": "5.00"},
        {"field": "price_to", "value": "20.00"},
        {"field": "new", "value": 30},
        {"field": "reduced", "value": None},
    ]


def test_staff_put_a_collection_together_and_shoppers_find_it(client: Client) -> None:
    ProductFactory.create(name="Mug", tags=["gift"])
    clara, rules = client_of("clara"), [{"field": "tag", "value": "gift"}]
    made = clara.post(URL, {"name": "Gifts", "description": "<p onclick=x>For them</p>", "rules": rules}, format="json")
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{URL}gifts/")
    assert made.json() == {
        "id": Collection.objects.get().pk,
        "slug": "gifts",
        "name": "Gifts",
        "description": "<p>For them</p>",
        "image": None,
        "seo_title": "",
        "seo_description": "",
        "is_published": True,
        "position": 0,
        "matches_any": False,
        "rules": rules,
    }
    assert "Mug</a>" in client.get("/collections/gifts/").content.decode()


def test_rules_are_taken_as_they_are_shown(django_assert_max_num_queries: Any) -> None:
    clara, rules = client_of("clara"), a_rule_of_each()
    made = clara.post(URL, {"name": "All", "matches_any": True, "rules": rules}, format="json").json()
    assert (made["rules"], made["matches_any"]) == (rules, True)
    assert clara.put(f"{URL}all/", made, format="json").json() == made
    CollectionFactory.create_batch(3, rules=[{"field": "reduced"}])
    with django_assert_max_num_queries(8):
        clara.get(URL)
    with django_assert_max_num_queries(2):
        client_of(None).get(URL)


def test_what_is_not_said_stays_and_a_former_address_leads_on(client: Client) -> None:
    clara = client_of("clara")
    CollectionFactory.create(name="Gifts", position=3, rules=[{"field": "reduced"}])
    changed = clara.patch(f"{URL}gifts/", {"slug": "presents", "is_published": False}, format="json").json()
    assert (changed["slug"], changed["is_published"], changed["position"]) == ("presents", False, 3)
    assert changed["rules"] == [{"field": "reduced", "value": None}]
    assert (clara.get(f"{URL}presents/").status_code, client_of(None).get(f"{URL}presents/").status_code) == (200, 404)
    assert clara.patch(f"{URL}presents/", {"is_published": True, "rules": []}, format="json").json()["rules"] == []
    assert client.get("/collections/gifts/")["Location"] == "/collections/presents/"
    assert clara.delete(f"{URL}presents/").status_code == 204
    assert not Collection.objects.exists()


def test_the_same_key_makes_one_collection() -> None:
    clara = client_of("clara")
    answers = [clara.post(URL, {"name": "Gifts"}, format="json", headers={"Idempotency-Key": "c-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert Collection.objects.count() == 1


@pytest.mark.parametrize(
    "rule",
    [
        "tag",
        {},
        {"field": "colour", "value": "red"},
        {"field": ["tag"], "value": "red"},
        {"field": "tag"},
        {"field": "tag", "value": ""},
        {"field": "tag", "value": 5},
        {"field": "tag", "value": "x" * 61},
        {"field": "brand", "value": "none"},
        {"field": "category", "value": "none"},
        {"field": "product_type", "value": 10**30},
        {"field": "price_to", "value": "-1"},
        {"field": "price_to", "value": "NaN"},
        {"field": "new", "value": 0},
        {"field": "new", "value": 3651},
        {"field": "new", "value": 1.5},
        {"field": "reduced", "value": True},
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: Any) -> None:
    collection = CollectionFactory.create(name="Gifts", rules=[{"field": "reduced"}])
    refused = client_of("clara").patch(f"{URL}gifts/", {"name": "Other", "rules": [rule]}, format="json")
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, ["rules"])
    collection.refresh_from_db()
    assert (collection.name, collection.rules.count()) == ("Gifts", 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "New", "slug": "taken"}, "slug"),
        ({"name": "New", "slug": "two words"}, "slug"),
        ({"name": "New", "position": 32_768}, "position"),
        ({"name": "New", "is_published": "yes"}, "is_published"),
        ({"name": "New", "seo_title": "x" * 121}, "seo_title"),
        ({"name": "New", "rules": [{"field": "reduced"}] * 31}, "rules"),
    ],
)
def test_nonsense_is_refused_by_field(body: dict[str, Any], field: str) -> None:
    CollectionFactory.create(name="Taken", slug="taken")
    CollectionFactory.create(name="Gifts")
    clara = client_of("clara")
    for refused in (clara.post(URL, body, format="json"), clara.put(f"{URL}gifts/", body, format="json")):
        assert (refused.status_code, [*refused.json()["errors"]]) == (400, [field])
    assert set(Collection.objects.values_list("name", flat=True)) == {"Taken", "Gifts"}


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_only_catalogue_staff_write(who: str | None, status: int) -> None:
    CollectionFactory.create(name="Gifts", rules=[{"field": "reduced"}])
    client = client_of(who)
    assert client.post(URL, {"name": "New"}, format="json").status_code == status
    assert client.patch(f"{URL}gifts/", {"name": "New", "rules": []}, format="json").status_code == status
    assert client.delete(f"{URL}gifts/").status_code == status
    assert "rules" not in client.get(f"{URL}gifts/").json()
    assert Collection.objects.get().rules.count() == 1
