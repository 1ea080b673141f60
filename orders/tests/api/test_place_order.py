from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import StockLevel
from catalog.tests.factories import ProductFactory, VariantFactory
from idempotency.models import IdempotencyRecord
from orders.models import Order, OrderEvent, Payment
from orders.reports.invariants import verdicts
from orders.tests.api.people import ADDRESS, ORDERS, client_of, order_body, person, post_order
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    rows: list[Any] = [Order.objects, Payment.objects, OrderEvent.objects, IdempotencyRecord.objects]
    return not any(row.exists() for row in rows) and not StockLevel.objects.exclude(reserved=0).exists()


def refused(body: Any, who: str | None = None) -> dict[str, Any]:
    """The errors of a body that is refused with 400."""
    response = post_order(client_of(who), body)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert nothing_was_written()
    errors: dict[str, Any] = response.json()["errors"]
    return errors


def test_a_guest_orders_by_id_and_sku() -> None:
    mug, _ = VariantFactory.create(price=1250), VariantFactory.create(price=2000, sku="BOWL-1")
    response = post_order(client_of(None), order_body((mug.pk, 2), ("bowl-1", 1)))

    assert response.status_code == 201, response.content
    assert response["Cache-Control"] == "no-store"
    shown, order = response.json(), Order.objects.get()
    assert response["Location"] == f"http://testserver/api/v1/orders/{order.number}/"
    assert (shown["number"], shown["status"], shown["payment_status"]) == (order.number, "pending", "unpaid")
    assert (shown["currency"], shown["subtotal"], shown["shipping"], shown["total"]) == (
        "EUR",
        "45.00",
        "4.90",
        "49.90",
    )
    assert (shown["discount"], shown["tax"], shown["email"]) == ("0.00", "0.00", "guest@example.com")
    assert [(line["sku"], line["unit_price"], line["quantity"], line["total"]) for line in shown["lines"]] == [
        (mug.sku, "12.50", 2, "25.00"),
        ("BOWL-1", "20.00", 1, "20.00"),
    ]
    assert shown["lines"][0]["product_name"] == mug.product.name
    assert shown["shipping_address"] == {"line2": "", "region": "", "phone": ""} | ADDRESS
    assert [event["kind"] for event in shown["timeline"]] == ["placed"]
    assert shown["payment"]["method"] == "bank_transfer"
    assert (shown["payment"]["redirect_url"], shown["can_cancel"]) == (None, True)
    assert shown["link"].endswith(f"/orders/{order.number}/{shown['token']}/")
    assert (order.channel, order.customer) == ("api", None)
    assert all(verdict.holds for verdict in verdicts())


def test_the_guest_opens_the_order_with_its_token() -> None:
    placed = post_order(client_of(None), order_body((VariantFactory.create().pk, 1)))
    token = placed.json()["token"]
    again = client_of(None, **{"X-Order-Token": token}).get(placed["Location"])
    assert again.status_code == 200
    assert again.json() == placed.json()


def test_a_customer_orders_without_naming_an_address_for_mail() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    del body["email"]
    response = post_order(client_of("alice"), body)
    assert response.status_code == 201
    shown = response.json()
    assert (shown["email"], shown["token"]) == ("alice@example.com", None)
    assert shown["link"].endswith(f"/orders/{shown['number']}/")
    assert Order.objects.get().customer == person("alice")


def test_a_guest_must_give_an_email_address() -> None:
    body = order_body((VariantFactory.create().pk, 1))
    del body["email"]
    assert refused(body) == {"email": ["This field is required."]}


def test_lines_of_the_same_variant_are_one() -> None:
    variant = VariantFactory.create(stock=5)
    shown = post_order(client_of(None), order_body((variant.pk, 2), (variant.sku.lower(), 3))).json()
    assert [line["quantity"] for line in shown["lines"]] == [5]


def test_over_ordering_names_each_short_line() -> None:
    few, none, many = (VariantFactory.create(stock=stock) for stock in (3, 0, 50))
    response = post_order(client_of(None), order_body((few.pk, 4), (none.pk, 1), (many.pk, 5)))

    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    problem = response.json()
    assert (problem["code"], problem["status"]) == ("out_of_stock", 409)
    assert [(line["sku"], line["requested"], line["available"]) for line in problem["lines"]] == [
        (few.sku, 4, 3),
        (none.sku, 1, 0),
    ]
    IdempotencyRecord.objects.all().delete()
    assert nothing_was_written()


