"""Filling a cart. A cart promises nothing; stock is checked here for a clear message and taken at checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Sum
from django.utils import timezone

from accounts.models import User
from catalog.errors import OutOfStock, Shortage
from catalog.models import ProductImage, Variant
from catalog.srcset import Picture
from orders.access import find_cart
from orders.errors import CartChanged, CartFull, EmptyCart, InvalidOrder
from orders.locks import lock_cart
from orders.models import Cart, CartLine, Coupon
from orders.pricing import Wishes, coupon_for
from orders.totals import PricedLine


@dataclass(frozen=True)
class ShownLine:
    """A line as the cart page shows it, with what the shopper has to know. Amounts in minor units."""

    variant: Variant
    quantity: int
    available: int
    price_before: int | None

    @property
    def on_backorder(self) -> int:
        """Pieces that can be ordered and are not there yet."""
        return self.variant.on_backorder(self.quantity)

    @property
    def priced(self) -> PricedLine:
        return PricedLine(self.variant.pk, self.variant.price, self.quantity)

    @property
    def picture(self) -> Picture | None:
        return self.variant.picture

    @property
    def problem(self) -> str:
        """Why this line cannot be ordered as it is; empty when it can."""
        if not self.variant.is_buyable:
            return "This is no longer sold. Please remove it."
        if not self.variant.in_stock:
            return "This is sold out. Please remove it."
        if self.variant.promisable < self.quantity:
            return f"Only {self.available} left. Please choose a smaller quantity."
        return ""


@transaction.atomic(durable=True)
def add(*, user: User | None, token: UUID | None, variant_id: int, quantity: int) -> Cart:
    """Put `quantity` more of a variant into the shopper's cart, which is opened when there is none.

    Raises InvalidOrder for a quantity or variant that makes no sense, OutOfStock when the cart would hold
    more than can be bought now, CartFull beyond the bounds of a cart. Nothing is changed then.
    """
    _check_quantity(quantity, least=1)
    variant = _buyable(variant_id)
    cart = lock_cart(_open_cart(user=user, token=token).pk)
    _expect_open(cart)
    line = CartLine.objects.filter(cart=cart, variant=variant).first()
    _check_room(cart, line, variant, quantity + (line.quantity if line else 0))
    if line is None:
        CartLine.objects.create(cart=cart, variant=variant, quantity=quantity, unit_price_seen=variant.price)
    else:
        line.quantity += quantity
        line.unit_price_seen = variant.price
        line.save(update_fields=["quantity", "unit_price_seen"])
    cart.save(update_fields=["updated_at"])
    return cart


@transaction.atomic(durable=True)
def change_quantity(*, cart: Cart, variant_id: int, quantity: int) -> None:
    """Make it `quantity` pieces of a variant that is in the cart; 0 removes the line.

    Raises what `add` raises. A line that is not there is left alone when it is to be removed.
    """
    _check_quantity(quantity, least=0)
    _expect_open(lock_cart(cart.pk))
    line = CartLine.objects.select_related("variant__stock").filter(cart=cart, variant_id=variant_id).first()
    if quantity == 0:
        CartLine.objects.filter(cart=cart, variant_id=variant_id).delete()
        return
    if line is None:
        raise InvalidOrder("This is not in the cart.", field="variant")
    if quantity > line.quantity:
        _check_room(cart, line, _buyable(variant_id), quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])


@transaction.atomic(durable=True)
def put_coupon(*, cart: Cart, code: str) -> Coupon:
    """Use this coupon for the cart, instead of any other. It is checked again whenever the cart is priced or ordered.

    Raises CouponRefused when it does not count for what is in the cart now, and EmptyCart. Nothing is changed then.
    """
    locked = lock_cart(cart.pk)
    _expect_open(locked)
    lines = locked.lines.select_related("variant__product")
    goods = [(line.variant, line.quantity) for line in lines]
    if not goods:
        raise EmptyCart("Put something into the cart first.")
    coupon, _ = coupon_for(goods, Wishes(coupon=code, customer=locked.customer))
    if coupon is None:
        raise InvalidOrder("Type the code of a coupon.", field="code")
    locked.coupon_code = coupon.code
    locked.save(update_fields=["coupon_code", "updated_at"])
    return coupon


@transaction.atomic(durable=True)
def take_coupon_off(*, cart: Cart) -> None:
    """Order the cart without a coupon."""
    locked = lock_cart(cart.pk)
    _expect_open(locked)
    locked.coupon_code = ""
    locked.save(update_fields=["coupon_code", "updated_at"])


@transaction.atomic(durable=True)
def merge(*, user: User, token: UUID) -> Cart | None:
    """At login: what the guest gathered goes into the customer's cart, quantities capped by what is available, and
    the coupon that was typed last.

    The customer's cart when something was merged, else None. Only an open guest cart with exactly this token
    is taken, and only once.
    """
    found = find_cart(user=None, token=token)
    if found is None:
        return None
    own = _open_cart(user=user, token=None)
    # Both carts in key order: two logins at once wait for each other.
    locked = {pk: lock_cart(pk) for pk in sorted({found.pk, own.pk})}
    guest, own = locked[found.pk], locked[own.pk]
    if guest.status != Cart.Status.OPEN or guest.customer_id is not None:
        return None
    _pour(guest, own)
    if guest.coupon_code:
        own.coupon_code = guest.coupon_code
        own.save(update_fields=["coupon_code", "updated_at"])
    guest.status = Cart.Status.MERGED
    guest.save(update_fields=["status", "updated_at"])
    return own


def shown_lines(cart: Cart | None) -> list[ShownLine]:
    """The lines for the cart page, with stock, pictures and changed prices: two queries."""
    if cart is None:
        return []
    lines = (
        CartLine.objects.filter(cart=cart)
        .select_related("variant__product", "variant__stock")
        .prefetch_related(Prefetch("variant__product__images", ProductImage.objects.stored()))
        .order_by("pk")
    )
    return [
        ShownLine(
            variant=line.variant,
            quantity=line.quantity,
            available=line.variant.available,
            price_before=line.unit_price_seen if line.unit_price_seen != line.variant.price else None,
        )
        for line in lines
    ]


def acknowledge_prices(cart: Cart, lines: Sequence[ShownLine]) -> None:
    """The shopper has been told about changed prices: remember the new ones as seen."""
    for line in lines:
        if line.price_before is not None:
            CartLine.objects.filter(cart=cart, variant=line.variant).update(unit_price_seen=line.variant.price)


def piece_count(*, user: User | None, token: UUID | None) -> int:
    """How many pieces the shopper's open cart holds: one query."""
    lines = CartLine.objects.filter(cart__status=Cart.Status.OPEN)
    if user is not None:
        lines = lines.filter(cart__customer=user)
    elif token is not None:
        lines = lines.filter(cart__customer=None, cart__token=token)
    else:
        return 0
    return lines.aggregate(pieces=Sum("quantity"))["pieces"] or 0


