"""Products are found by what they are described with now, also when it changes afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import refreshing
from catalog.listing import Wanted, list_products
from catalog.models import Attribute, AttributeValue, Brand, FacetValue, Product, ProductType
from catalog.products import update_product
from catalog.refreshing import refresh_products_with
from catalog.tests.factories import AttributeFactory, BrandFactory, ProductFactory, ProductTypeFactory
from catalog.tests.test_admin import errors_of, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def mugs() -> list[Product]:
    """Three mugs of glass, of one brand."""
    material = AttributeFactory.create(name="Material", kind="choice", choices=["Glass", "Clay"])
    kind, brand = ProductTypeFactory.create(name="Mug", attributes=[material]), BrandFactory.create(name="Ton")
    found = ProductFactory.create_batch(3, product_type=kind)
    for mug in found:
        update_product(product_id=mug.pk, attributes={"material": "Glass"}, brand=brand)
    return list(found)


def found_by(words: str) -> int:
    return len(list_products(Wanted(text=words)))


def test_a_brand_is_found_by_its_new_name(mugs: list[Product], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "BATCH", 2)
    assert found_by("ton") == 3
    Brand.objects.update(name="Feuer")
    assert refresh_products_with(what="brand", pk=Brand.objects.get().pk) == 3
    assert (found_by("ton"), found_by("feuer")) == (0, 3)
    assert FacetValue.objects.get(kind="brand").label == "Feuer"


def test_a_choice_is_found_by_its_new_words(mugs: list[Product]) -> None:
    material = Attribute.objects.get()
    material.choices.filter(value="Glass").update(value="Crystal")
    assert refresh_products_with(what="attribute", pk=material.pk) == 3
    assert (found_by("glass"), found_by("crystal")) == (0, 3)


def test_what_a_type_does_not_ask_for_any_more_is_forgotten(mugs: list[Product]) -> None:
    kind = ProductType.objects.get()
    kind.type_attributes.all().delete()
    assert refresh_products_with(what="product_type", pk=kind.pk) == 3
    assert not AttributeValue.objects.exists()
    assert found_by("glass") == 0


def test_a_change_in_the_admin_has_the_products_found_anew(mugs: list[Product]) -> None:
    clara = login("clara")
    brand, material = Brand.objects.get(), Attribute.objects.get()
    page = reverse("admin:catalog_brand_change", args=[brand.pk])
    assert clara.post(page, {"name": "Ton", "slug": "ton"}).status_code == 302
    assert not ProcrastinateJob.objects.filter(task_name="catalog.refresh_products").exists()
    assert clara.post(page, {"name": "Feuer", "slug": "ton"}).status_code == 302
    glass, clay = material.choices.order_by("position")
    choices: dict[str, Any] = {"choices-TOTAL_FORMS": 2, "choices-INITIAL_FORMS": 2}
    for number, (choice, value) in enumerate([(glass, "Crystal"), (clay, "Clay")]):
        choices |= {f"choices-{number}-id": choice.pk, f"choices-{number}-value": value}
        choices |= {f"choices-{number}-attribute": material.pk, f"choices-{number}-position": number}
    sent = {"name": "Material", "code": "material", "kind": "choice", "is_filter": "on", "position": 0, **choices}
    change = reverse("admin:catalog_attribute_change", args=[material.pk])
    assert clara.post(change, sent).status_code == 302
    jobs = ProcrastinateJob.objects.filter(task_name="catalog.refresh_products").order_by("id")
    assert [job.args for job in jobs] == [
        {"what": "brand", "pk": brand.pk},
        {"what": "attribute", "pk": material.pk},
    ]
    assert "present kind" in errors_of(clara.post(change, sent | {"kind": "text"}))
