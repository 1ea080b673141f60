from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.errors import OutOfStock
from catalog.models import Product, StockLevel
from catalog.tests.factories import ProductFactory, VariantFactory
from orders import cart as carts
from orders.checkout import Buyer, Item, place_order
from orders.emails import compose
from orders.errors import CartChanged, EmptyCart, InvalidOrder, TotalChanged
from orders.models import Cart, Order, OrderEvent, OrderLine, Payment
from orders.tests.placing import ADDRESS, place, terms

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return (
        not any(model.objects.exists() for model in (Order, OrderLine, OrderEvent, Payment, ProcrastinateJob))
        and not StockLevel.objects.filter(reserved__gt=0).exists()
    )


def test_an_order_copies_what_was_bought_and_adds_up() -> None:
    product = ProductFactory.create(name="Mug", bare=True)
    small = VariantFactory.create(product=product, name="Small", sku="MUG-S", price=1250, stock=5)
    large = VariantFactory.create(product=product, name="Large", sku="MUG-L", price=1890, stock=5)

    order = place((small, 2), (large, 1))

    product.name = "Renamed"
    product.save()
    assert [
        (line.product_name, line.variant_name, line.sku, line.unit_price, line.quantity, line.total)
        for line in order.lines.all()
    ] == [("Mug", "Small", "MUG-S", 1250, 2, 2500), ("Mug", "Large", "MUG-L", 1890, 1, 1890)]
    assert (order.subtotal, order.discount, order.shipping, order.tax, order.total) == (4390, 0, 490, 0, 4880)
    assert (order.status, order.payment_status, order.currency) == ("pending", "unpaid", "EUR")
    assert order.address_lines == ["Alice Miller", "Gartenweg 7", "10115 Berlin", "DE"]


def test_an_order_reserves_its_stock_and_asks_for_its_money() -> None:
    variant = VariantFactory.create(stock=5)

    order = place((variant, 2))

    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (5, 2)
    payment = order.payments.get()
    assert (payment.gateway, payment.method, payment.amount, payment.currency, payment.state) == (
        "manual",
        "bank_transfer",
        order.total,
        "EUR",
        "started",
    )


def test_an_order_begins_its_timeline_and_has_one_confirmation_job() -> None:
    order = place((VariantFactory.create(), 1))

    event = order.events.get()
    assert (event.kind, event.to_status, event.actor) == ("placed", "pending", "guest")
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == (
        "orders.send_message",
        {"order_id": order.pk, "message": "confirmation"},
    )
    call_command("audit", verbosity=0)


def test_lines_for_the_same_variant_are_summed_before_stock_is_asked() -> None:
    variant = VariantFactory.create(stock=3)

    with pytest.raises(OutOfStock) as caught:
        place((variant, 2), (variant, 2))
    assert [(s.requested, s.available) for s in caught.value.shortages] == [(4, 3)]

    order = place((variant, 2), (variant, 1))
    assert [line.quantity for line in order.lines.all()] == [3]


def test_a_variant_can_be_named_by_its_sku_in_any_case() -> None:
    VariantFactory.create(sku="Mug-Blue")

    order = place_order(
        buyer=Buyer(email="guest@example.com"),
        address=ADDRESS,
        terms=terms(),
        items=[Item("mug-blue", 1), Item("MUG-BLUE", 1)],
    )

    assert [(line.sku, line.quantity) for line in order.lines.all()] == [("Mug-Blue", 2)]


def test_a_shortage_names_each_short_line_and_writes_nothing() -> None:
    enough, short, gone = (VariantFactory.create(stock=n) for n in (5, 1, 0))

    with pytest.raises(OutOfStock) as caught:
        place((enough, 1), (short, 2), (gone, 1))

    assert {s.sku: s.available for s in caught.value.shortages} == {short.sku: 1, gone.sku: 0}
    assert nothing_was_written()


@pytest.mark.parametrize("reference", [987654321, "NO-SUCH-SKU", "", "\u0130"])
def test_an_unknown_variant_is_refused(reference: int | str) -> None:
    VariantFactory.create()
    with pytest.raises(InvalidOrder) as caught:
        place_order(
            buyer=Buyer(email="guest@example.com"),
            address=ADDRESS,
            terms=terms(),
            items=[Item(reference, 1)],
        )
    assert caught.value.field == "items"
    assert nothing_was_written()


