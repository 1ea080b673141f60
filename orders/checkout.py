"""The heart of the shop: what an order costs, and how it is placed. Read it from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from catalog.inventory import stock
from catalog.models import Variant
from catalog.money import to_string
from orders import actors
from orders.errors import CartChanged, EmptyCart, InvalidOrder, TotalChanged
from orders.jobs import Message, enqueue_message
from orders.lifecycle import become_paid
from orders.locks import lock_cart, retried
from orders.models import Cart, Order, OrderEvent, OrderLine, Payment
from orders.numbers import new_number
from orders.payments.gateway import PaymentMethod
from orders.payments.methods import find_method
from orders.pricing import Destination, Offer, Wishes, figures, firm_offer, telling_full_price
from orders.promotions.redeeming import redeem
from orders.publishing import publish_low_stock, publish_order
from orders.totals import PricedLine, Quote


@dataclass(frozen=True)
class ShippingAddress:
    """Where the parcel goes; `country` is an ISO 3166 code."""

    name: str
    line1: str
    city: str
    country: str
    line2: str = ""
    region: str = ""
    postcode: str = ""
    phone: str = ""

    @property
    def destination(self) -> Destination:
        """What tax and shipping need to know of it."""
        return Destination(self.country, self.region, self.postcode)


@dataclass(frozen=True)
class Buyer:
    """Who orders: a customer, or a guest with nothing but an e-mail address."""

    email: str
    customer: User | None = None
    vat_number: str = ""

    @property
    def actor(self) -> actors.Actor:
        return actors.customer(self.customer.get_username()) if self.customer else actors.GUEST


@dataclass(frozen=True)
class Item:
    """What is ordered: a variant by id or SKU, and how many."""

    variant: int | str
    quantity: int


@dataclass(frozen=True)
class Terms:
    """How the order was placed: ways to pay and to ship, coupon, door, retry key, and what the shopper agreed to.

    `shipping` is the code of a shipping option (empty: the first); `coupon` is a code (None: the cart's own, if any).
    `expected_total` is the total that was shown (minor units), `reviewed` the cart that was shown: pieces by
    variant id.
    """

    payment_method: str
    channel: Order.Channel
    shipping: str = ""
    coupon: str | None = None
    expected_total: int | None = None
    idempotency_key: str | None = None
    note: str = ""
    reviewed: Mapping[int, int] | None = None


@retried
def place_order(
    *,
    buyer: Buyer,
    address: ShippingAddress,
    terms: Terms,
    items: Sequence[Item] = (),
    cart: Cart | None = None,
) -> Order:
    """Place one order for the items, or for the cart when one is given, and reserve its stock.

    When this returns, the order is committed with its lines, timeline, open payment and confirmation job.
    Placing again with the same idempotency key returns the same order. Raises, with nothing written:
    InvalidOrder, EmptyCart, CartChanged (ordered already, or not what was reviewed), CouponRefused, NoShipping,
    TotalChanged, and OutOfStock with every short line.
    """
    try:
        with transaction.atomic(durable=True):
            return _earlier(terms) or _place(buyer, address, terms, items, cart)
    except IntegrityError:
        # The same key, at the same moment: the other one was first, and this transaction is undone.
        earlier = _earlier(terms)
        if earlier is None:
            raise
        return earlier


def goods_of(*, items: Sequence[Item] = (), cart: Cart | None = None) -> list[tuple[Variant, int]]:
    """What would be ordered: variants with product and stock, and how many of each. Reads only.

    Raises what `place_order` raises about items and carts.
    """
    demand = _demand_of_cart(cart) if cart else _demand_of_items(items)
    return _goods(demand, Variant.objects.buyable().select_related("product", "stock").in_bulk(demand))


def compact_vat_number(typed: str) -> str:
    """The number as authorities write it: in capitals, without spaces."""
    return "".join(typed.split()).upper()


def _place(buyer: Buyer, address: ShippingAddress, terms: Terms, items: Sequence[Item], cart: Cart | None) -> Order:
    gateway, method = find_method(terms.payment_method)
    if address.country not in settings.SHOP_COUNTRIES:
        raise InvalidOrder("We do not ship to this country.", field="shipping_address.country")
    locked = lock_cart(cart.pk) if cart else None
    demand = _demand_of_cart(locked) if locked else _demand_of_items(items)
    _expect_reviewed(demand, terms.reviewed)
    variants = Variant.objects.buyable().select_related("product").in_bulk(demand)
    goods, wishes = _goods(demand, variants), _wishes(buyer, address, terms, locked)
    with telling_full_price(goods, wishes):
        offer = firm_offer(goods, wishes)
    _expect_total(offer.quote, terms.expected_total)

    order = _write_order(buyer, address, terms, offer, method, locked)
    OrderLine.objects.bulk_create(
        _line(order, line, tax, variants[line.variant_id])
        for line, tax in zip(offer.quote.lines, offer.quote.line_taxes, strict=True)
    )
    low = stock.reserve(demand)
    if offer.coupon is not None:
        with telling_full_price(goods, wishes):
            redeem(offer.coupon, order=order, amount=offer.saved)
    payment = Payment.objects.create(
        order=order, gateway=gateway.code, method=method.code, currency=order.currency, amount=order.total
    )
    _begin_timeline(order, method, buyer.actor)
    if locked is not None:
        Cart.objects.filter(pk=locked.pk).update(status=Cart.Status.ORDERED, updated_at=order.placed_at)
    enqueue_message(order, Message.CONFIRMATION)
    publish_order("order.placed", order)
    publish_low_stock(order, low)
    if order.total == 0:
        become_paid(order, payment, actors.SHOP)
    return order


def _earlier(terms: Terms) -> Order | None:
    """The order that was placed with this key before."""
    if terms.idempotency_key is None:
        return None
    return Order.objects.filter(idempotency_key=terms.idempotency_key).first()


def _demand_of_cart(locked: Cart) -> dict[int, int]:
    """The content of a locked cart, which nobody changes any more until the order is placed."""
    if locked.status != Cart.Status.OPEN:
        raise CartChanged("This cart has been ordered already.")
    demand = dict(locked.lines.values_list("variant_id", "quantity"))
    if not demand:
        raise EmptyCart("The cart is empty.")
    return demand


def _demand_of_items(items: Sequence[Item]) -> dict[int, int]:
    """Pieces by variant id, lines for the same variant summed. Raises InvalidOrder for an unknown variant."""
    if not items:
        raise EmptyCart("There is nothing to order.")
    if len(items) > settings.CART_MAX_LINES:
        raise InvalidOrder(f"An order has at most {settings.CART_MAX_LINES} lines.", field="items")
    ids = _ids_by_reference([item.variant for item in items])
    demand: dict[int, int] = {}
    for item in items:
        if not 1 <= item.quantity <= settings.CART_MAX_QUANTITY:
            raise InvalidOrder(f"Order 1 to {settings.CART_MAX_QUANTITY} pieces.", field="items")
        if item.variant not in ids:
            raise InvalidOrder(f"There is no variant {item.variant!r}.", field="items")
        demand[ids[item.variant]] = demand.get(ids[item.variant], 0) + item.quantity
    return demand


def _ids_by_reference(references: Sequence[int | str]) -> dict[int | str, int]:
    """Variant ids by what the caller named them with: an id or a SKU. One query."""
    skus = [reference for reference in references if isinstance(reference, str)]
    ids = [reference for reference in references if isinstance(reference, int)]
    found: dict[int | str, int] = {}
    for pk, sku in Variant.objects.by_reference(ids=ids, skus=skus).values_list("pk", "sku"):
        found[pk] = pk
        found.update({wanted: pk for wanted in skus if wanted.lower() == sku.lower()})
    return found


def _goods(demand: Mapping[int, int], variants: Mapping[int, Variant]) -> list[tuple[Variant, int]]:
    """The variants and how many of each. Raises InvalidOrder for what is no longer sold."""
    missing = [variant_id for variant_id in demand if variant_id not in variants]
    if missing:
        raise InvalidOrder(f"No longer sold: {', '.join(map(str, missing))}.", field="items")
    return [(variants[variant_id], quantity) for variant_id, quantity in demand.items()]


def _wishes(buyer: Buyer, address: ShippingAddress, terms: Terms, cart: Cart | None) -> Wishes:
    coupon = terms.coupon if terms.coupon is not None else (cart.coupon_code if cart else "")
    return Wishes(
        coupon=coupon,
        shipping=terms.shipping,
        destination=address.destination,
        customer=buyer.customer,
        email=buyer.email,
    )


def _expect_reviewed(demand: Mapping[int, int], reviewed: Mapping[int, int] | None) -> None:
    """Equal totals are not enough: one thing may have been exchanged for another of the same price."""
    if reviewed is not None and demand != reviewed:
        raise CartChanged("Your cart has changed since you reviewed it. Please look at it again.")


def _expect_total(price: Quote, expected: int | None) -> None:
    if expected is not None and expected != price.total:
        raise TotalChanged(
            "The total has changed. Please look at the new one and order again.",
            expected_total=to_string(expected, settings.SHOP_CURRENCY),
            **figures(price),
        )


def _write_order(
    buyer: Buyer, address: ShippingAddress, terms: Terms, offer: Offer, method: PaymentMethod, cart: Cart | None
) -> Order:
    price, now = offer.quote, timezone.now()
    return Order.objects.create(
        number=new_number(),
        customer=buyer.customer,
        email=buyer.email,
        vat_number=compact_vat_number(buyer.vat_number),
        cart=cart,
        idempotency_key=terms.idempotency_key,
        channel=terms.channel,
        payment_method=terms.payment_method,
        customer_note=terms.note,
        currency=settings.SHOP_CURRENCY,
        subtotal=price.subtotal,
        discount=price.discount,
        shipping=price.shipping,
        shipping_tax=price.shipping_tax,
        shipping_tax_rate=price.shipping_tax_rate,
        tax=price.tax,
        prices_include_tax=price.prices_include_tax,
        total=price.total,
        shipping_method=offer.option.name if offer.option else "",
        shipping_estimate=offer.option.estimate if offer.option else "",
        coupon_code=offer.coupon.code if offer.coupon else "",
        placed_at=now,
        expires_at=now + method.term if method.term is not None else None,
        **vars(address),
    )


def _line(order: Order, line: PricedLine, tax: int, variant: Variant) -> OrderLine:
    return OrderLine(
        order=order,
        variant=variant,
        product_name=variant.product.name,
        variant_name=variant.name,
        sku=variant.sku,
        unit_price=line.unit_price,
        quantity=line.quantity,
        discount=line.discount,
        tax=tax,
        tax_rate=line.tax_rate,
        total=line.total,
    )


def _begin_timeline(order: Order, method: PaymentMethod, actor: actors.Actor) -> None:
    OrderEvent.objects.create(
        order=order,
        kind=OrderEvent.Kind.PLACED,
        to_status=order.status,
        message=f"Order placed, {method.label.lower()}",
        actor_kind=actor.kind,
        actor=actor.name,
    )
