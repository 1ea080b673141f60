"""Many buyers at the same moment, on real connections; each rule with a control that shows the fault without it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping

import pytest
from django.db import OperationalError, transaction
from django.db.models import F

from catalog.errors import OutOfStock
from catalog.inventory import stock
from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import cart as carts
from orders import checkout, pricing
from orders.errors import CartChanged
from orders.models import Order
from orders.tests.auditing import broken_rules
from orders.tests.placing import place
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def buy_at_once(buyers: int, variant: Variant) -> tuple[list[Order], list[Exception]]:
    outcomes = at_once(buyers, lambda _: place((variant, 1)))
    return (
        [outcome for outcome in outcomes if isinstance(outcome, Order)],
        [outcome for outcome in outcomes if isinstance(outcome, Exception)],
    )


def test_a_hundred_buyers_share_ten_pieces_and_ninety_are_told() -> None:
    variant = VariantFactory.create(stock=10)

    placed, refused = buy_at_once(100, variant)

    assert len(placed) == 10
    assert [type(error) for error in refused] == [OutOfStock] * 90
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (10, 10)
    assert Order.objects.count() == 10
    assert broken_rules() == []


def test_control_reading_and_writing_without_a_lock_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race with the guard off: everybody reads the stock before anybody writes it."""
    variant = VariantFactory.create(stock=1)
    everybody_has_read = threading.Barrier(8)

    def careless(demand: Mapping[int, int]) -> None:
        levels = {level.variant_id: level for level in StockLevel.objects.filter(variant_id__in=demand)}
        everybody_has_read.wait(20)
        for variant_id, wanted in demand.items():
            level = levels[variant_id]
            if level.available < wanted:
                raise OutOfStock([])
            level.reserved += wanted
            level.save(update_fields=["reserved"])

    monkeypatch.setattr(stock, "reserve", careless)
    placed, _ = buy_at_once(8, variant)

    assert len(placed) == 8  # of one piece
    assert any("reserved stock is what live orders" in rule for rule in broken_rules())


def test_two_products_bought_in_opposite_order_never_deadlock() -> None:
    left, right = VariantFactory.create(stock=25), VariantFactory.create(stock=25)

    def buy(number: int) -> Order:
        items = [(left, 1), (right, 1)]
        return place(*(items if number % 2 else items[::-1]))

    outcomes = at_once(40, buy)

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 25
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [OutOfStock] * 15
    assert broken_rules() == []


def test_control_locking_in_the_order_of_the_lines_deadlocks() -> None:
    """Without one order for all, two buyers each hold what the other waits for, and PostgreSQL ends one."""
    left, right = VariantFactory.create(stock=5), VariantFactory.create(stock=5)
    both_hold_one = threading.Barrier(2)

    def buy(first: Variant, second: Variant) -> None:
        with transaction.atomic():
            StockLevel.objects.filter(variant=first).update(reserved=F("reserved") + 1)
            both_hold_one.wait(20)
            StockLevel.objects.filter(variant=second).update(reserved=F("reserved") + 1)

    outcomes = run_parallel([lambda: buy(left, right), lambda: buy(right, left)])

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [OperationalError]


def test_one_key_twenty_times_at_once_is_one_order() -> None:
    variant = VariantFactory.create(stock=100)
    key = uuid.uuid4().hex

    outcomes = at_once(20, lambda _: place((variant, 2), key=key))

    assert {outcome.number for outcome in outcomes if isinstance(outcome, Order)} == {Order.objects.get().number}
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert StockLevel.objects.get(variant=variant).reserved == 2
    assert broken_rules() == []


def test_one_key_buys_the_last_piece_once_and_nobody_is_refused() -> None:
    variant = VariantFactory.create(stock=1)

    outcomes = at_once(8, lambda _: place((variant, 1), key="the-key-of-the-last-piece"))

    assert {getattr(outcome, "number", outcome) for outcome in outcomes} == {Order.objects.get().number}


def test_control_without_the_key_twenty_clicks_are_twenty_orders() -> None:
    variant = VariantFactory.create(stock=100)

    at_once(20, lambda _: place((variant, 2)))

    assert Order.objects.count() == 20


def test_one_cart_with_twenty_keys_becomes_one_order() -> None:
    variant = VariantFactory.create(stock=100)
    cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=3)

    outcomes = at_once(20, lambda number: place(cart=cart, key=f"key-{number}"))

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [CartChanged] * 19
    assert StockLevel.objects.get(variant=variant).reserved == 3
    assert broken_rules() == []


def test_a_cart_changed_while_it_is_ordered_is_charged_for_what_was_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody adds a line between pricing and writing: it waits for the cart, and then there is none to add to."""
    ordered, added = VariantFactory.create(stock=5), VariantFactory.create(stock=5)
    cart = carts.add(user=None, token=None, variant_id=ordered.pk, quantity=1)
    is_pricing, price = threading.Event(), pricing.firm_offer

    def slow_price(*args: object) -> object:
        is_pricing.set()
        threading.Event().wait(0.3)  # long enough for the other thread to reach the lock
        return price(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(checkout, "firm_offer", slow_price)

    def add() -> object:
        assert is_pricing.wait(20)
        return carts.add(user=None, token=cart.token, variant_id=added.pk, quantity=1)

    order, refusal = run_parallel([lambda: place(cart=cart), add])

    assert isinstance(order, Order)
    assert isinstance(refusal, CartChanged)
    assert [line.sku for line in order.lines.all()] == [ordered.sku]
    assert broken_rules() == []
