"""Many people at the same moment, and one use of a coupon; each rule with a control that shows the fault without it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.inventory import stock
from catalog.models import StockLevel, Variant
from catalog.tests.factories import VariantFactory
from orders import cart as carts
from orders import checkout, lifecycle, pricing
from orders.actors import staff
from orders.errors import CartChanged, CouponRefused, TotalChanged
from orders.models import Coupon, Order, Redemption
from orders.promotions import redeeming
from orders.tests.api.people import client_of, order_body, post_order
from orders.tests.auditing import broken_rules
from orders.tests.factories import CouponFactory
from orders.tests.placing import place
from orders.tests.shopping import fill_in, person, press_place, put, review_form
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def sorted_out(outcomes: list[Any]) -> tuple[list[Order], list[Exception]]:
    """Who got an order, and who was refused; any other error fails the test."""
    unexpected = [each for each in outcomes if not isinstance(each, Order | CouponRefused)]
    assert not unexpected
    placed = [each for each in outcomes if isinstance(each, Order)]
    return placed, [each for each in outcomes if isinstance(each, Exception)]


def test_thirty_customers_want_the_last_use_and_one_gets_it() -> None:
    CouponFactory.create(code="LAST", max_uses=1)
    variant = VariantFactory.create(price=2000, stock=100)

    outcomes = at_once(30, lambda number: place((variant, 1), coupon="LAST", email=f"guest{number}@example.com"))

    placed, refused = sorted_out(outcomes)
    assert (len(placed), len(refused)) == (1, 29)
    assert {str(error) for error in refused} == {"This coupon has been used up."}
    assert Order.objects.get().discount == 200
    assert StockLevel.objects.get().reserved == 1
    assert Coupon.objects.get().used == 1
    assert broken_rules() == []


def test_control_reading_and_writing_the_count_gives_the_last_use_to_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guard off: everybody reads the count before anybody writes it."""
    CouponFactory.create(code="LAST", max_uses=1)
    variant = VariantFactory.create(stock=100)
    everybody_has_read = threading.Barrier(6)

    def careless(coupon: Coupon, *, order: Order, amount: int) -> None:
        read = Coupon.objects.get(pk=coupon.pk)
        everybody_has_read.wait(20)
        read.used += 1
        read.save(update_fields=["used"])
        Redemption.objects.create(coupon=coupon, order=order, email_key=order.email, amount=amount)

    # The stock's row would make them wait for one another before they read.
    monkeypatch.setattr(stock, "reserve", lambda demand: None)
    monkeypatch.setattr(checkout, "redeem", careless)
    placed, _ = sorted_out(at_once(6, lambda n: place((variant, 1), coupon="LAST", email=f"guest{n}@example.com")))

    assert len(placed) == 6
    assert any("a coupon's uses are its open redemptions" in rule for rule in broken_rules())


def test_one_customer_with_twenty_orders_at_once_uses_a_coupon_once() -> None:
    CouponFactory.create(code="WELCOME10", max_uses_per_customer=1)
    alice, variant = person(), VariantFactory.create(stock=100)

    placed, refused = sorted_out(at_once(20, lambda _: place((variant, 1), coupon="WELCOME10", customer=alice)))

    assert (len(placed), len(refused)) == (1, 19)
    assert {str(error) for error in refused} == {"You have used this coupon already."}
    assert StockLevel.objects.get().reserved == 1
    assert broken_rules() == []


def test_one_mailbox_in_twenty_spellings_as_guest_and_with_an_account_uses_a_coupon_once() -> None:
    CouponFactory.create(code="WELCOME10", max_uses_per_customer=1)
    alice, variant = person(), VariantFactory.create(stock=100)
    spellings = [
        "alice@example.com",
        "ALICE@example.com",
        "Alice@Example.Com",
        "\uff41lice@example.com",
        '"alice"@example.com',
    ]
    spellings += [f"alice+{number}@example.com" for number in range(10)]

    def order(number: int) -> Order:
        if number < len(spellings):
            return place((variant, 1), coupon="WELCOME10", email=spellings[number])
        return place((variant, 1), coupon="WELCOME10", customer=alice)

    placed, refused = sorted_out(at_once(20, order))

    assert (len(placed), len(refused)) == (1, 19)
    assert broken_rules() == []


