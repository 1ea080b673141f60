"""What other systems are told, in the words of `docs/webhooks.md`."""

from __future__ import annotations

import json
import re
import uuid
from io import StringIO
from typing import Any

import jsonschema_rs
import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from catalog.errors import OutOfStock, StockTooLow
from catalog.inventory import stock
from catalog.tests.factories import VariantFactory
from orders import lifecycle, publishing
from orders.actors import staff
from orders.models import Order, Payment, Refund, RefundLine, WebhookDelivery, WebhookEndpoint
from orders.refunds import RefundTerms, mark_refunded, request_refund
from orders.tests.api.people import client_of as api_client_of
from orders.tests.api.people import person
from orders.tests.factories import OrderFactory
from orders.tests.placing import place
from orders.tests.shopping import client_of
from orders.webhooks.events import EVENTS
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def listener() -> None:
    EndpointFactory.create(events=list(EVENTS))


@pytest.fixture
def order() -> Order:
    mug = VariantFactory.create(sku="KT-120", price=1250, product__name="Speckled mug")
    return OrderFactory.create(email="alice@example.com", phone="+49 30 123456", lines=[(mug, 2)])


def told() -> dict[str, Any]:
    """The one message that was written."""
    message: dict[str, Any] = json.loads(WebhookDelivery.objects.get().payload)
    return message


def test_an_order_in_numbers_and_decimal_strings(order: Order) -> None:
    publishing.publish_order("order.placed", order)

    message = told()
    assert set(message) == {"type", "timestamp", "data"}
    assert message["type"] == "order.placed"
    data = message["data"]
    assert data.pop("placed_at").endswith("Z")
    assert data == {
        "number": order.number,
        "status": "pending",
        "payment_status": "unpaid",
        "payment_method": "invoice",
        "channel": "storefront",
        "currency": "EUR",
        "subtotal": "25.00",
        "discount": "0.00",
        "shipping": "4.90",
        "tax": "0.00",
        "total": "29.90",
        "prices_include_tax": False,
        "lines": [{"sku": "KT-120", "quantity": 2, "unit_price": "12.50", "total": "25.00"}],
        "url": f"http://127.0.0.1:8000/api/v1/orders/{order.number}/",
    }


@pytest.mark.parametrize(("currency", "total"), [("JPY", "2990"), ("KWD", "2.990")])
def test_amounts_have_the_places_of_their_currency(order: Order, currency: str, total: str) -> None:
    order.currency = currency
    publishing.publish_order("order.paid", order)
    assert told()["data"]["total"] == total


def refund_of(order: Order) -> Refund:
    payment = Payment.objects.create(
        order=order, gateway="manual", method="invoice", currency="EUR", amount=order.total, state="captured",
        captured_amount=order.total, refund_committed=1250,
    )  # fmt: skip
    refund = Refund.objects.create(
        payment=payment, order=order, key=uuid.uuid4(), currency="EUR", amount=1250, state=Refund.State.SUCCEEDED,
        reason="Broken when it reached Alice",
    )  # fmt: skip
    RefundLine.objects.create(refund=refund, line=order.lines.get(), quantity=1, amount=1250)
    return refund


def test_a_refund_names_its_order_and_pieces(order: Order) -> None:
    refund = refund_of(order)
    publishing.publish_refund(refund)
    assert told()["type"] == "refund.succeeded"
    assert told()["data"] == {
        "id": refund.pk,
        "order": order.number,
        "currency": "EUR",
        "amount": "12.50",
        "payment_status": "unpaid",
        "lines": [{"sku": "KT-120", "quantity": 1}],
        "url": f"http://127.0.0.1:8000/api/v1/orders/{order.number}/",
    }


