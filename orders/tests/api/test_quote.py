"""`POST checkout/quote/`: what an order would cost, by the same rules as placing it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders import cart as carts
from orders.models import Cart, Coupon, Order, ShippingMethod, TaxRate
from orders.shipping.tests.zones import method, tax, zone
from orders.tests.api.people import ADDRESS, client_of, order_body, person, post_order
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
QUOTE = "/api/v1/checkout/quote/"


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1190, weight=400, stock=50)


@pytest.fixture
def germany() -> dict[str, ShippingMethod]:
    made = zone("Germany", "DE")
    return {
        "parcel": method(made, "Parcel", 490, min_days=2, max_days=4, position=1, free_from=5000),
        "express": method(made, "Express", 990, description="By noon", position=2),
    }


def ask(who: str | None = None, **body: Any) -> Any:
    return client_of(who).post(QUOTE, body, format="json")


def items(*wanted: tuple[Any, int]) -> list[dict[str, Any]]:
    return [{"variant": variant, "quantity": quantity} for variant, quantity in wanted]


def test_a_quote_says_all_that_an_order_will(mug: Variant, germany: Any) -> None:
    tax("19")
    response = ask(items=items((mug.pk, 2)), shipping_address=ADDRESS)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "currency": "EUR",
        "destination": {"country": "DE", "region": "", "postcode": "10115"},
        "lines": [
            {
                "variant": mug.pk,
                "sku": mug.sku,
                "product_name": "Speckled mug",
                "variant_name": "",
                "unit_price": "11.90",
                "quantity": 2,
                "discount": "0.00",
                "total": "23.80",
                "tax_rate": "19",
                "tax": "3.80",
                "available": 50,
                "on_backorder": 0,
            }
        ],
        "subtotal": "23.80",
        "discount": "0.00",
        "coupon": None,
        "shipping_options": [
            {
                "code": str(germany["parcel"].pk),
                "name": "Parcel",
                "description": "",
                "estimate": "2–4 working days",
                "price": "4.90",
            },
            {
                "code": str(germany["express"].pk),
                "name": "Express",
                "description": "By noon",
                "estimate": "",
                "price": "9.90",
            },
        ],
        "shipping_method": str(germany["parcel"].pk),
        "shipping_problem": "",
        "shipping": "4.90",
        "shipping_tax": "0.78",
        "shipping_tax_rate": "19",
        "missing_to_free_shipping": "26.20",
        "tax": "4.58",
        "taxes": [{"rate": "19", "amount": "28.70", "tax": "4.58"}],
        "prices_include_tax": True,
        "total": "28.70",
    }
    assert not Order.objects.exists()


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("way", ["parcel", "express"])
def test_the_order_costs_what_was_quoted(mug: Variant, germany: Any, settings: Any, included: bool, way: str) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = included
    tax("19")
    Coupon.objects.create(code="TENTH", kind="percentage", percentage=10)
    body = order_body((mug.sku, 3), coupon="tenth", shipping_method=str(germany[way].pk))
    quoted = client_of(None).post(QUOTE, body, format="json").json()
    assert quoted["coupon"] == {"code": "TENTH", "saved": "3.57", "problem": ""}

    placed = post_order(client_of(None), body | {"expected_total": quoted["total"]})

    assert placed.status_code == 201
    order = placed.json()
    for name in ("subtotal", "discount", "shipping", "shipping_tax", "tax", "taxes", "prices_include_tax", "total"):
        assert order[name] == quoted[name], name
    for name in ("discount", "total", "tax_rate", "tax"):
        assert order["lines"][0][name] == quoted["lines"][0][name], name
    assert order["shipping_method"] == way.capitalize()
    [option] = [o for o in quoted["shipping_options"] if o["code"] == quoted["shipping_method"]]
    assert order["shipping_estimate"] == option["estimate"]


@pytest.mark.parametrize("what", ["tax", "shipping", "price"])
def test_what_changes_after_the_quote_is_a_conflict_with_the_new_numbers(
    mug: Variant, germany: Any, settings: Any, what: str
) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    tax("19")
    body = order_body((mug.pk, 1))
    quoted = client_of(None).post(QUOTE, body, format="json").json()
    assert quoted["total"] == "19.99"
    if what == "tax":
        TaxRate.objects.update(rate=20)
    elif what == "shipping":
        ShippingMethod.objects.update(price=590)
    else:
        Variant.objects.update(price=1200)

    refused = post_order(client_of(None), body | {"expected_total": quoted["total"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    new = client_of(None).post(QUOTE, body, format="json").json()
    assert refused.json()["expected_total"] == "19.99"
    assert {name: refused.json()[name] for name in ("subtotal", "shipping", "tax", "total")} == {
        name: new[name] for name in ("subtotal", "shipping", "tax", "total")
    }
    assert not Order.objects.exists()
    assert post_order(client_of(None), body | {"expected_total": new["total"]}, key="another").status_code == 201


def test_a_way_to_ship_that_is_gone_is_said_and_refused(mug: Variant, germany: Any) -> None:
    code = str(germany["express"].pk)
    germany["express"].delete()
    body = order_body((mug.pk, 1), shipping_method=code)

    quoted = client_of(None).post(QUOTE, body, format="json").json()
    refused = post_order(client_of(None), body)

    assert quoted["shipping_problem"].startswith("This way to ship is not offered")
    assert quoted["shipping_method"] is None
    assert (refused.status_code, refused.json()["code"]) == (409, "no_shipping")
    assert refused.json()["offered"] == [str(germany["parcel"].pk)]
    assert not Order.objects.exists()


def test_where_nothing_is_shipped_that_is_said_and_refused(mug: Variant) -> None:
    method(zone("France", "FR"), "Colis", 1490)
    body = order_body((mug.pk, 1))
    quoted = client_of(None).post(QUOTE, body, format="json").json()
    refused = post_order(client_of(None), body)
    assert quoted["shipping_problem"] == "We do not ship this to your address."
    assert quoted["shipping_options"] == []
    assert (refused.status_code, refused.json()["code"]) == (409, "no_shipping")


def test_a_coupon_that_does_not_count_is_said(mug: Variant) -> None:
    quoted = ask(items=items((mug.pk, 1)), coupon="NOPE").json()
    assert quoted["coupon"] == {"code": "NOPE", "saved": "0.00", "problem": "This coupon is not valid."}
    assert quoted["total"] == "16.80"


def test_without_an_address_it_is_the_shops_country(mug: Variant, germany: Any) -> None:
    quoted = ask(items=items((mug.pk, 1))).json()
    assert quoted["destination"] == {"country": "DE", "region": "", "postcode": ""}
    assert quoted["shipping"] == "4.90"


def test_a_country_and_a_postcode_are_enough(mug: Variant, germany: Any) -> None:
    method(zone("Islands", "DE 27498"), "Ferry", 1490)
    quoted = ask(items=items((mug.pk, 1)), shipping_address={"country": "DE", "postcode": "27 498"}).json()
    assert [option["name"] for option in quoted["shipping_options"]] == ["Ferry"]


def test_a_customer_asks_about_the_own_cart_with_its_coupon(mug: Variant, germany: Any) -> None:
    Coupon.objects.create(code="TENTH", kind="percentage", percentage=10)
    carts.add(user=person("alice"), token=None, variant_id=mug.pk, quantity=2)
    Cart.objects.update(coupon_code="TENTH")
    quoted = ask("alice", shipping_address=ADDRESS).json()
    assert (quoted["discount"], quoted["total"]) == ("2.38", "26.32")
    assert ask("alice", shipping_address=ADDRESS, coupon="").json()["discount"] == "0.00"


def test_a_guest_asks_about_the_cart_of_the_token(mug: Variant) -> None:
    cart = carts.add(user=None, token=None, variant_id=mug.pk, quantity=1)
    assert ask(cart=str(cart.token)).json()["subtotal"] == "11.90"
    with_header = client_of(None, **{"X-Cart-Token": str(cart.token)}).post(QUOTE, {}, format="json")
    assert with_header.json()["subtotal"] == "11.90"


def test_nobody_asks_about_somebody_elses_cart(mug: Variant) -> None:
    hers = carts.add(user=person("alice"), token=None, variant_id=mug.pk, quantity=1)
    for who in (None, "charlie"):
        assert ask(who).status_code == 422
    assert ask(None, cart=str(hers.token)).status_code == 422
    assert ask("charlie", cart=str(hers.token)).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"items": []}, 400, "validation_error"),
        ({"items": [{"variant": 10**9, "quantity": 1}]}, 400, "invalid_order"),
        ({"items": [{"variant": "X", "quantity": 0}]}, 400, "validation_error"),
        ({"items": "all"}, 400, "validation_error"),
        ({}, 422, "cart_empty"),
        ({"cart": "not-a-token"}, 400, "validation_error"),
        ({"shipping_address": {"country": "XX"}}, 400, "validation_error"),
        ({"shipping_address": {}}, 400, "validation_error"),
        ({"shipping_address": {"country": "DE", "postcode": "a\nb"}}, 400, "validation_error"),
        ({"shipping_address": "DE"}, 400, "validation_error"),
        ({"email": "nobody"}, 400, "validation_error"),
        ({"coupon": 7}, 400, "validation_error"),
        ({"shipping_method": "x" * 21}, 400, "validation_error"),
        ([], 400, "validation_error"),
    ],
)
def test_senseless_questions_are_refused(body: Any, status: int, code: str) -> None:
    response = client_of(None).post(QUOTE, body, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_an_ordered_cart_is_a_conflict(mug: Variant) -> None:
    cart = carts.add(user=None, token=None, variant_id=mug.pk, quantity=1)
    body = {"cart": str(cart.token), "email": "guest@example.com", "shipping_address": ADDRESS}
    assert post_order(client_of(None), body).status_code == 201
    again = client_of(None).post(QUOTE, body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "cart_changed")


def test_guessing_coupons_is_slowed_down(mug: Variant, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"coupons": "3/minute"}
    answers = [ask(items=items((mug.pk, 1)), coupon=f"GUESS{number}").status_code for number in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert ask(items=items((mug.pk, 1))).status_code == 200


def test_a_quote_costs_as_many_queries_for_ten_lines_as_for_one(mug: Variant, germany: Any) -> None:
    tax("19")
    several = [VariantFactory.create() for _ in range(10)]
    counts = []
    for wanted in ([mug], several):
        body = {"items": items(*((variant.pk, 1) for variant in wanted)), "shipping_address": ADDRESS}
        with captured_sql() as statements:
            assert client_of(None).post(QUOTE, body, format="json").status_code == 200
        counts.append(len(statements))
    # Variants by reference, variants with products and stock, tax rates, area, methods, steps.
    assert counts == [6, 6]


def test_the_cart_shows_tax_and_how_it_would_be_shipped(mug: Variant, germany: Any) -> None:
    tax("19")
    carts.add(user=person("alice"), token=None, variant_id=mug.pk, quantity=1)
    shown = client_of("alice").get("/api/v1/cart/").json()
    assert shown["prices_include_tax"] is True
    assert (shown["tax"], shown["taxes"]) == ("2.68", [{"rate": "19", "amount": "16.80", "tax": "2.68"}])
    assert shown["shipping_country"] == settings.SHOP_COUNTRY
    assert shown["shipping_option"]["name"] == "Parcel"


def test_an_empty_cart_is_shipped_nowhere(settings: Any) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    shown = client_of(None).get("/api/v1/cart/").json()
    assert (shown["shipping_option"], shown["taxes"], shown["prices_include_tax"]) == (None, [], False)
