from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from catalog.models import Product, Variant
from catalog.tests.factories import ProductFactory, VariantFactory
from orders.models import Cart, CartLine
from orders.tests.shopping import client_of, person, put

pytestmark = pytest.mark.django_db

CART = reverse("orders:cart")
ADD = reverse("orders:cart-add")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def change(client: Client, variant: Variant, quantity: object) -> Any:
    return client.post(reverse("orders:cart-line", args=[variant.pk]), {"quantity": quantity})


def quantities() -> list[int]:
    return list(CartLine.objects.order_by("pk").values_list("quantity", flat=True))


def test_an_empty_cart_says_so_and_writes_nothing(client: Client) -> None:
    response = client.get(CART)
    assert "Your cart is empty" in text_of(response)
    assert not Cart.objects.exists()
    assert settings.CART_COOKIE_NAME not in response.cookies


def test_what_a_guest_puts_in_is_there_on_the_next_page(client: Client) -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250)

    response = put(client, mug, 2)

    assert response.status_code == 302
    assert response["Location"] == CART
    page = text_of(client.get(CART))
    assert "“Speckled mug” is in your cart." in page
    assert "€25.00" in page
    assert 'class="site-tool__count">2<' in page


def test_the_cookie_of_a_guests_cart_is_signed_and_out_of_reach_of_scripts(client: Client) -> None:
    cookie = put(client, VariantFactory.create()).cookies[settings.CART_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    client.cookies[settings.CART_COOKIE_NAME] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert "Your cart is empty" in text_of(client.get(CART))


def test_somebody_elses_cart_cannot_be_taken_by_its_token(client: Client) -> None:
    put(Client(), VariantFactory.create())
    client.cookies[settings.CART_COOKIE_NAME] = str(Cart.objects.get().token)
    assert "Your cart is empty" in text_of(client.get(CART))


def test_a_customers_cart_follows_the_customer_to_another_browser() -> None:
    alice = person()
    put(client_of(alice), VariantFactory.create(product__name="Speckled mug", product__slug="mug"))
    assert "Speckled mug" in text_of(client_of(alice).get(CART))


def test_adding_goes_back_to_where_the_shopper_was(client: Client) -> None:
    assert put(client, VariantFactory.create(), next="/products/mug/")["Location"] == "/products/mug/"


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "\t//evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "evil",
        "orders:history",
        "///evil.example",
    ],
)
def test_adding_never_leads_to_another_site(client: Client, evil: str) -> None:
    target = put(client, VariantFactory.create(), next=evil)["Location"]
    assert target == CART


@pytest.mark.parametrize(
    "quantity",
    ["0", "-1", "1.5", "", "abc", "true", "NaN", "1e309", "1000", str(2**31), str(2**63), "\x00"],
)
def test_a_senseless_quantity_is_told_and_nothing_is_written(client: Client, quantity: str) -> None:
    response = put(client, VariantFactory.create(), quantity)
    assert response.status_code == 422
    assert "Quantity:" in text_of(response)
    assert not Cart.objects.exists()


@pytest.mark.parametrize("variant", ["0", "-1", "abc", "", str(2**63), str(2**63 - 1), "999999999"])
def test_a_variant_that_is_not_there_is_told_and_nothing_is_written(client: Client, variant: str) -> None:
    response = client.post(ADD, {"variant": variant, "quantity": 1})
    assert response.status_code == 422
    assert not Cart.objects.exists()


def test_more_than_there_is_is_told_where_the_shopper_was(client: Client) -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=3)

    response = put(client, mug, 5, next="/products/mug/")

    assert response["Location"] == "/products/mug/"
    assert "Only 3 of “Speckled mug” left" in text_of(client.get(CART))
    assert not CartLine.objects.exists()


def test_a_quantity_is_changed_and_zero_removes(client: Client) -> None:
    mug = VariantFactory.create(stock=5)
    put(client, mug, 2)

    assert change(client, mug, 5)["Location"] == CART
    assert quantities() == [5]
    change(client, mug, 0)
    assert quantities() == []