def test_scarce_variants_are_told_one_by_one_and_without_further_queries_about_them(
    order: Order, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SHOP_LOW_STOCK = 5
    mug, cup = (
        VariantFactory.create(stock=6, sku=sku, product__name=name) for sku, name in (("M", "Mug"), ("C", "Cup"))
    )
    low = stock.reserve({mug.pk: 2, cup.pk: 6})
    with django_assert_num_queries(3):
        publishing.publish_low_stock(order, low)
    said = [json.loads(payload) for payload in WebhookDelivery.objects.order_by("pk").values_list("payload", flat=True)]
    assert [message["type"] for message in said] == ["stock.low"] * 2
    assert [message["data"] for message in said] == [
        {"sku": "M", "product": "Mug", "variant": "", "on_hand": 6, "reserved": 2, "available": 4, "below": 5},
        {"sku": "C", "product": "Cup", "variant": "", "on_hand": 6, "reserved": 6, "available": 0, "below": 5},
    ]


def test_no_person_is_named(order: Order) -> None:
    publishing.publish_order("order.placed", order)
    publishing.publish_refund(refund_of(order))
    said = " ".join(WebhookDelivery.objects.values_list("payload", flat=True)).lower()
    for secret in (order.email, order.name, order.line1, order.city, order.phone, "alice"):
        assert secret.lower() not in said


def test_nothing_scarce_costs_nothing(order: Order, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        publishing.publish_low_stock(order, [])


@pytest.mark.parametrize("email", ["prove@shop.invalid", "Prove@SHOP.INVALID"])
def test_orders_of_the_self_test_are_nobodys_business(order: Order, email: str, django_assert_num_queries: Any) -> None:
    order.email = email
    refund = refund_of(order)
    levels = stock.reserve({VariantFactory.create(stock=5).pk: 1})
    with django_assert_num_queries(0):
        publishing.publish_order("order.placed", order)
        publishing.publish_refund(refund)
        publishing.publish_low_stock(order, levels)
    assert not WebhookDelivery.objects.exists()


# --- the path of an order, and what is promised about it


def test_every_message_is_what_the_openapi_file_says_and_the_docs_show() -> None:
    mug = VariantFactory.create(stock=6, sku="KT-120", price=1250, product__name="Speckled mug", name="Blue")
    order = place((mug, 2))
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    lifecycle.ship(order=order, actor=staff("bob"))
    other = place((mug, 1))
    lifecycle.mark_paid(order=other, actor=staff("bob"))
    lifecycle.cancel(order=other, actor=staff("bob"))
    mark_refunded(order=other, actor=staff("bob"))
    said = {d.event: json.loads(d.payload) for d in WebhookDelivery.objects.all()}
    assert set(said) == set(EVENTS)

    out = StringIO()
    call_command("spectacular", stdout=out)
    schema = yaml.safe_load(out.getvalue())
    assert set(schema["webhooks"]) == set(EVENTS)
    for event, message in said.items():
        described = schema["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**described, "components": schema["components"]}, message)

    documented = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", documented, re.DOTALL)]
    assert [example["type"] for example in examples] == ["order.placed", "refund.succeeded", "stock.low"]
    for example in examples:
        assert list(example["data"]) == list(said[example["type"]]["data"])
    assert all(f"`{event}`" in documented for event in EVENTS)


def events() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("event", flat=True))


def test_each_step_of_an_order_is_told_once() -> None:
    mug = VariantFactory.create(stock=10)
    order = place((mug, 2))
    assert events() == ["order.placed"]
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    assert events() == ["order.placed", "order.paid"]
    line = order.lines.get()
    lifecycle.ship(order=order, actor=staff("bob"), pieces={line.pk: 1})
    assert events() == ["order.placed", "order.paid"]  # a part of it
    lifecycle.ship(order=order, actor=staff("bob"))
    assert events() == ["order.placed", "order.paid", "order.shipped"]
    states = [json.loads(d.payload)["data"] for d in WebhookDelivery.objects.order_by("pk")]
    assert [(s["status"], s["payment_status"]) for s in states] == [
        ("pending", "unpaid"), ("processing", "paid"), ("shipped", "paid"),
    ]  # fmt: skip


def test_a_cancelled_order_is_told() -> None:
    lifecycle.cancel(order=place((VariantFactory.create(), 1)), actor=staff("bob"))
    assert events() == ["order.placed", "order.cancelled"]


def test_money_that_goes_back_is_told_when_it_has_arrived() -> None:
    order = place((VariantFactory.create(price=1250), 1))
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    lifecycle.cancel(order=order, actor=staff("bob"))
    assert events() == ["order.placed", "order.paid", "order.cancelled"]
    mark_refunded(order=order, actor=staff("bob"))
    assert events()[3:] == ["refund.succeeded"]
    data = json.loads(WebhookDelivery.objects.get(event="refund.succeeded").payload)["data"]
    assert (data["amount"], data["payment_status"]) == ("17.40", "refunded")


def test_the_order_that_makes_a_variant_scarce_tells_so_and_the_next_does_not(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    mug = VariantFactory.create(stock=6)
    place((mug, 1))
    place((mug, 1))
    place((mug, 1))
    assert events() == ["order.placed", "order.placed", "stock.low", "order.placed"]


def test_staff_who_make_a_variant_scarce_tell_so_once_on_every_way(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    clara = client_of(person("clara"))
    first, second, third, fourth = (VariantFactory.create(stock=6) for _ in range(4))
    for variant, way, quantity in ((first, "correct", -2), (second, "recount", 4), (third, "receive", 1)):
        page = reverse("admin:catalog_product_adjust_stock", args=[variant.product_id])
        form = {"variant": variant.pk, "way": way, "quantity": quantity, "note": "Broken"}
        for _ in range(2):
            assert clara.post(page, form).status_code == 302
    change = {"stock_quantity": 3}
    answer = api_client_of("clara").patch(f"/api/v1/products/{fourth.product.slug}/", change, format="json")
    assert answer.status_code == 200, answer.content

    said = [json.loads(payload)["data"] for payload in WebhookDelivery.objects.values_list("payload", flat=True)]
    assert events() == ["stock.low"] * 3
    assert sorted((each["sku"], each["available"]) for each in said) == sorted(
        [(first.sku, 4), (second.sku, 4), (fourth.sku, 3)]
    )


def test_a_correction_that_is_refused_or_rolled_back_tells_nothing(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    variant = VariantFactory.create(stock=6)
    with pytest.raises(StockTooLow):
        stock.adjust(variant_id=variant.pk, quantity=-7)
    with transaction.atomic():
        stock.set_available(variant_id=variant.pk, available=1)
        assert events() == ["stock.low"]
        transaction.set_rollback(True)
    assert events() == []


def test_pieces_that_are_refunded_and_written_off_were_scarce_before(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    order = lifecycle.mark_paid(order=place((VariantFactory.create(stock=6), 2)), actor=staff("bob"))
    assert events() == ["order.placed", "stock.low", "order.paid"]
    terms = RefundTerms(pieces={order.lines.get().pk: 2}, reason="Broken in the store")
    request_refund(order=order, terms=terms, actor=staff("bob"))
    assert "stock.low" not in events()[3:]


def test_an_order_that_is_refused_tells_nothing() -> None:
    with pytest.raises(OutOfStock):
        place((VariantFactory.create(stock=1), 2))
    assert events() == []


def test_where_nobody_listens_an_order_costs_one_query_more() -> None:
    WebhookEndpoint.objects.all().delete()
    mug = VariantFactory.create(stock=50)
    with captured_sql() as statements:
        place((mug, 1))
    assert len([sql for sql in statements if "orders_webhook" in sql]) == 1
