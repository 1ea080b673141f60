from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from catalog.errors import OutOfStock
from catalog.models import Product, Variant
from catalog.tests.factories import VariantFactory
from orders import cart as carts
from orders.access import find_cart
from orders.errors import CartChanged, CartFull, InvalidOrder
from orders.models import Cart, CartLine
from orders.tests.placing import place
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def customer(name: str = "alice") -> User:
    user: User = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant-here")
    return user


def guest_cart(*wanted: tuple[Variant, int]) -> Cart:
    cart: Cart | None = None
    for variant, quantity in wanted:
        cart = carts.add(user=None, token=cart.token if cart else None, variant_id=variant.pk, quantity=quantity)
    assert cart is not None
    return cart


def content(cart: Cart) -> dict[Variant, int]:
    return {line.variant: line.quantity for line in cart.lines.select_related("variant")}


def test_the_first_thing_opens_a_cart_and_the_second_joins_it() -> None:
    mug, bowl = VariantFactory.create(), VariantFactory.create()

    cart = guest_cart((mug, 1), (bowl, 2), (mug, 3))

    assert content(cart) == {mug: 4, bowl: 2}
    assert Cart.objects.get() == cart


def test_a_cart_promises_nothing() -> None:
    mug = VariantFactory.create(stock=5)
    guest_cart((mug, 5))
    mug.stock.refresh_from_db()
    assert mug.stock.reserved == 0


def test_more_than_there_is_is_refused_with_what_there_is() -> None:
    mug = VariantFactory.create(stock=3)
    cart = guest_cart((mug, 2))

    with pytest.raises(OutOfStock) as caught:
        carts.add(user=None, token=cart.token, variant_id=mug.pk, quantity=2)

    assert [(s.requested, s.available) for s in caught.value.shortages] == [(4, 3)]
    assert content(cart) == {mug: 2}


@pytest.mark.parametrize("quantity", [0, -1, 1000, 2**63])
def test_a_senseless_quantity_is_refused(quantity: int) -> None:
    mug = VariantFactory.create(stock=2000)
    with pytest.raises(InvalidOrder):
        carts.add(user=None, token=None, variant_id=mug.pk, quantity=quantity)
    assert not CartLine.objects.exists()


def test_a_line_never_exceeds_its_bound() -> None:
    mug = VariantFactory.create(stock=2000)
    cart = guest_cart((mug, 999))
    with pytest.raises(CartFull):
        carts.add(user=None, token=cart.token, variant_id=mug.pk, quantity=1)


def test_a_cart_has_room_for_a_hundred_things() -> None:
    cart = guest_cart((VariantFactory.create(), 1))
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=VariantFactory.create(), quantity=1, unit_price_seen=1250) for _ in range(99)
    )
    with pytest.raises(CartFull):
        carts.add(user=None, token=cart.token, variant_id=VariantFactory.create().pk, quantity=1)
    assert cart.lines.count() == 100


@pytest.mark.parametrize("change", [{"is_published": False}, {"archived_at": "2026-01-01T00:00Z"}])
def test_what_is_not_on_sale_cannot_be_added(change: dict[str, object]) -> None:
    mug = VariantFactory.create()
    Product.objects.filter(pk=mug.product_id).update(**change)
    with pytest.raises(InvalidOrder):
        carts.add(user=None, token=None, variant_id=mug.pk, quantity=1)


def test_quantities_change_and_zero_removes() -> None:
    mug, bowl = VariantFactory.create(stock=5), VariantFactory.create()
    cart = guest_cart((mug, 4), (bowl, 1))

    carts.change_quantity(cart=cart, variant_id=mug.pk, quantity=2)
    carts.change_quantity(cart=cart, variant_id=bowl.pk, quantity=0)
    carts.change_quantity(cart=cart, variant_id=bowl.pk, quantity=0)

    assert content(cart) == {mug: 2}
    with pytest.raises(OutOfStock):
        carts.change_quantity(cart=cart, variant_id=mug.pk, quantity=6)
    with pytest.raises(InvalidOrder):
        carts.change_quantity(cart=cart, variant_id=bowl.pk, quantity=1)
    assert content(cart) == {mug: 2}


def test_a_line_that_became_too_large_can_be_made_smaller() -> None:
    mug = VariantFactory.create(stock=5)
    cart = guest_cart((mug, 5))
    mug.stock.reserved = 4
    mug.stock.save()

    assert "Only 1 left" in carts.shown_lines(cart)[0].problem
    carts.change_quantity(cart=cart, variant_id=mug.pk, quantity=1)

    assert carts.shown_lines(cart)[0].problem == ""


