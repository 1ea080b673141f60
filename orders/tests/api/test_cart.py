from __future__ import annotations

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import StockLevel, Variant
from catalog.tests.factories import ProductFactory, ProductImageFactory, VariantFactory
from idempotency.models import IdempotencyRecord
from orders.models import Cart, CartLine, Order
from orders.tests.api.people import client_of, order_body, person, post_order
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
CART, ITEMS, MERGE = "/api/v1/cart/", "/api/v1/cart/items/", "/api/v1/cart/merge/"


def item(variant: Variant) -> str:
    return f"{ITEMS}{variant.pk}/"


def add(client: APIClient, variant: Any, quantity: Any = 1) -> Any:
    reference = variant.pk if isinstance(variant, Variant) else variant
    return client.post(ITEMS, {"variant": reference, "quantity": quantity}, format="json")


def guest_with(*variants: Variant) -> APIClient:
    """A guest who has these in the cart."""
    client = client_of(None)
    for variant in variants:
        token = add(client, variant).json()["token"]
        client = client_of(None, **{"X-Cart-Token": token})
    return client


def order_cart(client: APIClient, key: str = "a-key", **fields: Any) -> Any:
    body = order_body(**fields)
    del body["items"]
    return post_order(client, body, key)


@pytest.mark.parametrize("who", [None, "alice"])
def test_without_a_cart_there_is_an_empty_one(who: str | None) -> None:
    response = client_of(who).get(CART)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    shown = response.json()
    assert (shown["token"], shown["lines"], shown["pieces"], shown["total"]) == (None, [], 0, "0.00")
    assert not Cart.objects.exists()


def test_a_guest_gets_a_token_and_keeps_the_cart_by_it() -> None:
    variant = VariantFactory.create(price=1000, stock=9)
    ProductImageFactory.create(product=variant.product, image="products/mug.webp")
    added = add(client_of(None), variant.sku.lower(), 2)
    assert added.status_code == 201
    shown = client_of(None, **{"X-Cart-Token": added.json()["token"]}).get(CART).json()
    assert shown == added.json()
    assert (shown["pieces"], shown["subtotal"], shown["shipping"], shown["total"]) == (2, "20.00", "4.90", "24.90")
    assert (shown["currency"], shown["missing_to_free_shipping"]) == ("EUR", "55.00")
    line = shown["lines"][0]
    assert (line["variant"], line["unit_price"], line["total"], line["quantity"]) == (variant.pk, "10.00", "20.00", 2)
    assert (line["product"], line["available"], line["problem"]) == (variant.product.slug, 9, "")
    assert line["image"] == "http://testserver/media/products/mug.webp"


def test_adding_again_adds_up() -> None:
    variant = VariantFactory.create()
    client = client_of("alice")
    add(client, variant, 2)
    assert add(client, variant, 3).json()["lines"][0]["quantity"] == 5
    assert Cart.objects.get().customer == person("alice")


def test_a_quantity_is_changed_and_a_line_removed() -> None:
    mug, bowl = VariantFactory.create(), VariantFactory.create()
    guest = guest_with(mug, bowl)
    assert guest.patch(item(mug), {"quantity": 4}, format="json").json()["pieces"] == 5
    assert guest.patch(item(mug), {"quantity": 0}, format="json").json()["pieces"] == 1
    assert guest.delete(item(bowl)).json()["lines"] == []
    assert guest.delete(item(bowl)).status_code == 404
    assert guest.patch(item(mug), {"quantity": 1}, format="json").status_code == 404


