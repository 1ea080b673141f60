from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.tests.factories import VariantFactory
from orders.models import Order
from orders.tests.api.people import ORDERS, client_of, person
from orders.tests.factories import OrderFactory
from orders.tests.placing import place
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


def listed(who: str, **parameters: Any) -> list[str]:
    response = client_of(who).get(ORDERS, parameters)
    assert response.status_code == 200, response.content
    return [order["number"] for order in response.json()["results"]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_customers_see_their_own_and_staff_all() -> None:
    variant = VariantFactory.create(stock=50)
    hers, his, guests = (
        place((variant, 1), customer=customer).number for customer in (person("alice"), person("charlie"), None)
    )
    assert listed("alice") == [hers]
    assert listed("bob") == [guests, his, hers]
    assert listed("mona") == listed("clara") == []
    guest = client_of(None).get(ORDERS)
    assert (guest.status_code, guest["Cache-Control"]) == (401, "no-store")


def test_a_filter_never_widens_what_is_seen() -> None:
    order = OrderFactory.create(customer=person("alice"), email="alice@example.com")
    for parameters in ({"email": order.email}, {"number": order.number}, {"status": "pending"}):
        assert listed("charlie", **parameters) == []
        assert listed("bob", **parameters) == [order.number]


def test_staff_find_orders_by_what_they_know() -> None:
    first = OrderFactory.create(email="a@example.com", placed_at=at("2026-01-01T22:30"), total=900, shipping=900)
    second = OrderFactory.create(
        email="b@example.com",
        placed_at=at("2026-01-01T23:30"),
        status="shipped",
        payment_status="paid",
        total=500,
        shipping=500,
    )
    assert listed("bob", email="A@Example.com") == [first.number]
    assert listed("bob", number=second.number.lower()) == [second.number]
    assert listed("bob", status="shipped") == listed("bob", payment_status="paid") == [second.number]
    # Days are the shop's: half an hour before midnight in UTC is the second of January in Berlin.
    assert listed("bob", placed_from="2026-01-02") == [second.number]
    assert listed("bob", placed_to="2026-01-01") == [first.number]
    assert listed("bob", placed_from="2026-01-01T23:00:00Z") == [second.number]
    assert listed("bob", placed_to="2026-01-01T23:30:00Z") == [first.number]
    assert listed("bob", ordering="total") == listed("bob", ordering="-placed_at") == [second.number, first.number]
    assert listed("bob", ordering="-total") == listed("bob", ordering="placed_at") == [first.number, second.number]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ordering", "customer__password"),
        ("ordering", "total;drop"),
        ("ordering", ""),
        ("status", "lost"),
        ("payment_status", "1"),
        ("placed_from", "yesterday"),
        ("placed_from", "2026-02-30"),
        ("placed_from", "9999-12-31"),
        ("placed_to", "0001-01-01T00:00:00+14:00"),
        ("placed_to", "2026-01-01T00:00:00+99:99"),
        ("email", "a\x00"),
        ("number", "\x00"),
        ("number", "x" * 21),
        ("customer", "1"),
        ("customer__password__startswith", "bcrypt"),
        ("format", "xml"),
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "many"),
        ("skip", "-1"),
        ("skip", "1.5"),
        ("page", "2"),
    ],
)
def test_what_the_list_does_not_know_is_refused_by_name(name: str, value: str) -> None:
    response = client_of("bob").get(ORDERS, {name: value})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [name]


def test_pages_are_bounded() -> None:
    OrderFactory.create_batch(105, customer=person("alice"))
    page = client_of("alice").get(ORDERS, {"limit": 1_000_000_000}).json()
    assert (page["count"], len(page["results"])) == (105, 100)
    assert client_of("alice").get(page["next"]).json()["results"][-1]["number"] == listed("alice", skip=104)[0]
    assert listed("alice", skip=10**12) == []


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_list_costs_four_queries_however_long_it_is(who: str) -> None:
    variant = VariantFactory.create(stock=50)
    client = client_of(who)
    counts = []
    for more in (1, 9):
        for _ in range(more):
            OrderFactory.create(customer=person("alice"), lines=[(variant, 1), (variant, 2)])
        with captured_sql() as statements:
            shown = client.get(ORDERS).json()["results"]
        assert len(shown) == Order.objects.count()
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4, statements


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_an_order_costs_seven_queries(who: str) -> None:
    order = place((VariantFactory.create(), 1), customer=person("alice"))
    client = client_of(who)
    with captured_sql() as statements:
        assert client.get(f"{ORDERS}{order.number}/").status_code == 200
    assert len(statements) <= 7