def test_a_changed_price_is_told_until_it_is_acknowledged() -> None:
    mug = VariantFactory.create(price=1250)
    cart = guest_cart((mug, 1))
    Variant.objects.update(price=1400)

    lines = carts.shown_lines(cart)
    assert [line.price_before for line in lines] == [1250]

    carts.acknowledge_prices(cart, lines)
    assert [line.price_before for line in carts.shown_lines(cart)] == [None]


def test_an_ordered_cart_takes_nothing_more() -> None:
    mug = VariantFactory.create()
    cart = guest_cart((mug, 1))
    place(cart=cart)

    with pytest.raises(CartChanged):
        carts.change_quantity(cart=cart, variant_id=mug.pk, quantity=2)
    assert find_cart(user=None, token=cart.token) is None


def test_at_login_the_guests_cart_is_poured_into_the_customers_as_far_as_stock_goes() -> None:
    alice = customer()
    mug, bowl = VariantFactory.create(stock=5), VariantFactory.create(stock=2)
    carts.add(user=alice, token=None, variant_id=mug.pk, quantity=3)
    guest = guest_cart((mug, 4), (bowl, 2))
    bowl.stock.reserved = 1
    bowl.stock.save()

    own = carts.merge(user=alice, token=guest.token)

    assert own is not None
    assert content(own) == {mug: 5, bowl: 1}
    assert Cart.objects.open().get() == own
    assert carts.merge(user=alice, token=guest.token) is None


def test_nobody_claims_a_customers_cart_by_its_token() -> None:
    alice, charlie = customer(), customer("charlie")
    mug = VariantFactory.create()
    hers = carts.add(user=alice, token=None, variant_id=mug.pk, quantity=1)

    assert carts.merge(user=charlie, token=hers.token) is None
    assert find_cart(user=None, token=hers.token) is None
    assert find_cart(user=charlie, token=hers.token) is None
    assert carts.merge(user=charlie, token=uuid4()) is None
    assert content(hers) == {mug: 1}


def test_pieces_are_counted_in_one_query(django_assert_num_queries: object) -> None:
    cart = guest_cart((VariantFactory.create(), 2), (VariantFactory.create(), 3))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert carts.piece_count(user=None, token=cart.token) == 5
    assert carts.piece_count(user=None, token=None) == 0


def test_a_cart_is_shown_with_two_queries_whatever_its_length(
    django_assert_num_queries: object,
) -> None:
    cart = guest_cart(*((VariantFactory.create(), 1) for _ in range(12)))
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert [line.picture for line in carts.shown_lines(cart)] == [None] * 12


def test_carts_that_guests_left_behind_are_forgotten_and_no_others() -> None:
    left, fresh, ordered = (guest_cart((VariantFactory.create(), 1)) for _ in range(3))
    hers = carts.add(user=customer(), token=None, variant_id=VariantFactory.create().pk, quantity=1)
    place(cart=ordered)
    long_ago = timezone.now() - timedelta(days=61)
    Cart.objects.exclude(pk=fresh.pk).update(updated_at=long_ago)

    assert carts.forget_abandoned() == 1

    assert set(Cart.objects.all()) == {fresh, ordered, hers}
    assert not Cart.objects.filter(pk=left.pk).exists()


def test_postgresql_keeps_one_open_cart_per_customer_and_one_line_per_variant() -> None:
    alice = customer()
    mug = VariantFactory.create()
    cart = carts.add(user=alice, token=None, variant_id=mug.pk, quantity=1)
    with pytest.raises(IntegrityError, match="orders_cart_one_open_per_customer"), transaction.atomic():
        Cart.objects.create(customer=alice)
    with pytest.raises(IntegrityError, match="orders_cartline_one_per_variant"), transaction.atomic():
        CartLine.objects.create(cart=cart, variant=mug, quantity=1, unit_price_seen=1)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_twelve_clicks_at_once_fill_one_cart_with_twelve() -> None:
    alice = customer()
    mug = VariantFactory.create(stock=50)

    outcomes = at_once(12, lambda _: carts.add(user=alice, token=None, variant_id=mug.pk, quantity=1))

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert content(Cart.objects.get()) == {mug: 12}
