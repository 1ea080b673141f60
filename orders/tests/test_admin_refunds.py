"""The staff's pages about money: the refund form, the list of refunds, the providers' messages."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.models import Order, Payment, ProviderEvent, Refund
from orders.payments.flagging import flag
from orders.payments.refunding import fail
from orders.refunds import RefundTerms, request_refund
from orders.settlement import settle
from orders.tests.paying import broken_rules, card_order, payment_of
from orders.tests.placing import place
from orders.tests.test_admin import browser_of, person
from shop.testing.provider import Double

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Client:
    return browser_of(person("bob", "Order staff"))


@pytest.fixture
def order() -> Order:
    mug = VariantFactory.create(product__name="Speckled mug", stock=5, price=1000)
    return lifecycle.mark_paid(order=place((mug, 3)), actor=staff("otto"))


def page(order: Order, name: str = "refund") -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def text_of(response: Any) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def hidden(response: Any) -> dict[str, str]:
    """What the page's form sends along by itself."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def filled(client: Client, order: Order, **fields: Any) -> dict[str, Any]:
    """The form as it is shown, with some of it filled in."""
    line = order.lines.get().pk
    named = {name.replace("LINE", str(line)): value for name, value in fields.items()}
    return {f"pieces_{line}": 0} | hidden(client.get(page(order))) | named


def test_first_it_is_shown_then_it_is_done(bob: Client, order: Order) -> None:
    form = filled(bob, order, pieces_LINE=2, restock_LINE="on", shipping="on", reason="Wrong colour")

    shown = bob.post(page(order), form)

    assert not Refund.objects.exists()
    told = text_of(shown)
    assert "€24.90" in told
    assert "2 × Speckled mug: €20.00, to be sold again" in told
    assert "is to be given back by you, by bank transfer" in told

    done = bob.post(page(order), hidden(shown), follow=True)

    refund = Refund.objects.get()
    assert (refund.amount, refund.shipping, refund.reason, refund.requested_by) == (2490, 490, "Wrong colour", "bob")
    assert "€24.90 is to be given back by you" in text_of(done)
    assert StockLevel.objects.get().reserved == 1
    assert broken_rules() == []


def test_two_clicks_are_one_refund(bob: Client, order: Order) -> None:
    agreed = hidden(bob.post(page(order), filled(bob, order, amount="5,00")))
    for _ in range(2):
        assert bob.post(page(order), agreed).status_code == 302
    assert Payment.objects.get().refund_committed == 500


def test_another_amount_than_was_shown_is_shown_again(bob: Client, order: Order) -> None:
    agreed = hidden(bob.post(page(order), filled(bob, order, pieces_LINE=1)))
    answer = bob.post(page(order), agreed | {"agreed": "1"})
    assert "Give €10.00 back" in text_of(answer)
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose what to give back"),
        ({"pieces_LINE": 4}, "less than or equal to 3"),
        ({"pieces_LINE": -1}, "greater than or equal to 0"),
        ({"pieces_LINE": "x"}, "Enter a whole number"),
        ({"amount": "34.91"}, "At most €34.90"),
        ({"amount": "-1"}, "This is not an amount"),
        ({"pieces_LINE": 1, "amount": "10.01"}, "worth 10.00 EUR"),
        ({"amount": "1", "reason": "x" * 201}, "at most 200 characters"),
        ({"amount": "1", "key": "no-key"}, "valid UUID"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    bob: Client, order: Order, fields: dict[str, Any], said: str
) -> None:
    answer = bob.post(page(order), filled(bob, order, **fields))
    assert answer.status_code == 422
    if "UUID" not in said:
        assert said in text_of(answer)
    assert not Refund.objects.exists()


def test_what_was_given_back_is_not_offered_again(bob: Client, order: Order) -> None:
    line = order.lines.get().pk
    request_refund(order=order, terms=RefundTerms({line: 2}, shipping=True), actor=staff("bob"))
    shown = bob.get(page(order))
    assert "€10.00 can still be given back" in text_of(shown)
    assert 'name="shipping"' not in shown.content.decode()
    answer = bob.post(page(order), filled(bob, order, pieces_LINE=2))
    assert "less than or equal to 1" in text_of(answer)


def test_an_unpaid_order_has_no_such_page(bob: Client) -> None:
    order = place((VariantFactory.create(stock=5), 1))
    assert bob.get(page(order)).status_code == 403
    assert page(order) not in bob.get(page(order, "change")).content.decode()


def test_only_staff_who_refund(bob: Client, order: Order) -> None:
    refund = request_refund(order=order, terms=RefundTerms(amount=1), actor=staff("bob"))
    pages = [page(order), *(reverse(f"admin:orders_refund_{name}", args=[refund.pk]) for name in ("retry", "confirm"))]
    for name, group in (("clara", "Catalog staff"), ("mona", "Managers")):
        client = browser_of(person(name, group))
        assert {client.get(url).status_code for url in pages} <= {403, 404, 302}
        for url in pages:
            client.post(url)
    assert Refund.objects.get().state == "requested"
    assert browser_of(person("alice")).get(pages[0]).status_code == 302