def test_control_asking_before_the_lock_lets_one_customer_use_it_six_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: what the customer has used is counted when the order is priced, and not again under the lock."""
    CouponFactory.create(code="WELCOME10", max_uses_per_customer=1)
    alice, variant = person(), VariantFactory.create(stock=100)
    everybody_has_counted = threading.Barrier(6)
    count = redeeming.expect_uses_left

    def too_early(*args: Any, **kwargs: Any) -> None:
        count(*args, **kwargs)
        everybody_has_counted.wait(20)

    monkeypatch.setattr(pricing, "expect_uses_left", too_early)
    monkeypatch.setattr(redeeming, "expect_uses_left", lambda *args, **kwargs: None)
    placed, _ = sorted_out(at_once(6, lambda _: place((variant, 1), coupon="WELCOME10", customer=alice)))

    assert len(placed) == 6
    assert any("no customer, by account or by mailbox" in rule for rule in broken_rules())


def test_through_the_api_one_is_created_and_the_others_conflict_with_the_full_price() -> None:
    CouponFactory.create(code="LAST", max_uses=1)
    variant = VariantFactory.create(price=2000, stock=100)

    def post(number: int) -> Any:
        body = order_body((variant.pk, 1), coupon="last", email=f"guest{number}@example.com")
        return post_order(client_of(None), body, key=f"key-{number}")

    answers: list[Any] = at_once(20, post)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    problems = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(problem["code"], problem["total"], problem["discount"]) for problem in problems} == {
        ("coupon_refused", "24.90", "0.00")
    }
    assert Order.objects.count() == 1
    assert broken_rules() == []


def test_on_the_review_page_one_is_placed_and_the_others_are_told_what_now() -> None:
    CouponFactory.create(code="LAST", max_uses=1)
    mug = VariantFactory.create(price=2000, stock=100)
    shoppers = [ready_with_coupon(mug, number) for number in range(10)]

    answers: list[Any] = run_parallel([lambda s=shopper: press_place(*s) for shopper in shoppers])  # type: ignore[misc]

    assert sorted(answer.status_code for answer in answers) == [302] + [409] * 9
    for page in (answer.content.decode() for answer in answers if answer.status_code == 409):
        assert "Your order was not placed." in page
        assert "This coupon has been used up." in page
        assert "Without the coupon the total is €24.90." in page
    assert Order.objects.get().total == 1800 + 490
    assert broken_rules() == []


def ready_with_coupon(variant: Variant, number: int) -> tuple[Client, dict[str, str]]:
    """A guest with the coupon in front of the button."""
    client = Client()
    put(client, variant)
    client.post(reverse("orders:coupon"), {"code": "LAST"})
    fill_in(client, email=f"guest{number}@example.com")
    return client, review_form(client)


def test_while_one_order_is_cancelled_another_takes_its_use_or_is_told() -> None:
    CouponFactory.create(code="LAST", max_uses=1)
    variant = VariantFactory.create(stock=100)
    for number in range(5):
        first = place((variant, 1), coupon="LAST", email=f"first{number}@example.com")
        cancelled, second = run_parallel(
            [
                lambda order=first: lifecycle.cancel(order=order, actor=staff("bob")),  # type: ignore[misc]
                lambda n=number: place((variant, 1), coupon="LAST", email=f"second{n}@example.com"),  # type: ignore[misc]
            ]
        )
        assert isinstance(cancelled, Order)
        assert isinstance(second, Order | CouponRefused)
        assert broken_rules() == []
        if isinstance(second, Order):
            lifecycle.cancel(order=second, actor=staff("bob"))
    assert Coupon.objects.get().used == 0


def test_cancelling_eight_times_at_once_gives_one_use_back() -> None:
    CouponFactory.create(code="TWICE", max_uses=2)
    variant = VariantFactory.create(stock=100)
    place((variant, 1), coupon="TWICE", email="keeps@example.com")
    order = place((variant, 1), coupon="TWICE")

    at_once(8, lambda _: lifecycle.cancel(order=order, actor=staff("bob")))

    assert Coupon.objects.get().used == 1
    assert broken_rules() == []


def test_control_without_lock_and_condition_cancelling_twice_gives_two_uses_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    CouponFactory.create(code="TWICE", max_uses=2)
    variant = VariantFactory.create(stock=100)
    place((variant, 1), coupon="TWICE", email="keeps@example.com")
    order = place((variant, 1), coupon="TWICE")
    both_have_read = threading.Barrier(2)

    def read_only(pk: int) -> Order:
        found = Order.objects.get(pk=pk)
        both_have_read.wait(20)
        return found

    def careless(order: Order) -> None:
        Redemption.objects.filter(order=order).update(given_back_at=timezone.now())
        Coupon.objects.filter(redemptions__order=order).update(used=F("used") - 1)

    monkeypatch.setattr(lifecycle, "lock_order", read_only)
    monkeypatch.setattr(lifecycle, "give_back", careless)
    outcomes = at_once(2, lambda _: lifecycle.cancel(order=order, actor=staff("bob")))

    assert [type(outcome) for outcome in outcomes] == [Order, Order]
    assert Coupon.objects.get().used == 0  # though one order has it still
    assert any("coupon" in rule for rule in broken_rules())


def test_a_coupon_put_on_while_the_cart_is_ordered_counts_or_is_told_and_the_total_is_the_agreed_one() -> None:
    CouponFactory.create(code="TEN")
    variant = VariantFactory.create(price=2000, stock=100)
    for _ in range(6):
        cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=1)
        placed, put_on = run_parallel(
            [
                lambda c=cart: place(cart=c, expected_total=2490),  # type: ignore[misc]
                lambda c=cart: carts.put_coupon(cart=c, code="TEN"),  # type: ignore[misc]
            ]
        )
        if isinstance(placed, Order):
            assert (placed.total, placed.coupon_code) == (2490, "")
            assert isinstance(put_on, CartChanged)
        else:
            assert isinstance(placed, TotalChanged)
            assert isinstance(put_on, Coupon)
    assert broken_rules() == []