def test_a_total_other_than_the_one_shown_is_a_conflict_with_the_new_numbers() -> None:
    variant = VariantFactory.create(price=1000)
    response = post_order(client_of(None), order_body((variant.pk, 1), expected_total="14.00"))
    assert response.status_code == 409
    problem = response.json()
    assert (problem["code"], problem["expected_total"], problem["total"]) == ("price_changed", "14.00", "14.90")
    assert not Order.objects.exists()


@pytest.mark.parametrize("total", ["14.90", 14.9])
def test_the_total_that_was_shown_is_agreed_to(total: object) -> None:
    variant = VariantFactory.create(price=1000)
    assert post_order(client_of(None), order_body((variant.pk, 1), expected_total=total)).status_code == 201


@pytest.mark.parametrize("total", ["14.901", "-1", "NaN", "1e3", "1_0", "", True, None, [], 10**30, -1, "9" * 50])
def test_an_expected_total_that_is_no_amount_is_refused(total: object) -> None:
    assert "expected_total" in refused(order_body((VariantFactory.create().pk, 1), expected_total=total))


QUANTITIES: list[Any] = [0, -1, 1.5, True, None, "NaN", "2", 2**31, 2**63, -(2**31) - 1, 1000, [], [1], {}, ""]


@pytest.mark.parametrize("quantity", QUANTITIES, ids=repr)
def test_a_quantity_that_makes_no_sense_is_refused_by_name(quantity: object) -> None:
    good, bad = VariantFactory.create(), VariantFactory.create()
    errors = refused(order_body((good.pk, 1), (bad.pk, quantity)))
    assert list(errors["items"]) == ["1"]  # the second one
    assert list(errors["items"]["1"]) == ["quantity"]


@pytest.mark.parametrize("literal", ["NaN", "1e309", "-1e309", "Infinity", "1e5000", "9" * 400])
def test_a_number_beyond_all_numbers_is_refused(literal: str) -> None:
    body = json.dumps(order_body((VariantFactory.create().pk, "HERE"))).replace('"HERE"', literal)
    response = client_of(None).post(ORDERS, body, content_type="application/json", headers={"Idempotency-Key": "a-key"})
    assert response.status_code == 400
    assert nothing_was_written()


def test_a_missing_quantity_is_refused() -> None:
    body = order_body() | {"items": [{"variant": VariantFactory.create().pk}]}
    assert refused(body)["items"] == {"0": {"quantity": ["This field is required."]}}


@pytest.mark.parametrize(
    "items", [[], {}, "all", 1, None, [1], ["a"], [[]], [None], [{}]], ids=lambda items: json.dumps(items)
)
def test_items_in_another_form_are_refused(items: object) -> None:
    assert "items" in refused(order_body() | {"items": items})


@pytest.mark.parametrize("variant", [0, -1, 2**63, 10**40, 1.5, True, None, [], {}, "", " ", "x" * 65, "a\x00b"])
def test_what_cannot_name_a_variant_is_refused(variant: object) -> None:
    assert list(refused(order_body((variant, 1)))["items"]["0"]) == ["variant"]


def test_unknown_archived_and_unpublished_variants_are_named() -> None:
    unpublished = VariantFactory.create(product=ProductFactory.create(bare=True, is_published=False))
    archived = VariantFactory.create(archived_at=timezone.now())
    gone = VariantFactory.create(product=ProductFactory.create(bare=True, archived_at=timezone.now()))
    assert "999999" in refused(order_body((999999, 1)))["items"][0]
    assert "'NO-SUCH'" in refused(order_body(("NO-SUCH", 1)))["items"][0]
    for variant in (unpublished, archived, gone):
        assert str(variant.pk) in refused(order_body((variant.pk, 1)))["items"][0]


def test_more_lines_than_an_order_holds_are_refused() -> None:
    assert "items" in refused(order_body(*[(1, 1)] * 101))