@pytest.mark.parametrize("quantity", ["-1", "1.5", "", "abc", "1000", str(2**63)])
def test_a_senseless_new_quantity_leaves_the_line_as_it_is(client: Client, quantity: str) -> None:
    mug = VariantFactory.create()
    put(client, mug, 2)
    assert change(client, mug, quantity).status_code == 422
    assert quantities() == [2]


def test_a_new_quantity_beyond_the_stock_is_refused_with_what_there_is(client: Client) -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=3)
    put(client, mug, 2)
    response = change(client, mug, 4)
    assert response.status_code == 409
    assert "Only 3 of “Speckled mug” left" in text_of(response)
    assert quantities() == [2]


@pytest.mark.parametrize("variant_id", [0, 999999, 2**63, 2**70])
def test_changing_what_is_not_in_the_cart_is_no_server_error(client: Client, variant_id: int) -> None:
    put(client, VariantFactory.create(), 2)
    for quantity in (0, 1):
        address = reverse("orders:cart-line", args=[variant_id])
        assert client.post(address, {"quantity": quantity}).status_code in (302, 409, 404)
    assert quantities() == [2]


def test_a_line_that_became_short_is_marked_and_stops_the_checkout(client: Client) -> None:
    mug = VariantFactory.create(stock=5)
    put(client, mug, 4)
    mug.stock.on_hand = 1
    mug.stock.save()

    page = text_of(client.get(CART))

    assert "Only 1 left. Please choose a smaller quantity." in page
    assert reverse("orders:checkout") + '"' not in page
    assert client.get(reverse("orders:checkout"))["Location"] == CART


def test_a_product_that_was_withdrawn_is_marked(client: Client) -> None:
    put(client, VariantFactory.create())
    Product.objects.update(is_published=False)
    assert "This is no longer sold. Please remove it." in text_of(client.get(CART))


def test_a_new_price_is_shown_beside_the_old_one_until_the_shopper_says_so(client: Client) -> None:
    mug = VariantFactory.create(price=1000)
    put(client, mug)
    Variant.objects.update(price=1200)

    for _ in range(2):  # looking changes nothing
        page = text_of(client.get(CART))
        assert "Prices have changed" in page
        assert "€10.00" in page
        assert "€12.00" in page

    client.post(CART)
    page = text_of(client.get(CART))
    assert "Prices have changed" not in page
    assert "€10.00" not in page


def test_what_is_missing_to_free_shipping_is_shown(client: Client, settings: Any) -> None:
    settings.SHOP_SHIPPING_FLAT_RATE, settings.SHOP_SHIPPING_FREE_FROM = "4.90", "50.00"
    mug = VariantFactory.create(price=2000)
    put(client, mug)
    page = text_of(client.get(CART))
    assert "<strong>€30.00</strong> more and shipping is free." in page
    assert "€24.90" in page

    change(client, mug, 3)
    page = text_of(client.get(CART))
    assert "more and shipping is free" not in page
    assert "<dt>Shipping to Germany</dt> <dd>Free</dd>" in page.replace("</dt><dd>", "</dt> <dd>")


def test_names_are_shown_as_text(client: Client) -> None:
    put(client, ProductFactory.create(name="<script>alert(1)</script>", slug="x").variants.get())
    page = text_of(client.get(CART))
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 2  # the message and the line


def test_the_cart_is_kept_by_no_cache(client: Client) -> None:
    response = client.get(CART)
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


def test_forms_of_other_sites_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    mug = VariantFactory.create()
    assert put(client, mug).status_code == 403
    assert change(client, mug, 1).status_code == 403
    assert client.post(CART).status_code == 403
    assert not Cart.objects.exists()


def test_the_cart_page_costs_the_same_for_one_line_and_for_twenty(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        put(client, VariantFactory.create())
    client.get(CART)  # shows the messages
    with django_assert_max_num_queries(8):
        client.get(CART)
