"""Returns through the API: Alice sends things back, Bob is order staff, Charlie a stranger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.utils import timezone

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import aftersales
from orders.access import guest_token
from orders.models import Order, Refund, Return
from orders.tests.api.people import ORDERS, client_of, person
from orders.tests.returning import OTTO, accepted, ask, delivered, received

pytestmark = pytest.mark.django_db
JSON: dict[str, Any] = {"format": "json"}
RETURNS = "/api/v1/returns/"
STEPS: dict[str, dict[str, Any]] = {
    "accept": {},
    "refuse": {"answer": "No."},
    "receive": {},
    "refund": {},
    "close": {"answer": "No."},
}


@pytest.fixture
def order() -> Order:
    """Alice's."""
    return delivered((VariantFactory.create(stock=10, price=1250), 3), customer=person("alice"))


def url(order: Order, *rest: str) -> str:
    return "/".join([f"{ORDERS}{order.number}/returns", *rest, ""])


def step(back: Return | int, name: str = "") -> str:
    pk = back if isinstance(back, int) else back.pk
    return f"{RETURNS}{pk}/{name}/" if name else f"{RETURNS}{pk}/"


def asked(order: Order, quantity: Any = 2, **fields: Any) -> dict[str, Any]:
    return {"lines": [{"line": order.lines.get().pk, "quantity": quantity}]} | fields


def body_of(name: str, order: Order) -> dict[str, Any]:
    if name == "receive":
        return {"lines": [{"line": order.lines.get().pk, "received": 2, "restocked": 1}]}
    return STEPS[name]


def test_a_return_goes_all_the_way(order: Order, settings: Any) -> None:
    settings.SHOP_RETURN_ADDRESS = "Goods in"
    alice, bob = client_of("alice"), client_of("bob")
    line = alice.get(f"{ORDERS}{order.number}/").json()["lines"][0]

    made = alice.post(url(order), asked(order, reason="Too small"), **JSON)
    assert made.status_code == 201
    back = made.json()
    assert (back["state"], back["reason"], back["order"], back["send_to"]) == (
        "requested",
        "Too small",
        order.number,
        "",
    )
    assert back["lines"] == [
        {"line": line["id"], "sku": line["sku"], "title": line["product_name"], "quantity": 2, "received": 0}
    ]

    answers = [
        bob.post(
            step(back["id"], name), body_of(name, order) | ({"answer": "Yes."} if name == "accept" else {}), **JSON
        )
        for name in ("accept", "receive", "refund")
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.json()["state"] for answer in answers] == ["accepted", "received", "refunded"]
    assert answers[0].json()["send_to"] == "Goods in"
    assert answers[1].json()["lines"][0]["restocked"] == 1
    assert answers[2].json()["refund"] == "25.00"

    shown = alice.get(url(order)).json()
    assert [(each["state"], each["answer"], each["refund"]) for each in shown] == [("refunded", "Yes.", "25.00")]
    assert "restocked" not in shown[0]["lines"][0]
    timeline = alice.get(f"{ORDERS}{order.number}/").json()["timeline"]
    assert [event["message"] for event in timeline if event["kind"] == "return"] == [
        "Return requested: 2 pieces",
        "Return accepted",
        "Return arrived: 2 pieces",
        "Return refunded",
    ]
    assert "bob" not in str(timeline)
    assert StockLevel.objects.get().on_hand == 8
    call_command("audit")


def test_a_guest_asks_and_withdraws_by_token() -> None:
    order = delivered((VariantFactory.create(stock=5), 2))
    guest = client_of(None, **{"X-Order-Token": guest_token(order.number)})
    assert guest.post(url(order), asked(order, 1), **JSON).status_code == 201
    assert guest.post(url(order, "withdraw")).json()["state"] == "withdrawn"
    again = guest.post(url(order, "withdraw"))
    assert (again.status_code, again.json()["code"]) == (409, "return_not_possible")
    assert order.events.latest("pk").actor_kind == "guest"
    assert client_of(None).get(url(order)).status_code == 401
    assert client_of(None, **{"X-Order-Token": "x"}).get(url(order)).status_code == 404


def test_staff_ask_for_a_customer_who_called(order: Order) -> None:
    assert client_of("bob").post(url(order), asked(order), **JSON).status_code == 201
    assert (order.events.latest("pk").actor_kind, order.events.latest("pk").actor) == ("staff", "bob")


