"""Sending something back on the order's page. Alice owns it, Charlie is a stranger, a guest has a signed link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.tests.factories import VariantFactory
from orders import aftersales
from orders.access import guest_token
from orders.models import Order, Return
from orders.tests.placing import place
from orders.tests.returning import OTTO, accepted, ask, delivered, received, take_in
from orders.tests.shopping import client_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def hers(alice: User) -> Order:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250, stock=10)
    return delivered((mug, 3), (VariantFactory.create(product__name="Oak tray"), 1), customer=alice)


@pytest.fixture
def a_guests() -> Order:
    return delivered((VariantFactory.create(product__name="Oak bowl"), 2))


def page(order: Order, name: str = "detail", *, signed: bool = False) -> str:
    if signed:
        return reverse(f"orders:guest-{name}", args=[order.number, guest_token(order.number)])
    return reverse(f"orders:{name}", args=[order.number])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def choice(order: Order, *quantities: int, **fields: str) -> dict[str, Any]:
    """What the form sends for the order's lines, in their order."""
    lines = order.lines.values_list("pk", flat=True)
    return {f"line-{pk}": quantity for pk, quantity in zip(lines, quantities, strict=False)} | fields


def test_a_customer_asks_and_reads_what_comes_next(alice: User, hers: Order) -> None:
    client = client_of(alice)
    shown = text_of(client.get(page(hers)))
    assert "Send something back" in shown
    assert page(hers, "send-back") in shown

    form = text_of(client.get(page(hers, "send-back")))
    assert "Speckled mug" in form
    assert '<option value="3">' in form
    assert '<option value="4">' not in form

    answer = client.post(page(hers, "send-back"), choice(hers, 2, 0, reason="Too small"), follow=True)

    back = Return.objects.get()
    assert (back.state, back.reason, back.order) == ("requested", "Too small", hers)
    assert [(part.line.title, part.quantity) for part in back.lines.all()] == [("Speckled mug", 2)]
    shown = text_of(answer)
    for part in ("Requested", "2 × Speckled mug", "Please send nothing before that", "Return requested: 2 pieces"):
        assert part in shown
    assert f'href="{page(hers, "send-back")}"' not in shown
    assert hers.events.latest("pk").actor == "alice"


def test_a_guest_does_the_same_through_the_link(client: Client, a_guests: Order) -> None:
    assert page(a_guests, "send-back", signed=True) in text_of(client.get(page(a_guests, signed=True)))
    form = client.get(page(a_guests, "send-back", signed=True))
    assert form["Referrer-Policy"] == "same-origin"
    assert "no-store" in form["Cache-Control"]

    client.post(page(a_guests, "send-back", signed=True), choice(a_guests, 1))
    assert Return.objects.get().state == "requested"
    assert "Yes, withdraw it" in text_of(client.get(page(a_guests, "send-back-withdraw", signed=True)))
    shown = client.post(page(a_guests, "send-back-withdraw", signed=True), follow=True)
    assert "The return is withdrawn." in text_of(shown)
    assert "Withdrawn" in text_of(shown)
    assert Return.objects.get().state == "withdrawn"


def test_each_state_says_what_to_do_next(alice: User, hers: Order, settings: Any) -> None:
    settings.SHOP_RETURN_ADDRESS = "Juniper & Clay\nGoods in"
    client = client_of(alice)
    back = accepted(hers, 2)
    shown = text_of(client.get(page(hers)))
    for part in ("Accepted", "Juniper &amp; Clay<br>Goods in", "with a slip of paper"):
        assert part in shown
    assert page(hers, "send-back-withdraw") not in shown

    take_in(back, (1, 0))
    shown = text_of(client.get(page(hers)))
    for part in ("Received", "1 of 2 × Speckled mug", "We return your money next", page(hers, "send-back")):
        assert part in shown
    assert "written off" not in shown

    aftersales.close_return(of_return=back, answer="You have a <voucher>.", actor=OTTO)
    shown = text_of(client.get(page(hers)))
    for part in ("Closed", "1 of 2 × Speckled mug", "You have a &lt;voucher&gt;.", "is settled"):
        assert part in shown
    assert "We return your money" not in shown

    refused = ask(hers, 0, 1)
    aftersales.refuse_return(of_return=refused, answer="It was <b>used</b>.", actor=OTTO)
    shown = text_of(client.get(page(hers)))
    assert "It was &lt;b&gt;used&lt;/b&gt;." in shown
    assert "Refused" in shown


