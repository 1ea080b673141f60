from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_an_empty_shop_has_a_home_page(client: Client) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert "The shelves are being filled" in answer.content.decode()


def test_it_shows_categories_new_products_and_what_is_reduced(client: Client) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    for name in ("Cheaper mug", "Newer cheaper mug"):
        ProductFactory.create(name=name, category=kitchen, price=1500, compare_at_price=2000)
    ProductFactory.create_batch(7, category=kitchen)

    answer = client.get("/")

    assert len(answer.context["newest"]) == 8
    assert answer.context["newest"][-1].name == "Newer cheaper mug"
    assert [card.name for card in answer.context["reduced"]] == ["Cheaper mug"]
    page = answer.content.decode()
    assert 'href="/categories/kitchen/"' in page
    assert "€15.00" in page
    assert "€20.00" in page


def test_it_says_from_where_on_shipping_is_free(client: Client, settings: Any) -> None:
    for setting, said in (("60.00", "Free shipping from €60.00"), ("", "")):
        cache.clear()
        settings.SHOP_SHIPPING_FREE_FROM = setting
        page = client.get("/").content.decode()
        assert said in page
        assert ("Free shipping" in page) == bool(said)


def test_it_hides_what_is_not_on_sale(client: Client) -> None:
    ProductFactory.create(name="Secret mug", is_published=False)

    assert "Secret mug" not in client.get("/").content.decode()


def test_its_address_comes_from_the_settings_not_from_the_request(client: Client) -> None:
    page = client.get("/", headers={"X-Forwarded-Host": "evil.example"}).content.decode()

    assert 'rel="canonical" href="http://127.0.0.1:8000/"' in page
    assert "evil.example" not in page


def test_names_are_shown_as_text_never_as_markup(client: Client) -> None:
    ProductFactory.create(
        name="<script>alert(1)</script>", slug="nasty", category=CategoryFactory.create(name="<b>bold</b>")
    )

    page = client.get("/").content.decode()

    assert "<script>alert" not in page
    assert "<b>bold" not in page


def test_it_can_only_be_read(client: Client) -> None:
    assert client.post("/").status_code == 405
