from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def page_of(client: Client, slug: str) -> str:
    answer = client.get(f"/products/{slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_a_shopper_needs_to_decide(client: Client) -> None:
    product = ProductFactory.create(
        name="Mug", slug="mug", description="Thrown by hand.", price=1600, compare_at_price=2000, sku="MUG-1"
    )
    ProductImageFactory.create(product=product, alt="A green mug")

    page = page_of(client, "mug")

    for words in ("Mug", "Thrown by hand.", "€16.00", "€20.00", "In stock", "MUG-1", 'alt="A green mug"'):
        assert words in page
    assert 'rel="canonical" href="http://127.0.0.1:8000/products/mug/"' in page
    assert 'property="og:image" content="http://127.0.0.1:8000/media/products/' in page
    assert 'name="description" content="Thrown by hand."' in page


def test_its_only_variant_goes_into_the_cart_by_a_plain_form(client: Client) -> None:
    product = ProductFactory.create(slug="mug", stock=7)

    page = page_of(client, "mug")

    assert 'action="/cart/add/" method="post"' in page
    assert "csrfmiddlewaretoken" in page
    assert f'type="hidden" name="variant" value="{product.variants.get().pk}"' in page
    assert 'max="7"' in page


def test_its_variants_are_chosen_and_those_sold_out_cannot_be(client: Client) -> None:
    product = ProductFactory.create(slug="mug", stock=0)
    large = VariantFactory.create(product=product, name="Large", position=1, stock=2)
    gone = VariantFactory.create(product=product, name="Old", archived_at=timezone.now())

    page = page_of(client, "mug")

    radios = re.findall(r'<input type="radio"[^>]*>', page)
    assert [("disabled" in radio, "checked" in radio) for radio in radios] == [(True, False), (False, True)]
    assert f'value="{large.pk}"' in radios[1]
    assert f'value="{gone.pk}"' not in page
    assert "Only 2 left" in page


def test_what_is_sold_out_cannot_be_added(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=0)

    page = page_of(client, "mug")

    assert "Sold out" in page
    assert 'name="quantity"' not in page


def test_no_more_than_a_cart_takes_can_be_asked_for(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=5000)

    assert 'max="999"' in page_of(client, "mug")


def test_it_leads_back_to_its_categories_and_on_to_others(client: Client) -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    ProductFactory.create(slug="mug", category=mugs)
    ProductFactory.create(name="Other mug", category=mugs)

    page = page_of(client, "mug")

    assert 'href="/categories/kitchen/"' in page
    assert 'href="/categories/mugs/"' in page
    assert "Other mug" in page


def test_a_gallery_needs_no_javascript(client: Client) -> None:
    product = ProductFactory.create(slug="mug")
    ProductImageFactory.create_batch(2, product=product)

    page = page_of(client, "mug")

    assert 'href="#picture-2"' in page
    assert 'id="picture-2"' in page


@pytest.mark.parametrize("hidden", [{"is_published": False}, {"archived_at": timezone.now()}])
def test_what_is_not_on_sale_is_not_found(client: Client, hidden: dict[str, Any]) -> None:
    ProductFactory.create(slug="mug", **hidden)

    assert client.get("/products/mug/").status_code == 404


@pytest.mark.parametrize(
    "address", ["/products/nothing/", "/products/%00/", "/products/ü/", f"/products/{'a' * 5000}/"]
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404


def test_a_product_without_any_variant_on_offer_cannot_be_ordered(client: Client) -> None:
    ProductFactory.create(slug="mug", bare=True)

    assert "cannot be ordered" in page_of(client, "mug")


def test_words_of_the_merchant_are_shown_as_text(client: Client) -> None:
    ProductFactory.create(slug="mug", name='"><img src=x>', description="<script>alert(1)</script>\n\nSecond paragraph")

    page = page_of(client, "mug")

    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "<p>Second paragraph</p>" in page