def test_what_the_shop_decides_cannot_be_sent() -> None:
    variant = VariantFactory.create(price=1000)
    body = order_body((variant.pk, 1)) | {
        "total": "0.01",
        "subtotal": "0.01",
        "discount": "10.00",
        "tax": "1.00",
        "shipping": "0",
        "currency": "JPY",
        "status": "delivered",
        "payment_status": "paid",
        "number": "22222-22222",
        "customer": person("alice").pk,
        "user": person("alice").pk,
        "is_staff": True,
        "placed_at": "2001-01-01T00:00:00Z",
        "channel": "imported",
    }
    body["items"][0] |= {"price": "0.01", "unit_price": 1, "total": "0.01", "discount": 1}
    shown = post_order(client_of(None), body).json()
    order = Order.objects.get()
    assert (shown["total"], shown["currency"], shown["status"], shown["payment_status"]) == (
        "14.90",
        "EUR",
        "pending",
        "unpaid",
    )
    assert (order.customer, order.channel, order.placed_at.year) == (None, "api", timezone.now().year)
    assert order.number != "22222-22222"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("name", "two\nlines"),
        ("name", ""),
        ("name", "   "),
        ("name", 5),
        ("name", None),
        ("name", ["Alice"]),
        ("line1", "x" * 161),
        ("city", "x" * 900_000),
        ("postcode", "x" * 21),
        ("country", "US"),
        ("country", "Germany"),
        ("country", ""),
        ("country", 49),
        ("country", ["DE"]),
        ("country", {"code": "DE"}),
        ("phone", "call me"),
    ],
)
def test_an_address_that_cannot_be_written_on_a_parcel_is_refused(field: str, value: object) -> None:
    address = ADDRESS | {field: value}
    errors = refused(order_body((VariantFactory.create().pk, 1), shipping_address=address))
    assert list(errors["shipping_address"]) == [field]


@pytest.mark.parametrize("missing", ["name", "line1", "city", "country"])
def test_an_address_has_to_be_complete(missing: str) -> None:
    address = {name: value for name, value in ADDRESS.items() if name != missing}
    errors = refused(order_body((VariantFactory.create().pk, 1), shipping_address=address))
    assert errors == {"shipping_address": {missing: ["This field is required."]}}


@pytest.mark.parametrize("name", ["O’Brien-Ŝmith", "محمد", "李小龍 🏺", "e\u0301 and é", "<script>alert(1)</script>"])
def test_a_name_comes_back_as_it_was_sent(name: str) -> None:
    body = order_body((VariantFactory.create().pk, 1), shipping_address=ADDRESS | {"name": name}, note=f"{name}\n…")
    shown = post_order(client_of(None), body).json()
    assert (shown["shipping_address"]["name"], shown["note"]) == (name, f"{name}\n…")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "alice",
        "a@b",
        "a\x00@example.com",
        "a b@example.com",
        5,
        None,
        [],
        "mıke@example.com",
        "x" * 300 + "@example.com",
    ],
)
def test_an_email_address_that_is_none_is_refused(email: object) -> None:
    assert list(refused(order_body((VariantFactory.create().pk, 1), email=email))) == ["email"]


@pytest.mark.parametrize("method", ["", "gold", None, 1, [], {}])
def test_a_way_to_pay_that_is_not_offered_is_refused(method: object) -> None:
    errors = refused(order_body((VariantFactory.create().pk, 1), payment_method=method))
    assert list(errors) == ["payment_method"]


def test_the_way_to_pay_is_kept() -> None:
    body = order_body((VariantFactory.create().pk, 1), payment_method="pay_on_delivery")
    assert post_order(client_of(None), body).json()["payment_method"] == "pay_on_delivery"


@pytest.mark.parametrize("note", ["x" * 1001, "\ud800", "a\x00", 1, None, []])
def test_a_note_that_cannot_be_kept_is_refused(note: object) -> None:
    assert list(refused(order_body((VariantFactory.create().pk, 1), note=note))) == ["note"]


@pytest.mark.parametrize("body", ["[]", '"order"', "1", "null", "[1,2]"])
def test_a_body_that_is_no_object_is_refused(body: str) -> None:
    response = client_of(None).post(ORDERS, body, content_type="application/json", headers={"Idempotency-Key": "a-key"})
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_placing_costs_as_many_queries_for_thirty_lines_as_for_one() -> None:
    variants = [VariantFactory.create(stock=100) for _ in range(30)]
    client = client_of("alice")
    counts = []
    for number, chosen in enumerate((variants[:1], variants)):
        with captured_sql() as statements:
            response = post_order(client, order_body(*[(variant.pk, 2) for variant in chosen]), f"key-{number}")
        assert response.status_code == 201
        counts.append(len([sql for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1] <= 26, counts