def forget_abandoned() -> int:
    """Delete guests' carts that nobody has touched for as long as their cookie lives; how many.

    Carts that became an order stay: the order remembers them.
    """
    before = timezone.now() - settings.CART_COOKIE_LIFETIME
    abandoned = Cart.objects.filter(customer=None, updated_at__lt=before).exclude(status=Cart.Status.ORDERED)
    return abandoned.delete()[1].get("orders.Cart", 0)


def _open_cart(*, user: User | None, token: UUID | None) -> Cart:
    cart = find_cart(user=user, token=token)
    if cart is not None:
        return cart
    try:
        with transaction.atomic():
            return Cart.objects.create(customer=user)
    except IntegrityError:
        # Another request of the same customer opened it first.
        return Cart.objects.open().get(customer=user)


def _pour(source: Cart, target: Cart) -> None:
    """Move the lines of one locked cart into another, as far as stock and the bounds of a cart allow."""
    present = {line.variant_id: line for line in target.lines.all()}
    for line in source.lines.select_related("variant__product", "variant__stock"):
        existing = present.get(line.variant_id)
        wanted = line.quantity + (existing.quantity if existing else 0)
        quantity = min(wanted, line.variant.promisable, settings.CART_MAX_QUANTITY)
        if not line.variant.is_buyable or quantity < 1:
            continue
        if existing is not None:
            existing.quantity = max(existing.quantity, quantity)
            existing.save(update_fields=["quantity"])
        elif len(present) < settings.CART_MAX_LINES:
            present[line.variant_id] = CartLine.objects.create(
                cart=target, variant=line.variant, quantity=quantity, unit_price_seen=line.unit_price_seen
            )


def _check_quantity(quantity: int, *, least: int) -> None:
    if not least <= quantity <= settings.CART_MAX_QUANTITY:
        raise InvalidOrder(f"Choose a quantity from {least} to {settings.CART_MAX_QUANTITY}.", field="quantity")


def _buyable(variant_id: int) -> Variant:
    variant = Variant.objects.buyable().select_related("product", "stock").filter(pk=variant_id).first()
    if variant is None:
        raise InvalidOrder("This product is not sold here.", field="variant")
    return variant


def _check_room(cart: Cart, line: CartLine | None, variant: Variant, quantity: int) -> None:
    """The cart may hold `quantity` of the variant."""
    if quantity > settings.CART_MAX_QUANTITY:
        raise CartFull(f"A cart holds at most {settings.CART_MAX_QUANTITY} pieces of one product.")
    if quantity > variant.promisable:
        raise OutOfStock([Shortage(variant.pk, variant.sku, str(variant), quantity, variant.promisable)])
    if line is None and cart.lines.count() >= settings.CART_MAX_LINES:
        raise CartFull(f"A cart holds at most {settings.CART_MAX_LINES} different products.")


def _expect_open(cart: Cart) -> None:
    if cart.status != Cart.Status.OPEN:
        raise CartChanged("This cart has been ordered already.")
