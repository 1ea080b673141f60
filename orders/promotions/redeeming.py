"""Coupons as rows: found, weighed against a cart, redeemed by an order like a unit of stock, and given back."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import Category, Variant
from catalog.money import format_amount
from orders.errors import CouponRefused
from orders.models import Coupon, Order, Redemption
from orders.promotions.mailboxes import mailbox_key
from orders.promotions.rules import CouponKind, CouponTerms, Discount, DoesNotCount, EligibleLine, discount

Goods = Sequence[tuple[Variant, int]]


def find_coupon(code: str) -> Coupon:
    """The coupon with this code, whatever its case. Raises CouponRefused: whether there is none is not told apart
    from one that is switched off."""
    typed = code.strip()
    coupon = Coupon.objects.filter(code__iexact=typed).first() if typed.isascii() and "\x00" not in typed else None
    if coupon is None or not coupon.is_active:
        raise CouponRefused("This coupon is not valid.", coupon=typed)
    return coupon


def weigh(coupon: Coupon, goods: Goods) -> Discount:
    """What the coupon takes off these variants (with their products) and quantities now. Raises CouponRefused."""
    terms = CouponTerms(
        kind=CouponKind(coupon.kind),
        percentage=coupon.percentage,
        amount=coupon.amount,
        minimum_spend=coupon.minimum_spend,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        is_active=coupon.is_active,
        is_used_up=coupon.max_uses is not None and coupon.used >= coupon.max_uses,
    )
    eligible = _eligible(coupon, goods)
    lines = [EligibleLine(v.price * n, is_eligible=v.product_id in eligible) for v, n in goods]
    try:
        return discount(terms, lines, now=timezone.now())
    except DoesNotCount as error:
        raise _refused(coupon, error) from None


def expect_uses_left(coupon: Coupon, *, customer: User | None, email: str) -> None:
    """Raises CouponRefused when this person has used the coupon as often as one may."""
    limit = coupon.max_uses_per_customer
    if limit is not None and _uses_of(coupon, customer=customer, email=email).count() >= limit:
        raise CouponRefused("You have used this coupon already.", coupon=coupon.code)


def redeem(coupon: Coupon, *, order: Order, amount: int) -> Redemption:
    """Take one use for the order; part of the caller's transaction, after stock and before payments are locked.

    The conditional UPDATE holds the coupon's row until the transaction ends, so the next one counts this use.
    Raises CouponRefused when there is no use left, in total or for this customer.
    """
    has_room = Q(max_uses=None) | Q(used__lt=F("max_uses"))
    if not Coupon.objects.filter(has_room, pk=coupon.pk, is_active=True).update(used=F("used") + 1):
        raise CouponRefused("This coupon has been used up.", coupon=coupon.code)
    expect_uses_left(coupon, customer=order.customer, email=order.email)
    return Redemption.objects.create(
        coupon=coupon, order=order, customer=order.customer, email_key=mailbox_key(order.email), amount=amount
    )


def give_back(order: Order) -> None:
    """The order is off: its use is free again, once; part of the caller's transaction."""
    if order.coupon_code and _open_redemption(order).update(given_back_at=timezone.now()):
        Coupon.objects.filter(redemptions__order=order).update(used=F("used") - 1)


def take_again(order: Order) -> None:
    """An order that had expired lives again, and so does its use. Raises CouponRefused when there is none left."""
    if not order.coupon_code:
        return
    redemption = Redemption.objects.select_related("coupon").get(order=order)
    coupon = redemption.coupon
    has_room = Q(max_uses=None) | Q(used__lt=F("max_uses"))
    if not Coupon.objects.filter(has_room, pk=coupon.pk).update(used=F("used") + 1):
        raise CouponRefused("This coupon has been used up.", coupon=coupon.code)
    expect_uses_left(coupon, customer=order.customer, email=order.email)
    Redemption.objects.filter(pk=redemption.pk).update(given_back_at=None)


def _open_redemption(order: Order) -> QuerySet[Redemption]:
    return Redemption.objects.filter(order=order, given_back_at=None)


def _uses_of(coupon: Coupon, *, customer: User | None, email: str) -> QuerySet[Redemption]:
    """By account or by mailbox: a second account does not help, and neither does ordering as a guest."""
    person = Q(email_key=mailbox_key(email))
    if customer is not None:
        person |= Q(customer=customer) | Q(email_key=mailbox_key(customer.email))
    return Redemption.objects.filter(person, coupon=coupon, given_back_at=None)


def _eligible(coupon: Coupon, goods: Goods) -> set[int]:
    """Ids of the products in the cart that the coupon is for."""
    products = {variant.product_id: variant.product.category_id for variant, _ in goods}
    named = set(coupon.products.values_list("pk", flat=True))
    paths = list(coupon.categories.values_list("path", flat=True))
    if not named and not paths:
        return set(products)
    eligible = named & set(products)
    if paths:
        within = Q()
        for path in paths:
            within |= Q(path__startswith=path)
        categories = set(Category.objects.filter(within, pk__in=products.values()).values_list("pk", flat=True))
        eligible |= {product for product, category in products.items() if category in categories}
    return eligible


def _refused(coupon: Coupon, error: DoesNotCount) -> CouponRefused:
    if error.minimum is None:
        return CouponRefused(str(error), coupon=coupon.code)
    least = format_amount(error.minimum, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)
    return CouponRefused(f"This coupon is for orders of {least} or more.", coupon=coupon.code)
