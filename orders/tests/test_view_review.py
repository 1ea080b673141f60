"""The review: what will be ordered, and what changes while the shopper looks at it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product, Variant
from catalog.tests.factories import VariantFactory
from orders import checkout
from orders.models import CartLine, Order
from orders.tests.shopping import buy, fill_in, press_place, put, review_form

pytestmark = pytest.mark.django_db

REVIEW = reverse("orders:review")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_review_shows_what_will_be_ordered(client: Client) -> None:
    put(client, VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250), 2)
    fill_in(client)
    page = text_of(client.get(REVIEW))
    for part in ("Speckled mug", "2 × €12.50", "€25.00", "€4.90", "€29.90", "Gartenweg 7", "Germany", "Bank transfer"):
        assert part in page


def test_another_price_comes_back_with_the_new_total(client: Client) -> None:
    put(client, VariantFactory.create(price=1000))
    fill_in(client)
    form = review_form(client)
    Variant.objects.update(price=1100)

    response = press_place(client, form)

    assert response.status_code == 409
    assert "the total is €15.90" in text_of(response)
    assert not Order.objects.exists()
    press_place(client, review_form(client))
    assert Order.objects.get().total == 1590


def test_control_without_the_comparison_the_new_price_is_ordered_unseen(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "_expect_total", lambda *args: None)
    put(client, VariantFactory.create(price=1000))
    fill_in(client)
    form = review_form(client)
    Variant.objects.update(price=1100)

    assert press_place(client, form).status_code == 302
    assert Order.objects.get().total == 1590  # €14.90 were shown


def test_new_shipping_costs_come_back_with_the_new_total(client: Client, settings: Any) -> None:
    put(client, VariantFactory.create(price=1000))
    fill_in(client)
    form = review_form(client)
    settings.SHOP_SHIPPING_FLAT_RATE = "9.90"
    assert press_place(client, form).status_code == 409
    assert not Order.objects.exists()


def test_one_thing_exchanged_for_another_of_the_same_price_is_not_ordered_unseen(client: Client) -> None:
    mug, bowl = VariantFactory.create(price=1000), VariantFactory.create(price=1000)
    put(client, mug)
    fill_in(client)
    form = review_form(client)
    CartLine.objects.all().delete()
    put(client, bowl)

    response = press_place(client, form)

    assert response.status_code == 409
    assert "Your cart has changed since you reviewed it" in text_of(response)
    assert not Order.objects.exists()


def test_control_without_the_comparison_the_other_thing_is_ordered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "_expect_reviewed", lambda *args: None)
    mug, bowl = VariantFactory.create(price=1000), VariantFactory.create(price=1000)
    put(client, mug)
    fill_in(client)
    form = review_form(client)
    CartLine.objects.all().delete()
    put(client, bowl)

    assert press_place(client, form).status_code == 302
    assert Order.objects.get().lines.get().variant == bowl


def test_what_is_sold_meanwhile_is_named(client: Client) -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=2)
    bowl = VariantFactory.create(product__name="Oak bowl", product__slug="bowl", stock=2)
    for variant in (mug, bowl):
        put(client, variant, 2)
    fill_in(client)
    form = review_form(client)
    buy(Client(), (mug, 1))
    buy(Client(), (bowl, 2))

    response = press_place(client, form)

    page = text_of(response)
    assert response.status_code == 409
    assert "Only 1 of “Speckled mug” left" in page
    assert "“Oak bowl” is sold out." in page
    assert "Place order" not in page
    assert Order.objects.count() == 2


def test_what_is_withdrawn_meanwhile_is_not_ordered(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    Product.objects.update(is_published=False)
    response = press_place(client, form)
    assert response.status_code == 409
    assert "Something in your cart is no longer sold." in text_of(response)
    assert "This is no longer sold. Please remove it." in text_of(response)
    assert not Order.objects.exists()
