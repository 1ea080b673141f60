"""Who may do what with orders: Alice owns one, Bob is order staff, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission

from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders.access import guest_token
from orders.models import Order, OrderEvent
from orders.tests.api.people import ORDERS, client_of, order_body, person, post_order
from orders.tests.placing import place

pytestmark = pytest.mark.django_db

GUEST, ALICE, BOB, CHARLIE, CLARA, MONA = None, "alice", "bob", "charlie", "clara", "mona"
MOVES = ["accept", "mark-paid", "ship", "deliver", "mark-refunded"]
NOWHERE = "22222-22222"
VERBS = ["get", "post", "put", "patch", "delete", "options", "trace"]


@pytest.fixture
def variant() -> Variant:
    return VariantFactory.create(stock=100)


@pytest.fixture
def order(variant: Variant) -> Order:
    """Alice's."""
    return place((variant, 2), customer=person("alice"))


def url(order: Order | str, move: str = "") -> str:
    number = order if isinstance(order, str) else order.number
    return f"{ORDERS}{number}/{move}/" if move else f"{ORDERS}{number}/"


def untouched(order: Order) -> bool:
    order.refresh_from_db()
    events = order.events.exclude(kind=OrderEvent.Kind.PLACED)
    return (order.status, order.payment_status) == ("pending", "unpaid") and not events.exists()


def without_request_id(response: Any) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return response.status_code, response.content, headers


@pytest.mark.parametrize(
    ("who", "status"), [(GUEST, 401), (ALICE, 200), (BOB, 200), (CHARLIE, 404), (CLARA, 404), (MONA, 404)]
)
def test_an_order_is_shown_to_its_owner_and_to_order_staff(who: str | None, status: int, order: Order) -> None:
    response = client_of(who).get(url(order))
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("move", ["", "cancel", *MOVES])
@pytest.mark.parametrize("who", [GUEST, CHARLIE, CLARA, MONA])
def test_to_others_an_order_is_like_one_that_does_not_exist(who: str | None, move: str, order: Order) -> None:
    client = client_of(who)
    send = client.post if move else client.get
    theirs, nobodys = send(url(order, move)), send(url(NOWHERE, move))
    assert without_request_id(theirs) == without_request_id(nobodys)
    assert theirs.status_code == (401 if who is GUEST else 404)
    assert untouched(order)


@pytest.mark.parametrize("move", MOVES)
def test_a_customer_does_not_do_the_work_of_staff(move: str, order: Order) -> None:
    response = client_of(ALICE).post(url(order, move))
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert untouched(order)


@pytest.mark.parametrize("move", ["cancel", *MOVES])
def test_staff_who_may_only_look_do_not_move(move: str, order: Order) -> None:
    person("clara").user_permissions.add(Permission.objects.get(codename="view_order"))
    client = client_of(CLARA)
    assert client.get(url(order)).status_code == 200
    assert client.post(url(order, move)).status_code == 403
    assert untouched(order)


def test_an_administrator_may_everything(order: Order) -> None:
    admin = person("root")
    admin.is_superuser = True
    admin.save()
    assert client_of("root").post(url(order, "accept")).json()["status"] == "processing"


def test_whoever_is_no_longer_staff_loses_it_at_once(order: Order) -> None:
    client = client_of(BOB)
    assert client.get(url(order)).status_code == 200
    person("bob").groups.clear()
    assert client.get(url(order)).status_code == 404


@pytest.mark.parametrize("who", [GUEST, ALICE, BOB, CHARLIE, MONA])
@pytest.mark.parametrize("verb", VERBS)
def test_other_verbs_change_nothing(verb: str, who: str | None, order: Order) -> None:
    client = client_of(who)
    for address, allowed in ((ORDERS, {"get", "post"}), (url(order), {"get"}), (url(order, "ship"), {"post"})):
        if verb not in allowed:
            response = getattr(client, verb)(address)
            assert response.status_code in (401, 405)
            assert response["Content-Type"] == "application/problem+json"
    assert untouched(order)