def test_no_more_than_there_is_goes_into_a_cart() -> None:
    variant = VariantFactory.create(stock=3)
    guest = guest_with(variant)
    for response in (add(guest, variant, 3), guest.patch(item(variant), {"quantity": 4}, format="json")):
        assert (response.status_code, response.json()["code"]) == (409, "out_of_stock")
        assert response.json()["lines"][0] | {"name": ""} == {
            "variant": variant.pk,
            "sku": variant.sku,
            "name": "",
            "requested": 4,
            "available": 3,
        }
    assert CartLine.objects.get().quantity == 1


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, None, "1", "NaN", 2**31, 2**63, 1000, [], {}], ids=repr)
def test_a_quantity_that_makes_no_sense_is_refused(quantity: object) -> None:
    variant = VariantFactory.create()
    response = add(client_of(None), variant, quantity)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["quantity"])
    assert not Cart.objects.exists()
    guest = guest_with(variant)
    if quantity != 0 or quantity is False:
        changed = guest.patch(item(variant), {"quantity": quantity}, format="json")
        assert (changed.status_code, list(changed.json()["errors"])) == (400, ["quantity"])
    assert CartLine.objects.get().quantity == 1


def test_what_is_not_sold_is_refused() -> None:
    unpublished = VariantFactory.create(product=ProductFactory.create(bare=True, is_published=False))
    nonsense: list[Any] = [999999, "NO-SUCH", 2**63, "", None, [], True, "a\x00"]
    for reference in (unpublished, unpublished.sku, *nonsense):
        response = add(client_of(None), reference)
        assert (response.status_code, list(response.json()["errors"])) == (400, ["variant"]), reference
    assert not Cart.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "1", "' or 1=1", "x" * 5000, "{00000000-0000-0000-0000-000000000000}"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    variant = VariantFactory.create()
    guest = client_of(None, **{"X-Cart-Token": token})
    for response in (guest.get(CART), add(guest, variant), guest.delete(item(variant))):
        assert (response.status_code, list(response.json()["errors"])) == (400, ["X-Cart-Token"])


def test_ids_beyond_all_ids_are_not_in_the_cart() -> None:
    guest = guest_with(VariantFactory.create())
    for number in (0, 2**63, 10**40):
        assert guest.delete(f"{ITEMS}{number}/").status_code == 404


def test_a_price_that_changed_is_shown_until_the_cart_is_changed() -> None:
    variant = VariantFactory.create(price=1000)
    guest = guest_with(variant)
    Variant.objects.update(price=1200)
    for _ in range(2):
        line = guest.get(CART).json()["lines"][0]
        assert (line["unit_price"], line["price_before"]) == ("12.00", "10.00")
    assert guest.patch(item(variant), {"quantity": 2}, format="json").json()["lines"][0]["price_before"] == "10.00"
    assert guest.get(CART).json()["lines"][0]["price_before"] is None


def test_nobody_reaches_the_cart_of_somebody_else() -> None:
    variant = VariantFactory.create()
    add(client_of("alice"), variant, 2)
    hers = Cart.objects.get()
    for client in (client_of(None, **{"X-Cart-Token": str(hers.token)}), client_of("charlie"), client_of("bob")):
        assert client.get(CART).json()["lines"] == []
        assert client.patch(item(variant), {"quantity": 9}, format="json").status_code == 404
        assert client.delete(item(variant)).status_code == 404
    stranger = client_of("charlie", **{"X-Cart-Token": str(hers.token)})
    assert stranger.get(CART).json()["lines"] == []
    assert stranger.post(MERGE, {"token": str(hers.token)}, format="json").json()["lines"] == []
    assert CartLine.objects.get().quantity == 2
    assert client_of("alice").get(CART).json()["token"] is None


def test_after_login_the_guests_cart_is_taken_over_once() -> None:
    few, other = VariantFactory.create(stock=3), VariantFactory.create()
    guest = client_of(None)
    token = add(guest, few, 2).json()["token"]
    alice = client_of("alice")
    add(alice, few, 2)
    add(alice, other)
    for _ in range(2):  # trying again is harmless
        response = alice.post(MERGE, {"token": token}, format="json")
        assert response.status_code == 200
        assert [line["quantity"] for line in response.json()["lines"]] == [3, 1]
    assert client_of(None, **{"X-Cart-Token": token}).get(CART).json()["lines"] == []
    assert client_of(None).post(MERGE, {"token": token}, format="json").status_code == 401


