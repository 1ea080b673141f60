"""Returns in the admin. Bob is order staff, Alice a customer, Clara keeps the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders.models import Order, Refund, Return
from orders.tests.api.people import person
from orders.tests.returning import accepted, ask, delivered, received
from orders.tests.shopping import client_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:orders_return_changelist")
STEPS = ["accept", "refuse", "receive", "refund", "close"]


@pytest.fixture
def bob() -> Client:
    return client_of(person("bob"))


@pytest.fixture
def order() -> Order:
    return delivered((VariantFactory.create(stock=10, price=1250, product__name="Mug"), 3), customer=person("alice"))


def page(back: Return, name: str = "change") -> str:
    return reverse(f"admin:orders_return_{name}", args=[back.pk])


def numbers(order: Order, came: Any, restocked: Any) -> dict[str, Any]:
    line = order.lines.get().pk
    return {f"received-{line}": came, f"restocked-{line}": restocked}


def test_staff_see_what_waits_in_a_constant_number_of_queries(
    bob: Client, order: Order, django_assert_max_num_queries: Any
) -> None:
    ask(order, 2, reason="Too <b>small</b>")
    for _ in range(5):
        ask(delivered((VariantFactory.create(stock=5), 2)), 1)
    with django_assert_max_num_queries(12):
        shown = bob.get(LIST).content.decode()
    assert order.number in shown
    assert "Too &lt;b&gt;small&lt;/b&gt;" in shown
    assert order.number in bob.get(LIST, {"state__exact": "requested"}).content.decode()
    assert order.number not in bob.get(LIST, {"state__exact": "refunded"}).content.decode()
    assert order.number in bob.get(LIST, {"q": order.number}).content.decode()


def test_a_return_goes_all_the_way(bob: Client, order: Order) -> None:
    back = ask(order, 2)
    shown = bob.get(page(back)).content.decode()
    assert page(back, "accept") in shown
    assert page(back, "refuse") in shown
    assert page(back, "receive") not in shown
    assert page(back) in bob.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert bob.get(page(back, "accept")).status_code == 200
    assert Return.objects.get().state == "requested"

    assert bob.post(page(back, "accept"), {"answer": "Yes."}).status_code == 302
    assert "Mug" in bob.get(page(back, "receive")).content.decode()
    assert bob.post(page(back, "receive"), numbers(order, 2, 1)).status_code == 302
    assert bob.post(page(back, "refund"), {"amount": ""}).status_code == 302

    done = Return.objects.get()
    assert (done.state, done.answer) == ("refunded", "Yes.")
    assert Refund.objects.get().amount == 2500
    assert StockLevel.objects.get().on_hand == 8
    assert "€25.00, requested" in bob.get(page(back)).content.decode()
    assert set(order.events.filter(kind="return").values_list("actor", flat=True)) == {"guest", "bob"}
    call_command("audit")


def test_a_refusal_needs_an_answer(bob: Client, order: Order) -> None:
    back = ask(order, 2)
    assert bob.post(page(back, "refuse"), {"answer": " "}).status_code == 422
    assert bob.post(page(back, "refuse"), {"answer": "Engraved."}).status_code == 302
    assert Return.objects.get().state == "refused"


def test_what_is_not_refunded_is_closed_with_an_answer(bob: Client, order: Order) -> None:
    back = received(order, 2)
    assert page(back, "close") in bob.get(page(back)).content.decode()
    assert bob.get(page(back, "close")).status_code == 200
    assert bob.post(page(back, "close"), {"answer": " "}).status_code == 422
    assert Return.objects.get().state == "received"
    assert bob.post(page(back, "close"), {"answer": "It was worn."}).status_code == 302
    assert (Return.objects.get().state, Return.objects.get().answer) == ("closed", "It was worn.")
    assert order.events.latest("pk").actor == "bob"
    shown = bob.get(page(back)).content.decode()
    assert not any(page(back, step) in shown for step in STEPS)
    assert bob.post(page(back, "close"), {"answer": "Again."}).status_code == 403
    history = bob.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Return arrived: 2 pieces (2 restocked, 0 written off)" in history
    assert "Return closed: It was worn." in history


@pytest.mark.parametrize(("came", "restocked"), [(3, 3), (1, 2), (0, 0), (-1, 0), ("", ""), ("x", 1), (1, "1.5")])
def test_numbers_that_cannot_be_are_told_on_the_form(bob: Client, order: Order, came: Any, restocked: Any) -> None:
    back = accepted(order, 2)
    assert bob.post(page(back, "receive"), numbers(order, came, restocked)).status_code == 422
    assert Return.objects.get().state == "accepted"
    assert StockLevel.objects.get().on_hand == 7


def test_the_second_click_finds_it_done(bob: Client, order: Order) -> None:
    back = accepted(order, 2)
    assert bob.post(page(back, "receive"), numbers(order, 2, 2)).status_code == 302
    assert bob.post(page(back, "receive"), numbers(order, 2, 2)).status_code == 403
    assert StockLevel.objects.get().on_hand == 9


def test_a_refund_that_is_not_possible_is_told(bob: Client) -> None:
    order = delivered((VariantFactory.create(stock=5), 1), paid=False, payment_method="pay_on_delivery")
    back = received(order, 1)
    shown = bob.post(page(back, "refund"), {"amount": ""}, follow=True).content.decode()
    assert "Nothing has been paid" in shown
    assert Return.objects.get().state == "received"


def test_nothing_of_a_return_is_typed_over(bob: Client, order: Order) -> None:
    back = ask(order, 2)
    assert bob.post(page(back), {"state": "refunded"}).status_code == 403
    assert bob.post(page(back, "delete"), {"post": "yes"}).status_code == 403
    assert bob.get(reverse("admin:orders_return_add")).status_code == 403
    assert Return.objects.get().state == "requested"


@pytest.mark.parametrize("who", ["alice", "clara", "mona"])
def test_who_has_no_business_with_returns_does_not_get_in(order: Order, who: str) -> None:
    back = ask(order, 2)
    client = client_of(person(who))
    for url in (LIST, page(back), *(page(back, step) for step in STEPS)):
        assert client.get(url).status_code in (302, 403)
        assert client.post(url, {"answer": "x"}).status_code in (302, 403)
    assert Return.objects.get().state == "requested"


def test_staff_who_may_only_look_get_no_buttons(order: Order) -> None:
    back = ask(order, 2)
    dora = person("dora")
    dora.is_staff = True
    dora.save()
    dora.user_permissions.add(*Permission.objects.filter(codename__in=["view_return", "view_returnline"]))
    client = client_of(dora)
    assert "Accept" not in client.get(page(back)).content.decode()
    assert client.post(page(back, "accept"), {"answer": ""}).status_code == 403
    assert Return.objects.get().state == "requested"


def test_who_may_not_give_money_back_gets_no_button_for_it(order: Order) -> None:
    back = received(order, 2)
    dora = person("dora")
    dora.is_staff = True
    dora.save()
    dora.user_permissions.add(*Permission.objects.filter(codename__in=["view_return", "fulfil_order"]))
    assert client_of(dora).post(page(back, "refund"), {"amount": ""}).status_code == 403
    assert not Refund.objects.exists()