def test_after_the_last_day_it_says_until_when_it_was_possible(alice: User, hers: Order, settings: Any) -> None:
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=settings.SHOP_RETURN_DAYS + 1))
    client = client_of(alice)
    shown = text_of(client.get(page(hers)))
    assert "Sending things back was possible until" in shown
    assert page(hers, "send-back") not in shown
    assert client.get(page(hers, "send-back"))["Location"] == page(hers)
    assert "A return was possible until" in text_of(client.post(page(hers, "send-back"), choice(hers, 1), follow=True))
    assert not Return.objects.exists()


def test_before_delivery_nothing_is_said_of_it(alice: User) -> None:
    order = place((VariantFactory.create(), 1), customer=alice)
    client = client_of(alice)
    assert "Sending back" not in text_of(client.get(page(order)))
    assert client.get(page(order, "send-back"))["Location"] == page(order)
    assert client.get(page(order, "send-back-withdraw"))["Location"] == page(order)


@pytest.mark.parametrize("wanted", [{}, {"line": 4}, {"line": -1}, {"line": "x"}, {"line": "²"}, {"reason": "x" * 501}])
def test_what_cannot_be_is_told_on_the_form(alice: User, hers: Order, wanted: dict[str, Any]) -> None:
    line = hers.lines.first()
    assert line
    sent = {f"line-{line.pk}" if name == "line" else name: value for name, value in wanted.items()}
    answer = client_of(alice).post(page(hers, "send-back"), sent or {"csrf": ""})
    assert answer.status_code == 422
    assert "errorlist" in text_of(answer)
    assert not Return.objects.exists()


def test_the_second_tab_is_told_that_one_is_under_way(alice: User, hers: Order) -> None:
    client = client_of(alice)
    for _ in range(2):
        answer = client.post(page(hers, "send-back"), choice(hers, 1), follow=True)
    assert "There is a return of this order already" in text_of(answer)
    assert Return.objects.count() == 1


def test_what_is_back_already_cannot_be_chosen(alice: User, hers: Order) -> None:
    received(hers, 2)
    form = text_of(client_of(alice).get(page(hers, "send-back")))
    assert '<option value="1">' in form
    assert '<option value="2">' not in form


def test_strangers_find_nothing(hers: Order, a_guests: Order) -> None:
    back = ask(hers, 1)
    charlie = client_of(person("charlie"))
    for name in ("send-back", "send-back-withdraw"):
        for order in (hers, a_guests):
            assert charlie.get(page(order, name)).status_code == 404
            assert charlie.post(page(order, name), choice(order, 1)).status_code == 404
            forged = reverse(f"orders:guest-{name}", args=[order.number, guest_token("22222-22222")])
            assert Client().get(forged).status_code == 404
            assert Client().post(forged, choice(order, 1)).status_code == 404
        assert Client().get(page(hers, name))["Location"].startswith(reverse("account_login"))
    back.refresh_from_db()
    assert back.state == "requested"
    assert Return.objects.count() == 1


def test_forms_of_other_sites_are_refused(alice: User, hers: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(page(hers, "send-back"), choice(hers, 1)).status_code == 403
    assert not Return.objects.exists()


def test_the_pages_cost_the_same_for_one_line_and_for_twenty(alice: User, django_assert_max_num_queries: Any) -> None:
    order = delivered(*((VariantFactory.create(), 1) for _ in range(20)), customer=alice)
    received(order, *[1] * 10)
    client = client_of(alice)
    with django_assert_max_num_queries(15):
        client.get(page(order))
    with django_assert_max_num_queries(10):
        client.get(page(order, "send-back"))
