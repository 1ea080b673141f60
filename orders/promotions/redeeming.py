"""Coupons as rows: found, weighed against a cart, redeemed by an order like a unit of stock, and given back."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import Product, Variant
from catalog.money import format_amount
from orders.errors import CouponRefused
from orders.models import Coupon, Order, Redemption
from orders.promotions.codes import read_code
from orders.promotions.mailboxes import mailbox_key
from orders.promotions.rules import CouponKind, CouponTerms, Discount, DoesNotCount, EligibleLine, discount

Goods = Sequence[tuple[Variant, int]]

UNKNOWN = "This coupon is not valid."
USED_UP = "This coupon has been used up."
HAS_ROOM = Q(max_uses=None) | Q(used__lt=F("max_uses"))


def find_coupon(code: str) -> Coupon:
    """The coupon with this code, however it was typed. Raises CouponRefused: whether there is none is not told apart
    from one that is switched off."""
    meant = read_code(code)
    coupon = Coupon.objects.filter(code__iexact=meant).first() if meant else None
    if coupon is None or not coupon.is_active:
        raise CouponRefused(UNKNOWN, coupon=code.strip())
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
        is_used_up=coupon.max_uses is not None and coupon.used >= coupon.max_uses,
    )
    eligible = _eligible(coupon, {variant.product_id for variant, _ in goods})
    lines = [EligibleLine(v.price * n, is_eligible=v.product_id in eligible) for v, n in goods]
    try:
        return discount(terms, lines, now=timezone.now())
    except DoesNotCount as error:
        raise _refused(coupon, error) from None


def expect_uses_left(coupon: Coupon, *, customer: User | None, email: str = "") -> None:
    """Raises CouponRefused when this person has used the coupon as often as one may.

    Nothing is known about a guest who has not given an e-mail address yet.
    """
    limit = coupon.max_uses_per_customer
    if limit is None or (customer is None and not email):
        return
    if _uses_of(coupon, customer=customer, email=email).count() >= limit:
        raise CouponRefused(
            "You have used this coupon already." if limit == 1 else f"You have used this coupon {limit} times already.",
            coupon=coupon.code,
        )


def redeem(coupon: Coupon, *, order: Order, amount: int) -> Redemption:
    """Take one use for the order; part of the caller's transaction, after stock and before payments are locked.

    The conditional UPDATE holds the coupon's row until the transaction ends, so the next one counts this use.
    Raises CouponRefused when there is no use left, in total or for this customer.
    """
    if not Coupon.objects.filter(HAS_ROOM, pk=coupon.pk, is_active=True).update(used=F("used") + 1):
        is_active = Coupon.objects.filter(pk=coupon.pk, is_active=True).exists()
        raise CouponRefused(USED_UP if is_active else UNKNOWN, coupon=coupon.code)
    expect_uses_left(coupon, customer=order.customer, email=order.email)
    return Redemption.objects.create(
        coupon=coupon,
        order=order,
        customer=order.customer,
        email_key=mailbox_key(order.email),
        account_key=mailbox_key(order.customer.email) if order.customer else "",
        amount=amount,
    )


def give_back(order: Order) -> None:
    """The order is off: its use is free again, once; part of the caller's transaction, which has locked the order."""
    if not order.coupon_code:
        return
    if Redemption.objects.filter(order=order, given_back_at=None).update(given_back_at=timezone.now()):
        Coupon.objects.filter(redemptions__order=order).update(used=F("used") - 1)


def take_again(order: Order) -> None:
    """An order that had expired lives again, and so does its use; part of the caller's transaction, which has locked
    the order. Raises CouponRefused when there is none left."""
    if not order.coupon_code:
        return
    given_back = Redemption.objects.select_related("coupon").get(order=order, given_back_at__isnull=False)
    coupon = given_back.coupon
    if not Coupon.objects.filter(HAS_ROOM, pk=coupon.pk).update(used=F("used") + 1):
        raise CouponRefused(USED_UP, coupon=coupon.code)
    expect_uses_left(coupon, customer=order.customer, email=order.email)
    Redemption.objects.filter(pk=given_back.pk).update(given_back_at=None)


def _uses_of(coupon: Coupon, *, customer: User | None, email: str) -> QuerySet[Redemption]:
    """By account or by mailbox: a second account does not help, and neither does ordering as a guest."""
    addresses = [email] if email else []
    if customer is not None:
        addresses.append(customer.email)
    mailboxes = {mailbox_key(address) for address in addresses}
    person = Q(email_key__in=mailboxes) | Q(account_key__in=mailboxes)
    if customer is not None:
        person |= Q(customer=customer)
    return Redemption.objects.filter(person, coupon=coupon, given_back_at=None)


def _eligible(coupon: Coupon, products: set[int]) -> set[int]:
    """Which of these products the coupon is for: those that are named, and those in or below a named category."""
    if not coupon.only_chosen:
        return products
    path = ExpressionWrapper(OuterRef("category__path"), output_field=CharField())
    above = coupon.categories.annotate(inside=path).filter(inside__startswith=F("path"))
    chosen = Product.objects.filter(Q(pk__in=coupon.products.values("pk")) | Exists(above), pk__in=products)
    return set(chosen.values_list("pk", flat=True))


def _refused(coupon: Coupon, error: DoesNotCount) -> CouponRefused:
    if error.minimum is None:
        return CouponRefused(str(error), coupon=coupon.code)
    least = format_amount(error.minimum, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)
    return CouponRefused(f"This coupon is for orders of {least} or more.", coupon=coupon.code)
