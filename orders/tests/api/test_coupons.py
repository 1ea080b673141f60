from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.models import Cart, Coupon, Order, Redemption
from orders.tests.api.people import client_of, order_body, post_order
from orders.tests.factories import CouponFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
CART, ITEMS, COUPON, MERGE = (f"/api/v1/cart/{end}" for end in ("", "items/", "coupon/", "merge/"))


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(price=2000)


def put(client: APIClient, code: Any) -> Any:
    # In ASCII, so that also what is no Unicode can be sent.
    return client.put(COUPON, json.dumps({"code": code}), content_type="application/json")


def with_cart(variant: Variant, who: str | None = None) -> APIClient:
    client = client_of(who)
    answer = client.post(ITEMS, {"variant": variant.pk}, format="json").json()
    return client if who else client_of(None, **{"X-Cart-Token": answer["token"]})


@pytest.mark.parametrize("who", [None, "alice"])
def test_a_coupon_is_put_on_the_cart_shown_and_taken_off(who: str | None, mug: Variant) -> None:
    CouponFactory.create(code="WELCOME10")
    client = with_cart(mug, who)
    assert client.get(CART).json()["coupon"] is None

    answer = put(client, "welcome10")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    shown = answer.json()
    assert shown["coupon"] == {"code": "WELCOME10", "saved": "2.00", "problem": ""}
    assert (shown["discount"], shown["total"]) == ("2.00", "22.90")
    assert client.get(CART).json() == shown

    for _ in range(2):
        gone = client.delete(COUPON)
        assert (gone.status_code, gone.json()["coupon"], gone.json()["total"]) == (200, None, "24.90")


def test_a_refused_coupon_is_a_conflict_that_says_why(mug: Variant) -> None:
    CouponFactory.create(code="LARGE", minimum_spend=5000)
    client = with_cart(mug)
    answer = put(client, "LARGE")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["coupon"]) == ("coupon_refused", "LARGE")
    assert problem["detail"] == "This coupon is for orders of €50.00 or more."
    assert Cart.objects.get().coupon_code == ""


def test_unknown_and_switched_off_are_answered_alike(mug: Variant) -> None:
    CouponFactory.create(code="SECRET1", is_active=False)
    client = with_cart(mug)
    known, unknown = put(client, "SECRET1").json(), put(client, "SECRET2").json()
    assert known | {"coupon": ""} == unknown | {"coupon": ""}


@pytest.mark.parametrize("code", [None, 5, 1.5, True, [], {}, "", "x" * 41, "a\nb", "\x00", "\ud800"])
def test_a_code_of_another_form_is_refused(code: Any, mug: Variant) -> None:
    answer = put(with_cart(mug), code)
    assert answer.status_code == 400
    assert "code" in answer.json()["errors"]


def test_without_a_cart_there_is_nothing_for_a_coupon() -> None:
    CouponFactory.create(code="TEN")
    answer = put(client_of(None), "TEN")
    assert (answer.status_code, answer.json()["code"]) == (422, "cart_empty")
    assert client_of(None).delete(COUPON).json()["coupon"] is None
    assert not Cart.objects.exists()