@pytest.mark.parametrize("change", [{"is_published": False}, {"archived_at": "2026-01-01T00:00Z"}])
def test_what_is_not_on_sale_is_refused(change: dict[str, object]) -> None:
    variant = VariantFactory.create()
    Product.objects.filter(pk=variant.product_id).update(**change)

    with pytest.raises(InvalidOrder, match="No longer sold"):
        place((variant, 1))

    assert nothing_was_written()


@pytest.mark.parametrize("quantity", [0, -1, 1000, 2**31, -(2**31) - 1])
def test_a_quantity_out_of_bounds_is_refused(quantity: int) -> None:
    variant = VariantFactory.create()
    with pytest.raises(InvalidOrder):
        place((variant, quantity))
    assert nothing_was_written()


def test_the_dearest_order_that_is_possible_fits() -> None:
    variants = [VariantFactory.create(price=10**12, stock=999) for _ in range(3)]

    order = place(*((variant, 999) for variant in variants))

    assert order.total == 3 * 999 * 10**12


def test_an_empty_order_is_refused() -> None:
    with pytest.raises(EmptyCart):
        place()
    assert nothing_was_written()


def test_another_total_than_the_one_shown_is_a_conflict_with_the_new_numbers() -> None:
    variant = VariantFactory.create(price=1250)

    with pytest.raises(TotalChanged) as caught:
        place((variant, 1), expected_total=1700)

    assert caught.value.details["total"] == "17.40"
    assert caught.value.details["expected_total"] == "17.00"
    assert nothing_was_written()
    assert place((variant, 1), expected_total=1740).total == 1740


def test_a_country_we_do_not_ship_to_is_refused() -> None:
    variant = VariantFactory.create()
    with pytest.raises(InvalidOrder) as caught:
        place_order(
            buyer=Buyer(email="guest@example.com"),
            address=replace(ADDRESS, country="AQ"),
            terms=terms(),
            items=[Item(variant.pk, 1)],
        )
    assert caught.value.field == "shipping_address.country"
    assert nothing_was_written()


def test_a_way_to_pay_that_is_not_offered_is_refused() -> None:
    variant = VariantFactory.create()
    with pytest.raises(InvalidOrder) as caught:
        place((variant, 1), payment_method="gold")
    assert caught.value.field == "payment_method"
    assert nothing_was_written()


def test_the_same_key_again_is_the_same_order() -> None:
    variant = VariantFactory.create(stock=5)

    first, second = place((variant, 1), key="key"), place((variant, 4), key="key")

    assert first == second
    assert StockLevel.objects.get(variant=variant).reserved == 1


def test_a_cart_becomes_one_order() -> None:
    variant = VariantFactory.create(stock=5)
    cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=2)

    order = place(cart=cart)

    assert order.cart == cart
    assert Cart.objects.get().status == "ordered"
    with pytest.raises(CartChanged):
        place(cart=cart)
    assert Order.objects.get() == order


def test_the_number_of_queries_does_not_grow_with_the_lines(django_assert_num_queries: object) -> None:
    for count in (1, 30):
        items = [(VariantFactory.create(), 1) for _ in range(count)]
        with django_assert_num_queries(15):  # type: ignore[operator]
            place(*items)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"total": 1}, "orders_order_total_adds_up"),
        ({"shipping": -490, "total": 760}, "orders_order_nothing_negative"),
        ({"status": "lost"}, "orders_order_status_known"),
        ({"number": "100001"}, "orders_order_number_form"),
    ],
)
def test_postgresql_refuses_an_order_that_breaks_a_rule(change: dict[str, object], constraint: str) -> None:
    order = place((VariantFactory.create(price=1250), 1))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


def test_postgresql_refuses_a_line_that_does_not_add_up() -> None:
    order = place((VariantFactory.create(price=1250), 1))
    with pytest.raises(IntegrityError, match="orders_orderline_total_adds_up"), transaction.atomic():
        OrderLine.objects.filter(order=order).update(total=1)


def test_postgresql_refuses_a_second_order_of_a_cart_and_of_a_key() -> None:
    variant = VariantFactory.create()
    cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=1)
    place(cart=cart, key="key")
    other = place((variant, 1))
    for change in ({"cart": cart}, {"idempotency_key": "key"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=other.pk).update(**change)


def test_a_vat_number_is_kept_as_authorities_write_it() -> None:
    buyer = Buyer(email="ada@example.com", vat_number="de 123 456 789")
    items = [Item(variant=VariantFactory.create(stock=1).pk, quantity=1)]
    order = place_order(buyer=buyer, address=ADDRESS, terms=terms(), items=items)
    assert order.vat_number == "DE123456789"
    assert "VAT number: DE123456789" in compose(order, "confirmation").body
