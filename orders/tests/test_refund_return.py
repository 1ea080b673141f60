"""The money for what came back: exactly what was paid for it, once, and without touching the stock again."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import aftersales, refunds
from orders.errors import RefundNotPossible, ReturnNotPossible
from orders.models import Coupon, Order, OrderLine, Refund, Return
from orders.tests.placing import place
from orders.tests.returning import OTTO, accepted, ask, delivered, received, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(stock=10, price=1250)


def refund(back: Return, **options: int | bool) -> Return:
    return aftersales.refund_return(of_return=back, actor=OTTO, **options)  # type: ignore[arg-type]


def test_the_refund_is_the_pieces_share_and_the_stock_stays_as_it_is(mug: Variant) -> None:
    order = delivered((mug, 3))
    back = take_in(accepted(order, 2), (2, 1))
    movements = StockMovement.objects.count()

    back = refund(back)

    assert back.state == "refunded"
    assert back.refund is not None
    assert (back.refund.amount, back.refund.state, back.refund.requested_by) == (2500, "requested", "otto")
    assert list(back.refund.lines.values_list("quantity", "amount", "restock")) == [(2, 2500, False)]
    assert StockMovement.objects.count() == movements
    assert StockLevel.objects.get(variant=mug).on_hand == 8
    assert OrderLine.objects.get().returned == 2
    assert list(order.events.order_by("-pk").values_list("kind", "message")[:2]) == [
        ("return", "Return refunded"),
        ("refund", "Refund of €25.00 requested"),
    ]
    call_command("audit")

    refunds.mark_refunded(order=order, actor=OTTO)
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"
    call_command("audit")


def test_only_what_came_back_is_paid_for(mug: Variant) -> None:
    back = refund(take_in(accepted(delivered((mug, 3)), 3), (1, 0)))
    assert back.refund
    assert back.refund.amount == 1250


def test_piece_by_piece_the_discounted_price_is_given_back_to_the_cent() -> None:
    """€11.11 three times less €10.00 is €23.33, which three do not divide."""
    Coupon.objects.create(code="TEN", kind="amount", amount=1000)
    order = delivered((VariantFactory.create(stock=5, price=1111), 3), coupon="TEN")
    assert order.lines.get().total == 2333

    amounts = []
    for _ in range(3):
        back = refund(received(order, 1))
        assert back.refund
        amounts.append(back.refund.amount)
        refunds.mark_refunded(order=order, actor=OTTO)

    assert sum(amounts) == 2333
    assert max(amounts) - min(amounts) <= 1
    call_command("audit")


def test_the_shipping_may_be_given_back_too_and_less_than_all(mug: Variant) -> None:
    order = delivered((mug, 2))
    back = refund(received(order, 1), shipping=True)
    assert back.refund
    assert back.refund.amount == 1250 + 490
    with pytest.raises(RefundNotPossible, match="shipping"):
        refund(received(order, 1), shipping=True)
    with pytest.raises(RefundNotPossible, match="worth"):
        refund(Return.objects.get(state="received"), amount=1251)
    less = refund(Return.objects.get(state="received"), amount=1000)
    assert less.refund
    assert less.refund.amount == 1000
    call_command("audit")


@pytest.mark.parametrize("state", ["requested", "accepted", "refused", "refunded", "closed"])
def test_only_what_has_been_received_is_refunded_and_once(mug: Variant, state: str) -> None:
    order = delivered((mug, 2))
    back = ask(order, 1)
    if state in ("accepted", "refunded", "closed"):
        aftersales.accept_return(of_return=back, actor=OTTO)
    if state == "refunded":
        refund(take_in(back, (1, 1)))
    if state == "closed":
        aftersales.close_return(of_return=take_in(back, (1, 1)), answer="No.", actor=OTTO)
    if state == "refused":
        aftersales.refuse_return(of_return=back, answer="No.", actor=OTTO)
    count = Refund.objects.count()

    with pytest.raises(ReturnNotPossible):
        refund(back)

    assert Refund.objects.count() == count
    assert Return.objects.get().state == state


def test_what_was_never_paid_is_not_refunded(mug: Variant) -> None:
    order = delivered((mug, 1), paid=False, payment_method="pay_on_delivery")
    back = received(order, 1)
    with pytest.raises(RefundNotPossible):
        refund(back)
    assert Return.objects.get().state == "received"
    assert not Return.objects.to_refund().exists()
    assert aftersales.close_return(of_return=back, answer="Nothing was paid.", actor=OTTO).state == "closed"
    call_command("audit")


def test_what_was_given_back_already_is_not_given_back_again(mug: Variant) -> None:
    order = delivered((mug, 2))
    line = order.lines.get()
    refunds.request_refund(order=order, terms=refunds.RefundTerms(pieces={line.pk: 2}), actor=OTTO)
    back = received(order, 1)
    assert Return.objects.to_refund().exists()
    with pytest.raises(RefundNotPossible):
        refund(back)
    assert Return.objects.get().state == "received"
    aftersales.close_return(of_return=back, answer="Your money was returned before.", actor=OTTO)
    assert not Return.objects.to_refund().exists()
    call_command("audit")


def test_other_orders_are_untouched(mug: Variant) -> None:
    other = place((mug, 1))
    refund(received(delivered((mug, 1)), 1))
    assert Order.objects.get(pk=other.pk).payment_status == "unpaid"
