"""The pretend provider's page: what it offers, what it tells the shop, and that it is nowhere but in development."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import PretendPayment, ProviderEvent
from orders.payments.pretend import books
from orders.payments.pretend.books import Act
from orders.payments.tests.asking import RETURN_URL, payment_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment() -> PretendPayment:
    return books.open_payment(payment_request())


def address(payment: PretendPayment) -> str:
    return reverse("orders:pretend-pay", args=[payment.reference])


def buttons(client: Client, payment: PretendPayment) -> list[str]:
    return re.findall(r'name="act" value="(\w+)"', client.get(address(payment)).content.decode())


def press(client: Client, payment: PretendPayment, act: str) -> Any:
    return client.post(address(payment), {"act": act})


def told() -> list[str]:
    return [*ProviderEvent.objects.order_by("pk").values_list("kind", flat=True)]


def test_the_page_shows_order_and_amount_and_asks_for_no_card(client: Client, payment: PretendPayment) -> None:
    response = client.get(address(payment))
    page = response.content.decode()
    assert "Pay €12.50" in page
    assert "Order A-1." in page
    assert re.findall(r"<(?:input|select|textarea)[^>]*name=\"(\w+)\"", page) == ["csrfmiddlewaretoken"]
    assert "<script" not in page
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_an_open_payment_can_end_in_every_way(client: Client, payment: PretendPayment) -> None:
    assert buttons(client, payment) == ["approve", "decline", "abandon", "authorize", "approve_twice", "approve_late"]


@pytest.mark.parametrize(
    ("act", "state", "messages"),
    [
        (Act.APPROVE, "captured", ["payment.captured"]),
        (Act.DECLINE, "declined", ["payment.declined"]),
        (Act.ABANDON, "open", []),
        (Act.AUTHORIZE, "authorized", ["payment.authorized"]),
        (Act.APPROVE_TWICE, "captured", ["payment.captured", "payment.captured"]),
        (Act.APPROVE_LATE, "open", []),
    ],
)
def test_each_ending_is_written_down_told_to_the_shop_and_leads_back_to_it(
    client: Client, payment: PretendPayment, act: Act, state: str, messages: list[str]
) -> None:
    """Saying so twice is one message delivered twice, which is stored once, and another one that says the same."""
    response = press(client, payment, act)
    payment.refresh_from_db()
    assert (response.status_code, response["Location"], payment.state) == (302, RETURN_URL, state)
    assert told() == messages


def test_late_money_is_told_of_when_it_arrives(client: Client, payment: PretendPayment) -> None:
    press(client, payment, "approve_late")
    books.cancel(payment.reference)
    assert buttons(client, payment) == ["arrive"]
    press(client, payment, "arrive")
    assert told() == ["payment.captured"]
    assert buttons(client, payment) == []
    assert "This payment is <strong>paid</strong>" in client.get(address(payment)).content.decode()


@pytest.mark.parametrize("act", ["approve", "arrive", "nonsense", ""])
def test_what_is_not_offered_changes_nothing_and_tells_nobody(
    client: Client, payment: PretendPayment, act: str
) -> None:
    press(client, payment, "decline")
    response = client.post(address(payment), {"act": act}, follow=True)
    assert "That is not possible any more." in response.content.decode()
    payment.refresh_from_db()
    assert (payment.state, told()) == ("declined", ["payment.declined"])


@pytest.mark.parametrize("reference", ["nobody", "pretend_", "x" * 200, "%00", "a%00b"])
def test_a_page_that_nobody_was_sent_to_is_not_there(client: Client, reference: str) -> None:
    assert client.get(f"/pretend-pay/{reference}/").status_code == 404
    assert client.post(f"/pretend-pay/{reference}/", {"act": "approve"}).status_code == 404


def test_outside_development_there_is_no_page(client: Client, payment: PretendPayment, settings: Any) -> None:
    settings.PRETEND_PAYMENTS = False
    assert client.get(address(payment)).status_code == 404
    assert press(client, payment, "approve").status_code == 404
    payment.refresh_from_db()
    assert (payment.state, told()) == ("open", [])


def test_another_site_cannot_press_its_buttons(payment: PretendPayment) -> None:
    assert press(Client(enforce_csrf_checks=True), payment, "approve").status_code == 403
    payment.refresh_from_db()
    assert payment.state == "open"
