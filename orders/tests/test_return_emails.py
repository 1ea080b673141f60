"""What customers are told by e-mail about sending things back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

from catalog.tests.factories import VariantFactory
from orders import aftersales, emails
from orders.models import Order, Return
from orders.tests.returning import OTTO, accepted, ask, delivered, take_in
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
MESSAGES = ["requested", "withdrawn", "accepted", "refused", "received", "closed"]


@pytest.fixture
def order() -> Order:
    return delivered((VariantFactory.create(stock=10, product__name="Speckled mug"), 3))


def texts(order: Order, message: str) -> tuple[str, str]:
    email = emails.compose(order, f"return-{message}", about=Return.objects.get().pk)
    assert email.to == [order.email]
    assert order.number in email.subject
    ((html, _),) = email.alternatives
    return str(email.body), str(html)


@pytest.mark.parametrize("message", MESSAGES)
def test_each_is_plain_whole_and_leads_to_the_order(order: Order, message: str, settings: Any) -> None:
    settings.SHOP_NAME = "O'Neil & Sons"
    aftersales.accept_return(of_return=ask(order, 2), answer="Well & good", actor=OTTO)
    body, html = texts(order, message)
    assert not re.search(r"\n{4,}", body)
    assert not re.search(r"[ \t]+$", body, re.MULTILINE)
    for text in (body, html):
        assert "{%" not in text
        assert "None" not in text
        assert order.number in text
        if message != "withdrawn":
            assert "Speckled mug" in text
    assert "O'Neil & Sons" in body
    assert "O&#x27;Neil &amp; Sons" in html


def test_the_accepted_one_says_where_to_send_it(order: Order, settings: Any) -> None:
    settings.SHOP_RETURN_ADDRESS = "Goods in\nTöpfergasse 12"
    aftersales.accept_return(of_return=ask(order, 2), answer="Use <our> label.", actor=OTTO)
    body, html = texts(order, "accepted")
    assert "Goods in\nTöpfergasse 12" in body
    assert "Goods in<br>Töpfergasse 12" in html
    assert "Use <our> label." in body
    assert "Use &lt;our&gt; label." in html


def test_the_received_one_says_how_much_came_and_what_follows(order: Order) -> None:
    take_in(accepted(order, 2), (1, 0))
    order.refresh_from_db()
    for text in texts(order, "received"):
        assert "1 of 2" in text
        assert "We return your money next" in text


def test_the_closed_one_says_why_and_promises_nothing(order: Order) -> None:
    back = take_in(accepted(order, 2), (1, 0))
    aftersales.close_return(of_return=back, answer="It went back <before>.", actor=OTTO)
    body, html = texts(order, "closed")
    assert "It went back <before>." in body
    assert "It went back &lt;before&gt;." in html
    for text in (body, html):
        assert "1 of 2" in text
        assert "We return your money" not in text


def test_nobody_promises_money_that_was_never_paid() -> None:
    order = delivered((VariantFactory.create(stock=10), 3), paid=False, payment_method="pay_on_delivery")
    take_in(accepted(order, 2), (2, 2))
    for text in texts(order, "received"):
        assert "money" not in text


@pytest.mark.django_db(transaction=True)
def test_every_step_arrives_once() -> None:
    order = delivered((VariantFactory.create(stock=10), 3))
    back = accepted(order, 2)
    aftersales.refuse_return(of_return=back, answer="Nothing came.", actor=OTTO)
    work_off_the_queue()
    work_off_the_queue()
    subjects = [email.subject for email in mail.outbox if "return" in email.subject]
    assert sorted(subjects) == [
        f"Your return of order {order.number}",
        f"Your return of order {order.number}: please send it to us",
        f"Your return of order {order.number}: we have your request",
    ]