def test_the_order_shows_its_refunds_and_the_way_to_each(bob: Client, order: Order) -> None:
    refund = request_refund(order=order, terms=RefundTerms(amount=500, reason="Scratch"), actor=staff("bob"))
    shown = bob.get(page(order, "change"))
    assert "Scratch" in text_of(shown)
    assert reverse("admin:orders_refund_change", args=[refund.pk]) in shown.content.decode()


def test_money_sent_by_hand_is_confirmed(bob: Client, order: Order) -> None:
    refund = request_refund(order=order, terms=RefundTerms(amount=order.total), actor=staff("bob"))
    detail = reverse("admin:orders_refund_change", args=[refund.pk])
    confirm = reverse("admin:orders_refund_confirm", args=[refund.pk])
    assert confirm in bob.get(detail).content.decode()
    assert "by hand" in text_of(bob.get(confirm))
    assert Refund.objects.get().state == "requested"

    assert "Done." in text_of(bob.post(confirm, follow=True))

    order.refresh_from_db()
    assert (Refund.objects.get().state, order.payment_status) == ("succeeded", "refunded")
    assert confirm not in bob.get(detail).content.decode()
    assert bob.post(confirm).status_code == 403


def test_a_refund_that_failed_is_found_and_tried_again(bob: Client, stripe_double: Double) -> None:
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    refund = request_refund(order=order, terms=RefundTerms(amount=500), actor=staff("bob"))
    refund.payment = payment_of(order)
    fail(refund, "The account is closed.")
    listed = text_of(bob.get(reverse("admin:orders_refund_changelist") + "?state__exact=failed"))
    assert "The account is closed." in listed
    retry = reverse("admin:orders_refund_retry", args=[refund.pk])

    bob.post(retry)

    assert Refund.objects.get().state == "requested"
    assert bob.post(retry).status_code == 403


def test_authorized_money_is_taken_from_the_orders_page(bob: Client, stripe_double: Double, settings: Any) -> None:
    settings.STRIPE_CAPTURE = "manual"
    order = card_order()
    stripe_double.ledger.pay(payment_of(order).reference)
    settle(payment_id=payment_of(order).pk)
    assert page(order, "take_money") in bob.get(page(order, "change")).content.decode()

    bob.post(page(order, "take_money"))

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert bob.get(page(order, "take_money")).status_code == 403


# --- the providers' messages


@pytest.fixture
def flagged(order: Order) -> ProviderEvent:
    flag(Payment.objects.get(), "The provider took 0.01 EUR, not the whole amount.")
    return ProviderEvent.objects.get()


def test_what_was_flagged_is_found_and_looked_at(bob: Client, flagged: ProviderEvent) -> None:
    listed = bob.get(reverse("admin:orders_providerevent_changelist") + "?outcome__exact=flagged")
    assert "not the whole amount" in text_of(listed)
    detail = text_of(bob.get(reverse("admin:orders_providerevent_change", args=[flagged.pk])))
    assert flagged.order_number in detail
    step = reverse("admin:orders_providerevent_looked_at", args=[flagged.pk])
    assert bob.get(step).status_code == 200

    bob.post(step)

    assert ProviderEvent.objects.get().outcome == "reviewed"
    assert bob.get(step).status_code == 403


def test_many_are_looked_at_at_once(bob: Client, flagged: ProviderEvent) -> None:
    chosen = {"action": "look_at_all", "_selected_action": [flagged.pk]}
    answer = bob.post(reverse("admin:orders_providerevent_changelist"), chosen, follow=True)
    assert "1 looked at" in text_of(answer)


def test_nobody_types_over_messages_and_refunds(bob: Client, flagged: ProviderEvent, order: Order) -> None:
    refund = request_refund(order=order, terms=RefundTerms(amount=1), actor=staff("bob"))
    for model, pk in (("providerevent", flagged.pk), ("refund", refund.pk)):
        assert bob.get(reverse(f"admin:orders_{model}_add")).status_code == 403
        assert bob.post(reverse(f"admin:orders_{model}_delete", args=[pk])).status_code == 403
        bob.post(reverse(f"admin:orders_{model}_change", args=[pk]), {"state": "succeeded", "outcome": "applied"})
    assert (Refund.objects.get().state, ProviderEvent.objects.get().outcome) == ("requested", "flagged")


def test_the_start_page_counts_what_waits(bob: Client, flagged: ProviderEvent, order: Order) -> None:
    request_refund(order=order, terms=RefundTerms(amount=1), actor=staff("bob"))
    start = text_of(bob.get(reverse("admin:index")))
    assert "1 refunds are to be given back by hand" in start
    assert "1 messages about payments are to be looked at" in start