def test_nobody_reaches_another_persons_cart(mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    alice = with_cart(mug, "alice")
    token = str(Cart.objects.get().token)
    assert put(client_of("charlie"), "TEN").status_code == 422
    assert put(client_of(None, **{"X-Cart-Token": token}), "TEN").status_code == 422
    assert alice.get(CART).json()["coupon"] is None


def test_a_coupon_that_stopped_counting_shows_its_problem(mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    client = with_cart(mug)
    put(client, "TEN")
    Coupon.objects.update(is_active=False)
    shown = client.get(CART).json()
    assert shown["coupon"] == {"code": "TEN", "saved": "0.00", "problem": "This coupon is not valid."}
    assert shown["total"] == "24.90"


def test_merging_keeps_the_coupon(mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    guest = with_cart(mug)
    put(guest, "TEN")
    token = guest.get(CART).json()["token"]
    merged = client_of("alice").post(MERGE, {"token": token}, format="json").json()
    assert merged["coupon"]["code"] == "TEN"


def test_an_order_takes_the_carts_coupon_or_another_or_none(mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    CouponFactory.create(code="TWENTY", percentage=20)
    for fields, coupon, total in (
        ({}, {"code": "TEN", "saved": "2.00", "problem": ""}, "22.90"),
        ({"coupon": "twenty"}, {"code": "TWENTY", "saved": "4.00", "problem": ""}, "20.90"),
        ({"coupon": ""}, None, "24.90"),
    ):
        client = with_cart(mug)
        put(client, "TEN")
        body = order_body(**fields)
        del body["items"]
        answer = post_order(client, body, key=f"key {fields}".replace(" ", ""))
        assert answer.status_code == 201
        assert (answer.json()["coupon"], answer.json()["total"]) == (coupon, total)


def test_what_free_shipping_saves_is_shown(mug: Variant) -> None:
    CouponFactory.create(code="FREESHIP", kind="free_shipping")
    shown = post_order(client_of(None), order_body((mug.pk, 1), coupon="FREESHIP")).json()
    assert shown["coupon"] == {"code": "FREESHIP", "saved": "4.90", "problem": ""}
    assert (shown["discount"], shown["shipping"], shown["total"]) == ("0.00", "0.00", "20.00")


def test_a_refused_order_says_what_it_would_cost_without_and_writes_nothing(mug: Variant) -> None:
    CouponFactory.create(code="GONE", max_uses=1, used=1)
    answer = post_order(client_of(None), order_body((mug.pk, 1), coupon="GONE", expected_total="22.90"))
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("coupon_refused", "This coupon has been used up.")
    assert (problem["total"], problem["currency"]) == ("24.90", "EUR")
    assert not Order.objects.exists()
    assert not Redemption.objects.exists()


@pytest.mark.parametrize("coupon", [5, True, [], {"code": "TEN"}, "x" * 41, "\x00", None])
def test_a_coupon_of_another_form_is_refused_with_the_order(coupon: Any, mug: Variant) -> None:
    assert post_order(client_of(None), order_body((mug.pk, 1), coupon=coupon)).status_code == 400


@pytest.mark.parametrize("fields", [{"discount": "5.00"}, {"saved": "5.00"}, {"coupon_code": "TEN"}])
def test_a_discount_cannot_be_asked_for(fields: dict[str, str], mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    answer = post_order(client_of(None), order_body((mug.pk, 1), **fields))
    assert answer.status_code in (201, 400)
    assert not Order.objects.exclude(discount=0).exists()


def test_guessing_is_throttled_on_the_cart_and_with_orders(mug: Variant, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"coupons": "3/hour"}
    cache.clear()
    client = with_cart(mug)
    answers = [put(client, "GUESS1"), put(client, "GUESS2")]
    answers += [
        post_order(client_of(None), order_body((mug.pk, 1), coupon=f"GUESS{n}"), key=f"key-{n}") for n in (3, 4)
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409, 429]
    limited = put(client, "GUESS5")
    assert (limited.status_code, limited.json()["code"]) == (429, "throttled")
    assert int(limited["Retry-After"]) > 0


def test_a_list_of_orders_with_coupons_costs_no_more_queries(mug: Variant) -> None:
    CouponFactory.create(code="TEN")
    counts = []
    for number in range(3):
        post_order(client_of("alice"), order_body((mug.pk, 1), coupon="TEN"), key=f"key-{number}")
        with captured_sql() as statements:
            shown = client_of("alice").get("/api/v1/orders/").json()
        counts.append(len(statements))
    assert all(order["coupon"]["saved"] == "2.00" for order in shown["results"])
    assert len(set(counts)) == 1