def test_one_key_is_one_return(order: Order) -> None:
    alice, key = client_of("alice"), {"Idempotency-Key": "a-return"}
    first, second = (alice.post(url(order), asked(order), headers=key, **JSON) for _ in range(2))
    assert (second.status_code, second.json(), second["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert alice.post(url(order), asked(order, 1), headers=key, **JSON).status_code == 422
    other = alice.post(url(order), asked(order), headers={"Idempotency-Key": "another"}, **JSON)
    assert (other.status_code, other.json()["code"]) == (409, "return_not_possible")
    assert Return.objects.count() == 1


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, None, "1", 2**31, 2**63, -(2**31) - 1])
def test_quantities_that_are_none_are_refused(order: Order, quantity: Any) -> None:
    assert client_of("alice").post(url(order), asked(order, quantity), **JSON).status_code == 400
    assert not Return.objects.exists()


def test_bodies_that_are_none_are_refused(order: Order) -> None:
    line = order.lines.get().pk
    twice = {"lines": [{"line": line, "quantity": 1}] * 2}
    bodies: list[Any] = [
        {},
        [],
        {"lines": []},
        {"lines": line},
        {"lines": [line]},
        twice,
        asked(order, reason="x" * 501),
    ]
    bodies += [{"lines": [{"line": wrong, "quantity": 1}]} for wrong in (0, -1, True, "1", 2**63, line + 99)]
    for body in bodies:
        assert client_of("alice").post(url(order), body, **JSON).status_code == 400
    more = client_of("alice").post(url(order), asked(order, 4), **JSON)
    assert (more.status_code, more.json()["code"]) == (409, "return_not_possible")
    assert not Return.objects.exists()


def test_after_the_last_day_it_says_until_when(order: Order, settings: Any) -> None:
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=settings.SHOP_RETURN_DAYS + 2))
    answer = client_of("alice").post(url(order), asked(order), **JSON)
    assert answer.status_code == 409
    assert answer.json()["possible_until"] < timezone.now().isoformat()


def test_staff_list_and_find_returns(order: Order) -> None:
    ask(order, 1)
    other = delivered((VariantFactory.create(stock=5), 2))
    received(other, 1)
    bob = client_of("bob")
    assert [each["state"] for each in bob.get(RETURNS).json()["results"]] == ["received", "requested"]
    assert bob.get(RETURNS, {"state": "received"}).json()["count"] == 1
    assert bob.get(RETURNS, {"order": order.number.lower()}).json()["results"][0]["order"] == order.number
    for bad in ({"state": "lost"}, {"sort": "x"}, {"limit": "0"}):
        assert bob.get(RETURNS, bad).status_code == 400


