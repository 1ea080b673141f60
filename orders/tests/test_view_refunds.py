"""What the page of an order, and the API's timeline, say of money that goes back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.timezone import localtime

from accounts.models import User
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.documents import issue_credit_note, issue_invoice
from orders.models import Order, OrderEvent, Refund
from orders.refunds import RefundTerms, confirm_refund, request_refund
from orders.tests.api.people import client_of as api_client_of
from orders.tests.placing import place
from orders.tests.shopping import client_of, person

pytestmark = pytest.mark.django_db
BOB = staff("bob")


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def paid(alice: User) -> Order:
    order = place((VariantFactory.create(stock=5, price=1000), 2), customer=alice)
    lifecycle.mark_paid(order=order, actor=BOB)
    issue_invoice(order_id=order.pk)
    return order


def refund(order: Order, amount: int) -> Refund:
    return request_refund(order=order, terms=RefundTerms(amount=amount), actor=BOB)


def card(response: Any) -> str:
    """The text of the section about refunds; empty when there is none."""
    section = re.search(r'<section[^>]+"order-refunds">.*?</section>', response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", section[0]).split()) if section else ""


def page(order: Order) -> str:
    return reverse("orders:detail", args=[order.number])


def test_without_refunds_there_is_no_word_of_any(alice: User, paid: Order) -> None:
    assert card(client_of(alice).get(page(paid))) == ""


def test_each_refund_has_amount_state_date_and_credit_note(alice: User, paid: Order) -> None:
    arrived, waiting = refund(paid, 500), refund(paid, 250)
    confirm_refund(refund=arrived, actor=BOB)
    note = issue_credit_note(refund_id=arrived.pk)
    assert note is not None

    response = client_of(alice).get(page(paid))

    shown = card(response)
    today = date_format(localtime(waiting.created_at), "j F Y")
    assert shown.startswith(f"Your refunds €5.00 Returned to you Returned {today} · Credit note {note.number}")
    assert f"€2.50 On its way to you Begun {today} It goes the way you paid." in shown
    assert reverse("orders:document", args=[paid.number, note.number]) in response.content.decode()


def test_a_guest_downloads_the_credit_note_by_the_signed_link() -> None:
    order = place((VariantFactory.create(stock=5, price=1000), 2))
    lifecycle.mark_paid(order=order, actor=BOB)
    confirm_refund(refund=refund(order, 500), actor=BOB)
    note = issue_credit_note(refund_id=Refund.objects.get().pk)
    assert note is not None
    token = guest_token(order.number)
    response = Client().get(reverse("orders:guest-detail", args=[order.number, token]))
    assert reverse("orders:guest-document", args=[order.number, token, note.number]) in response.content.decode()


def test_a_refund_that_failed_is_no_riddle_for_the_customer(alice: User, paid: Order) -> None:
    failed = refund(paid, 500)
    Refund.objects.filter(pk=failed.pk).update(state="failed", failure="expired_or_canceled_card")
    shown = card(client_of(alice).get(page(paid)))
    assert "€5.00 Delayed: we are seeing to it" in shown
    assert "You need not do anything" in shown
    assert "expired_or_canceled_card" not in shown


def test_many_refunds_cost_what_one_costs(alice: User, paid: Order, django_assert_num_queries: Any) -> None:
    client = client_of(alice)
    refund(paid, 100)
    client.get(page(paid))
    with django_assert_num_queries(12):
        client.get(page(paid))
    for _ in range(9):
        refund(paid, 100)
    with django_assert_num_queries(12):
        client.get(page(paid))


RAW = (
    ("payment", "Payment authorized", "Your payment is reserved"),
    ("payment", "€5.00 returned", "€5.00 returned to you"),
    ("payment", "Paid twice: what came second goes back", "You paid twice: the second payment goes back to you"),
    ("refund", "Refund requested", "We are returning your payment"),
    ("refund", "Refund of €5.00 requested", "We are returning €5.00"),
    ("refund", "Refund sent", "Your refund is on its way"),
    ("refund", "Refund failed", None),
    ("refund", "Refund of €5.00 tried again", None),
    ("email", "E-mail sent: refunded-7", None),
    ("document", "Invoice INV-000001 issued", "Invoice INV-000001 issued"),
)


@pytest.fixture
def eventful(paid: Order) -> Order:
    for kind, message, _ in RAW:
        OrderEvent.objects.create(order=paid, kind=kind, message=message, actor_kind="staff", actor="otto")
    return paid


def timeline(who: str | None, order: Order, **headers: str) -> list[str]:
    shown = api_client_of(who, **headers).get(f"/api/v1/orders/{order.number}/").json()
    return [event["message"] for event in shown["timeline"]][-len(RAW) :]


def test_over_the_api_customers_read_plain_words_and_only_what_concerns_them(eventful: Order) -> None:
    told = timeline("alice", eventful)
    assert told[-7:] == [words for _, _, words in RAW if words]
    assert not {"Refund failed", "Refund of €5.00 tried again", "E-mail sent: refunded-7"} & {*told}


def test_over_the_api_staff_read_all_as_it_was_written(eventful: Order) -> None:
    assert timeline("bob", eventful) == [message for _, message, _ in RAW]


def test_a_guest_reads_what_a_customer_reads() -> None:
    order = place((VariantFactory.create(stock=5), 1))
    for message in ("Refund failed", "Refund requested"):
        OrderEvent.objects.create(order=order, kind="refund", message=message, actor_kind="shop", actor="shop")
    told = timeline(None, order, **{"X-Order-Token": guest_token(order.number)})
    assert told == ["Order placed", "We are returning your payment"]
    # Also when it is a member of staff who holds the guest's link.
    assert timeline("bob", order, **{"X-Order-Token": guest_token(order.number)}) == told


def test_the_page_speaks_the_same_words(alice: User, eventful: Order) -> None:
    shown = client_of(alice).get(page(eventful)).content.decode()
    assert "Your refund is on its way" in shown
    assert "Refund failed" not in shown
    assert "E-mail sent" not in shown
