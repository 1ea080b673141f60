"""Collections in the admin. Clara keeps the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Collection, FormerSlug
from catalog.tests.factories import BrandFactory, CategoryFactory, CollectionFactory, ProductFactory
from catalog.tests.test_admin import a_picture, errors_of, login

pytestmark = pytest.mark.django_db
ADD = "admin:catalog_collection_add"


@pytest.fixture
def clara() -> Client:
    return login("clara")


def filled(*rules: dict[str, Any], first: int = 0, **values: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"name": "Gifts", "is_published": "on", "position": 0, "slug": "", "description": ""}
    data |= {"rules-TOTAL_FORMS": len(rules), "rules-INITIAL_FORMS": first}
    for number, rule in enumerate(rules):
        data |= {f"rules-{number}-{name}": value for name, value in rule.items()}
    return data | values


def page_of(collection: Collection) -> str:
    return reverse("admin:catalog_collection_change", args=[collection.pk])


def test_the_pages_are_for_catalogue_staff_only() -> None:
    page = reverse("admin:catalog_collection_changelist")
    assert login("clara").get(page).status_code == 200
    assert login("otto").get(page).status_code == 403
    assert login("charlie").get(page).status_code == 302


def test_a_collection_is_made_with_its_rules(clara: Client) -> None:
    brand, category = BrandFactory.create(), CategoryFactory.create()
    rules: list[dict[str, Any]] = [
        {"field": "tag", "text": "gift", "price": "3.00"},
        {"field": "price_to", "price": "12.50"},
        {"field": "new", "days": 30},
        {"field": "brand", "brand": brand.pk, "text": "left over"},
        {"field": "category", "category": category.pk},
        {"field": "reduced"},
    ]
    sent = filled(*rules, description="Two\n\nlines", matches_any="on", image=a_picture())
    assert clara.post(reverse(ADD), sent).status_code == 302
    collection = Collection.objects.get()
    assert (collection.slug, collection.description) == ("gifts", "<p>Two</p>\n<p>lines</p>")
    assert (collection.image_width, collection.image_height) == (40, 30)
    assert str(collection.image.name).endswith(".webp")
    stored = list(collection.rules.values_list("field", "text", "number", "brand", "category"))
    assert stored == [
        ("tag", "gift", None, None, None),
        ("price_to", "", 1250, None, None),
        ("new", "", 30, None, None),
        ("brand", "", None, brand.pk, None),
        ("category", "", None, None, category.pk),
        ("reduced", "", None, None, None),
    ]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"field": "tag"}, "text"),
        ({"field": "brand"}, "brand"),
        ({"field": "price_from"}, "price"),
        ({"field": "price_from", "price": "-1"}, "price"),
        ({"field": "new"}, "days"),
        ({"field": "new", "days": 0}, "days"),
    ],
)
def test_a_rule_without_its_value_is_told_at_its_field(clara: Client, rule: dict[str, Any], field: str) -> None:
    assert field in errors_of(clara.post(reverse(ADD), filled(rule)))
    assert not Collection.objects.exists()


def test_the_page_shows_what_the_rules_find(clara: Client) -> None:
    rules = [{"field": "price_to", "number": 1000}]
    collection = CollectionFactory.create(rules=rules)
    assert "Nothing yet" in clara.get(page_of(collection)).content.decode()
    ProductFactory.create(name="Mug", price=900)
    ProductFactory.create(name="Vase", price=9000)
    page = clara.get(page_of(collection)).content.decode()
    assert "<strong>1 product</strong>" in page
    assert 'value="10.00"' in page


def test_another_address_leaves_the_former_one_behind(clara: Client) -> None:
    collection = CollectionFactory.create(name="Gifts")
    CollectionFactory.create(slug="taken")
    assert clara.post(page_of(collection), filled(slug="presents")).status_code == 302
    assert FormerSlug.objects.get().slug == "gifts"
    assert clara.get("/collections/gifts/?sort=price")["Location"] == "/collections/presents/?sort=price"
    assert "slug" in errors_of(clara.post(page_of(collection), filled(slug="taken")))