@pytest.mark.parametrize("token", ["", "x", None, 1, 2**127, [], {}, True])
def test_merging_what_is_no_token_is_refused(token: object) -> None:
    response = client_of("alice").post(MERGE, {"token": token}, format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["token"])


def test_a_guest_orders_the_cart_by_header_or_by_name() -> None:
    variant = VariantFactory.create(stock=9)
    by_header = order_cart(guest_with(variant), "key-1")
    token = add(client_of(None), variant).json()["token"]
    by_name = order_cart(client_of(None), "key-2", cart=token)
    assert (by_header.status_code, by_name.status_code) == (201, 201)
    assert Cart.objects.filter(status="ordered").count() == 2
    assert StockLevel.objects.get(variant=variant).reserved == 2


def test_a_customer_orders_the_own_cart() -> None:
    variant, alice = VariantFactory.create(), client_of("alice")
    add(alice, variant, 3)
    shown = order_cart(alice).json()
    assert [(line["variant"], line["quantity"]) for line in shown["lines"]] == [(variant.pk, 3)]
    assert alice.get(CART).json()["lines"] == []


@pytest.mark.parametrize("who", [None, "alice"])
def test_without_a_cart_there_is_nothing_to_order(who: str | None) -> None:
    response = order_cart(client_of(who))
    assert (response.status_code, response.json()["code"]) == (422, "cart_empty")
    assert list(response.json()["errors"]) == ["items"]
    unknown = order_cart(client_of(None, **{"X-Cart-Token": str(uuid.uuid4())}), "another-key")
    assert unknown.status_code == 422
    assert not Order.objects.exists()


@pytest.mark.parametrize("who", [None, "alice"])
def test_a_cart_becomes_one_order(who: str | None) -> None:
    client = client_of(who)
    token = add(client, VariantFactory.create()).json()["token"]
    client = client if who else client_of(None, **{"X-Cart-Token": token})
    assert order_cart(client, "key-1").status_code == 201
    again = order_cart(client, "key-2")
    assert (again.status_code, again.json()["code"]) == (409, "cart_changed")
    assert Order.objects.count() == 1


def test_items_and_a_cart_are_not_ordered_together() -> None:
    variant = VariantFactory.create()
    token = add(client_of(None), variant).json()["token"]
    response = post_order(client_of(None), order_body((variant.pk, 1), cart=token))
    assert (response.status_code, list(response.json()["errors"])) == (400, ["cart"])
    hers = order_cart(client_of("alice"), cart=token)
    assert (hers.status_code, list(hers.json()["errors"])) == (400, ["cart"])
    assert not Order.objects.exists()


def test_a_key_of_one_cart_does_not_answer_for_another() -> None:
    variant = VariantFactory.create(stock=9)
    assert order_cart(guest_with(variant), "the-key").status_code == 201
    other = order_cart(guest_with(variant), "the-key")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert IdempotencyRecord.objects.count() == 1


def test_showing_a_cart_costs_as_many_queries_for_ten_lines_as_for_one() -> None:
    variants = [VariantFactory.create() for _ in range(10)]
    counts = []
    for guest in (guest_with(variants[0]), guest_with(*variants)):
        with captured_sql() as statements:
            guest.get(CART)
        counts.append(len(statements))
    # Cart, lines, pictures; tax rates; shipping area and whether there are zones at all.
    assert counts[0] == counts[1] <= 6


def test_an_app_learns_what_checkout_offers() -> None:
    response = client_of(None).get("/api/v1/checkout/options/")
    assert response.status_code == 200
    shown = response.json()
    assert {"code": "DE", "name": "Germany"} in shown["countries"]
    assert [method["code"] for method in shown["payment_methods"]] == ["bank_transfer", "pay_on_delivery", "test_card"]
    assert shown["prices_include_tax"] is True
