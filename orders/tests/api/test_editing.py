"""Notes and corrected addresses through the API: Alice owns the order, Bob is order staff, Charlie a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.editing import address_version
from orders.models import Order
from orders.tests.api.people import ORDERS, client_of, person
from orders.tests.placing import place

pytestmark = pytest.mark.django_db
JSON: dict[str, Any] = {"format": "json"}


@pytest.fixture
def order() -> Order:
    return place((VariantFactory.create(stock=5), 2), customer=person("alice"))


def url(order: Order | str, what: str) -> str:
    return f"{ORDERS}{order if isinstance(order, str) else order.number}/{what}/"


def test_staff_write_and_read_notes_that_customers_never_see(order: Order) -> None:
    bob = client_of("bob")
    for text in ("Rings twice.", "Wants a receipt."):
        made = bob.post(url(order, "notes"), {"text": text}, **JSON)
        assert (made.status_code, made.json()["text"], made.json()["author"]) == (201, text, "bob")

    listed = bob.get(url(order, "notes")).json()
    assert (listed["count"], [note["text"] for note in listed["results"]]) == (2, ["Wants a receipt.", "Rings twice."])
    for who in ("alice", "bob"):
        shown = client_of(who).get(f"{ORDERS}{order.number}/")
        assert "Rings twice." not in shown.content.decode()
        assert [event["kind"] for event in shown.json()["timeline"]] == ["placed"]


def test_a_guest_never_sees_notes_either() -> None:
    order = place((VariantFactory.create(stock=5), 1))
    client_of("bob").post(url(order, "notes"), {"text": "Rings twice."}, **JSON)
    guest = client_of(None, **{"X-Order-Token": guest_token(order.number)})
    assert "Rings" not in guest.get(f"{ORDERS}{order.number}/").content.decode()
    assert guest.get(url(order, "notes")).status_code == 401


def test_one_key_is_one_note(order: Order) -> None:
    bob, key = client_of("bob"), {"Idempotency-Key": "a-note"}
    first, second = (bob.post(url(order, "notes"), {"text": "Once."}, headers=key, **JSON) for _ in range(2))
    assert (second.status_code, second.json(), second["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert order.events.filter(kind="note").count() == 1
    assert bob.post(url(order, "notes"), {"text": "Other."}, headers=key, **JSON).status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": " "}, {"text": 1}, {"text": "x" * 1001}, {"text": "a\0b"}, []]
)
def test_what_is_no_note_is_refused(order: Order, body: Any) -> None:
    assert client_of("bob").post(url(order, "notes"), body, **JSON).status_code == 400
    assert order.events.count() == 1


def correction(order: Order, **changes: Any) -> dict[str, Any]:
    return {"version": address_version(order)} | changes


def test_staff_correct_the_address(order: Order) -> None:
    seen = client_of("bob").get(f"{ORDERS}{order.number}/").json()["shipping_address_version"]
    body = {"version": seen, "line1": "Gartenweg 17"}
    answer = client_of("bob").patch(url(order, "shipping-address"), body, **JSON)
    assert answer.status_code == 200
    assert answer.json()["shipping_address"]["line1"] == "Gartenweg 17"
    assert answer.json()["shipping_address"]["city"] == "Berlin"
    assert [event["kind"] for event in answer.json()["timeline"]] == ["placed", "edited"]


def test_who_has_looked_at_an_older_address_does_not_undo_a_correction(order: Order) -> None:
    stale = correction(order, city="Potsdam")
    client_of("bob").patch(url(order, "shipping-address"), correction(order, line1="Gartenweg 17"), **JSON)
    answer = client_of("bob").patch(url(order, "shipping-address"), stale, **JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_not_possible")
    assert "Somebody else" in answer.json()["detail"]
    order.refresh_from_db()
    assert (order.line1, order.city) == ("Gartenweg 17", "Berlin")


def test_the_version_is_not_left_out(order: Order) -> None:
    answer = client_of("bob").patch(url(order, "shipping-address"), {"line1": "Gartenweg 17"}, **JSON)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["version"])


def test_another_country_has_another_postcode_and_no_old_region(order: Order) -> None:
    Order.objects.update(region="Brandenburg")
    order.refresh_from_db()
    half = client_of("bob").patch(url(order, "shipping-address"), correction(order, country="AT"), **JSON)
    assert (half.status_code, list(half.json()["errors"])) == (400, ["postcode", "city"])
    whole = correction(order, country="AT", postcode="1010", city="Wien")
    answer = client_of("bob").patch(url(order, "shipping-address"), whole, **JSON)
    assert answer.status_code == 200
    address = answer.json()["shipping_address"]
    assert (address["country"], address["city"], address["region"]) == ("AT", "Wien", "")


@pytest.mark.parametrize(
    "body",
    [{"country": "US"}, {"country": "XX"}, {"line1": ""}, {"name": "a\nb"}, {"phone": "call me"}, {"city": None}],
)
def test_an_address_that_is_none_is_refused(order: Order, body: Any) -> None:
    answer = client_of("bob").patch(url(order, "shipping-address"), correction(order, **body), **JSON)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))
    assert order.events.count() == 1


def test_after_the_first_parcel_it_is_a_conflict(order: Order) -> None:
    lifecycle.ship(order=lifecycle.accept(order=order, actor=staff("bob")), actor=staff("bob"))
    answer = client_of("bob").patch(url(order, "shipping-address"), correction(order, line1="Elsewhere"), **JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_not_possible")


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("alice", 403), ("charlie", 404), ("clara", 404), ("mona", 404)]
)
def test_only_staff_who_change_orders_edit_them(order: Order, who: str | None, status: int) -> None:
    client = client_of(who)
    answers = [
        client.get(url(order, "notes")),
        client.post(url(order, "notes"), {"text": "x"}, **JSON),
        client.patch(url(order, "shipping-address"), {"line1": "x"}, **JSON),
    ]
    assert [answer.status_code for answer in answers] == [status] * 3
    nowhere = client.patch(url("22222-22222", "shipping-address"), {"line1": "x"}, **JSON)
    assert nowhere.status_code == (401 if who is None else 404)
    assert order.events.count() == 1


def test_staff_who_may_only_look_edit_nothing(order: Order) -> None:
    person("clara").user_permissions.add(Permission.objects.get(codename="view_order"))
    client = client_of("clara")
    assert client.get(url(order, "notes")).status_code == 403
    assert client.post(url(order, "notes"), {"text": "x"}, **JSON).status_code == 403
    assert client.patch(url(order, "shipping-address"), {"line1": "x"}, **JSON).status_code == 403