def test_a_guest_sees_an_order_by_its_token_only(variant: Variant) -> None:
    order, other = place((variant, 1)), place((variant, 1))
    token = guest_token(order.number)
    for sent, status in ((token, 200), (guest_token(other.number), 404), ("", 404), ("x", 404), (token + "x", 404)):
        assert client_of(GUEST, **{"X-Order-Token": sent}).get(url(order)).status_code == status
    assert client_of(GUEST, **{"X-Order-Token": token}).get(url(NOWHERE)).status_code == 404
    assert client_of(GUEST).get(f"{url(order)}?token={token}").status_code == 401


def test_a_guests_order_belongs_to_no_customer(variant: Variant) -> None:
    order = place((variant, 1))
    assert client_of(CHARLIE).get(url(order)).status_code == 404
    shown = client_of(BOB).get(url(order)).json()
    assert (shown["token"], shown["link"]) == (None, None)


@pytest.mark.parametrize("number", ["x", "%00", "a%00b", "%ff", "1", "0", "x" * 3000, "22222-2222%C2%B2", "..;"])
def test_numbers_that_are_none_do_not_exist(number: str) -> None:
    for who in (ALICE, BOB):
        assert client_of(who).get(f"{ORDERS}{number}/").status_code == 404


def test_a_customer_cancels_what_is_neither_shipped_nor_paid(order: Order, variant: Variant) -> None:
    response = client_of(ALICE).post(url(order, "cancel"))
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert response.json()["can_cancel"] is False
    assert StockLevel.objects.get(variant=variant).reserved == 0
    again = client_of(ALICE).post(url(order, "cancel"))
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert again.json()["order_status"] == "cancelled"


def test_a_guest_cancels_by_token(variant: Variant) -> None:
    placed = post_order(client_of(GUEST), order_body((variant.pk, 1))).json()
    guest = client_of(GUEST, **{"X-Order-Token": placed["token"]})
    response = guest.post(url(placed["number"], "cancel"))
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert OrderEvent.objects.get(to_status="cancelled").actor == "guest"


def test_what_is_paid_is_cancelled_by_staff_only(order: Order) -> None:
    assert client_of(BOB).post(url(order, "mark-paid")).json()["payment_status"] == "paid"
    refused = client_of(ALICE).post(url(order, "cancel"))
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert client_of(BOB).post(url(order, "cancel")).json()["status"] == "cancelled"
    assert client_of(BOB).post(url(order, "mark-refunded")).json()["payment_status"] == "refunded"


def test_who_only_fulfils_does_not_say_that_money_was_given_back(order: Order) -> None:
    fulfils = Permission.objects.filter(codename__in=["view_order", "fulfil_order"])
    person("clara").user_permissions.add(*fulfils)
    client_of(BOB).post(url(order, "mark-paid"))
    client_of(BOB).post(url(order, "cancel"))
    assert client_of(CLARA).post(url(order, "mark-refunded")).status_code == 403
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_staff_move_an_order_along(order: Order, variant: Variant) -> None:
    bob = client_of(BOB)
    statuses = [bob.post(url(order, move)).json()["status"] for move in ("accept", "ship", "deliver")]
    assert statuses == ["processing", "shipped", "delivered"]
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (98, 0)
    assert set(order.events.exclude(kind="placed").values_list("actor", flat=True)) == {"bob"}
    timeline = bob.get(url(order)).json()["timeline"]
    assert [event["to_status"] for event in timeline if event["kind"] != "shipment"] == [
        "pending",
        "processing",
        "shipped",
        "delivered",
    ]
    assert not any("bob" in str(event) for event in timeline)


@pytest.mark.parametrize("move", ["ship", "deliver", "mark-refunded"])
def test_an_illegal_move_is_a_conflict(move: str, order: Order) -> None:
    response = client_of(BOB).post(url(order, move))
    assert (response.status_code, response.json()["code"]) == (409, "illegal_move")
    assert untouched(order)


def test_a_token_that_is_none_is_refused_also_where_guests_may() -> None:
    client = client_of(GUEST)
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    for response in (post_order(client, {}), client.get(url(NOWHERE)), client.get("/api/v1/cart/")):
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