def test_the_list_costs_the_same_for_one_and_for_ten(django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        ask(delivered((VariantFactory.create(stock=5), 2)), 1)
    bob = client_of("bob")
    with django_assert_max_num_queries(5):
        assert bob.get(RETURNS).json()["count"] == 10


@pytest.mark.parametrize("who", ["alice", "charlie", "clara", "mona"])
def test_to_others_there_are_no_returns(order: Order, who: str) -> None:
    back = ask(order, 1)
    client = client_of(who)
    assert client.get(RETURNS).json()["results"] == []
    assert client.get(step(back)).status_code == 404
    for name in STEPS:
        theirs, nobodys = (client.post(step(pk, name), STEPS[name], **JSON) for pk in (back.pk, 10**6))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json() == nobodys.json()
    back.refresh_from_db()
    assert back.state == "requested"


def test_guests_get_no_further_than_the_door(order: Order) -> None:
    back = ask(order, 1)
    guest = client_of(None)
    assert {guest.get(RETURNS).status_code, guest.get(step(back)).status_code} == {401}
    assert {guest.post(step(back, name), STEPS[name], **JSON).status_code for name in STEPS} == {401}
    assert {guest.post(url(order), asked(order), **JSON).status_code, guest.get(url(order)).status_code} == {401}


def test_strangers_find_no_order_to_send_back(order: Order) -> None:
    for who in ("charlie", "clara", "mona"):
        client = client_of(who)
        assert client.get(url(order)).status_code == 404
        assert client.post(url(order), asked(order), **JSON).status_code == 404
        assert client.post(url(order, "withdraw")).status_code == 404
    assert not Return.objects.exists()


def test_staff_who_may_only_look_take_no_step(order: Order) -> None:
    clara = person("clara")
    clara.user_permissions.add(*Permission.objects.filter(codename__in=["view_order", "view_return"]))
    client, back = client_of("clara"), ask(order, 1)
    assert client.get(step(back)).status_code == 200
    assert {client.post(step(back, name), STEPS[name], **JSON).status_code for name in STEPS} == {403}
    assert client.post(url(order), asked(order), **JSON).status_code == 403
    assert client.post(url(order, "withdraw")).status_code == 403


def test_who_may_not_give_money_back_does_not_refund(order: Order) -> None:
    back = received(order, 1)
    clara = person("clara")
    clara.user_permissions.add(*Permission.objects.filter(codename__in=["view_return", "view_order", "fulfil_order"]))
    assert client_of("clara").post(step(back, "refund"), {}, **JSON).status_code == 403
    assert not Refund.objects.exists()


def test_a_step_that_does_not_fit_is_a_conflict(order: Order) -> None:
    back, bob = ask(order, 2), client_of("bob")
    for name in ("receive", "refund", "close"):
        answer = bob.post(step(back, name), body_of(name, order), **JSON)
        assert (answer.status_code, answer.json()["code"]) == (409, "return_not_possible")
        assert answer.json()["state"] == "requested"
    assert bob.post(step(back, "refuse"), {}, **JSON).status_code == 400
    assert bob.post(step(back, "refuse"), {"answer": " "}, **JSON).status_code == 400


def test_what_is_not_refunded_is_closed_with_an_answer(order: Order) -> None:
    back, alice, bob = received(order, 2), client_of("alice"), client_of("bob")
    for bad in ({}, {"answer": " "}, {"answer": "x" * 501}, {"answer": None}):
        assert bob.post(step(back, "close"), bad, **JSON).status_code == 400
    closed = bob.post(step(back, "close"), {"answer": "It was worn."}, **JSON)
    assert closed.status_code == 200
    assert (closed.json()["state"], closed.json()["refund"]) == ("closed", None)
    again = bob.post(step(back, "close"), {"answer": "Again."}, **JSON)
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "return_not_possible", "closed")
    (shown,) = alice.get(url(order)).json()
    assert (shown["state"], shown["answer"]) == ("closed", "It was worn.")
    told = [event["message"] for event in alice.get(f"{ORDERS}{order.number}/").json()["timeline"]]
    assert "Return closed" in told
    assert "Return arrived: 2 pieces" in told
    assert "worn" not in str(told)
    assert bob.get(RETURNS, {"state": "closed"}).json()["count"] == 1


@pytest.mark.parametrize(
    "came", [{"received": 3}, {"received": 1, "restocked": 2}, {"received": 0}, {"received": -1}, {"received": "1"}, {}]
)
def test_what_cannot_have_come_back_is_refused(order: Order, came: dict[str, Any]) -> None:
    back = accepted(order, 2)
    body = {"lines": [{"line": order.lines.get().pk} | came]}
    assert client_of("bob").post(step(back, "receive"), body, **JSON).status_code == 400
    assert StockLevel.objects.get().on_hand == 7


def test_what_was_not_paid_cannot_be_refunded() -> None:
    order = delivered((VariantFactory.create(stock=5), 1), paid=False, payment_method="pay_on_delivery")
    answer = client_of("bob").post(step(received(order, 1), "refund"), {}, **JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "refund_not_possible")


@pytest.mark.parametrize("pk", ["x", "0", "-1", "9" * 40, "1.0", "²"])
def test_ids_that_are_none_do_not_exist(pk: str) -> None:
    assert client_of("bob").get(f"{RETURNS}{pk}/").status_code == 404
    assert client_of("bob").post(f"{RETURNS}{pk}/accept/", {}, **JSON).status_code == 404


def test_a_refused_return_tells_the_customer_why(order: Order) -> None:
    aftersales.refuse_return(of_return=ask(order, 1), answer="It was engraved.", actor=OTTO)
    assert client_of("alice").get(url(order)).json()[0]["answer"] == "It was engraved."
