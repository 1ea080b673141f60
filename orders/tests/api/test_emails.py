"""Sending an order's e-mails again through the API: Alice owns the order, Bob is order staff, Charlie a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.tests.factories import VariantFactory
from orders import emails
from orders.access import guest_token
from orders.models import Order
from orders.tests.api.people import ORDERS, client_of, person
from orders.tests.placing import place

pytestmark = pytest.mark.django_db
JSON: dict[str, Any] = {"format": "json"}


@pytest.fixture
def order() -> Order:
    """Alice's, confirmed by e-mail."""
    order = place((VariantFactory.create(stock=5), 2), customer=person("alice"))
    emails.send(order_id=order.pk, message="confirmation")
    return order


def url(order: Order) -> str:
    return f"{ORDERS}{order.number}/emails/"


def asked_for() -> list[int]:
    """The copies beyond the first that are on their way."""
    return list(ProcrastinateJob.objects.filter(args__copy__gt=1).order_by("pk").values_list("args__copy", flat=True))


def test_staff_see_what_was_sent_and_send_it_again(order: Order) -> None:
    bob = client_of("bob")
    assert bob.get(url(order)).json() == [{"name": "confirmation", "copies": 1}]

    answer = bob.post(url(order), {"name": "confirmation"}, **JSON)

    assert (answer.status_code, answer.json()) == (202, {"name": "confirmation", "copies": 2})
    assert bob.get(url(order)).json() == [answer.json()]
    job = ProcrastinateJob.objects.latest("pk")
    assert job.args == {"order_id": order.pk, "message": "confirmation", "copy": 2}
    assert (order.events.latest("pk").actor_kind, order.events.latest("pk").actor) == ("staff", "bob")


def test_one_copy_is_sent_once(order: Order) -> None:
    answers = [client_of("bob").post(url(order), {"name": "confirmation", "copy": 2}, **JSON) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert asked_for() == [2]


def test_one_key_is_one_copy(order: Order) -> None:
    bob, key = client_of("bob"), {"Idempotency-Key": "again"}
    first, second = (bob.post(url(order), {"name": "confirmation"}, headers=key, **JSON) for _ in range(2))
    assert (second.status_code, second.content, second["Idempotent-Replayed"]) == (202, first.content, "true")
    assert bob.post(url(order), {"name": "shipped-1"}, headers=key, **JSON).status_code == 422
    assert asked_for() == [2]


@pytest.mark.parametrize(
    "body", [{"name": "cancelled"}, {"name": "nonsense"}, {"name": "shipped-1"}, {"name": "confirmation", "copy": 3}]
)
def test_what_was_not_sent_is_not_sent_again(order: Order, body: Any) -> None:
    answer = client_of("bob").post(url(order), body, **JSON)
    assert (answer.status_code, answer.json()["code"]) == (409, "edit_not_possible")
    assert asked_for() == []


@pytest.mark.parametrize(
    "body",
    [{}, [], {"name": ""}, {"name": 1}, {"name": "x" * 61}, {"name": "a\0b"}]
    + [{"name": "confirmation", "copy": copy} for copy in (0, -1, 1.5, True, "2", None, 10**6, 2**63)],
)
def test_nonsense_is_refused(order: Order, body: Any) -> None:
    assert client_of("bob").post(url(order), body, **JSON).status_code == 400
    assert asked_for() == []


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("alice", 403), ("charlie", 404), ("clara", 404), ("mona", 404)]
)
def test_only_staff_who_change_orders(order: Order, who: str | None, status: int) -> None:
    client = client_of(who)
    answers = [client.get(url(order)), client.post(url(order), {"name": "confirmation"}, **JSON)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert asked_for() == []


def test_who_may_only_look_or_holds_a_guests_link_sends_nothing(order: Order) -> None:
    person("clara").user_permissions.add(Permission.objects.get(codename="view_order"))
    assert client_of("clara").post(url(order), {"name": "confirmation"}, **JSON).status_code == 403
    guest = client_of(None, **{"X-Order-Token": guest_token(order.number)})
    assert guest.post(url(order), {"name": "confirmation"}, **JSON).status_code == 401
    assert asked_for() == []


def test_too_many_have_to_wait(order: Order, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"orders": "1/hour"}
    cache.clear()
    bob = client_of("bob")
    answers = [bob.post(url(order), {"name": "confirmation"}, REMOTE_ADDR="192.0.2.9", **JSON) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]
    assert asked_for() == [2]
    assert bob.get(url(order), REMOTE_ADDR="192.0.2.9").status_code == 200
