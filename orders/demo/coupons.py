"""The demo shop's coupons, and the orders of its past that were placed with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from catalog.models import Category
from catalog.money import parse_amount
from orders.models import Coupon, Order, Redemption
from orders.promotions.mailboxes import mailbox_key
from orders.promotions.rules import CouponKind, CouponTerms, EligibleLine, discount
from orders.totals import PricedLine

WELCOME, SEASON = "WELCOME10", "SEASON5"


@dataclass(frozen=True)
class DemoCoupon:
    """A coupon of the demo; days are counted from the day on which the demo is made."""

    code: str
    kind: Coupon.Kind
    says: str
    value: str = "0"
    minimum: str = "0"
    once: bool = False
    days: tuple[int, int] | None = None
    category: str = ""


COUPONS = (
    DemoCoupon(WELCOME, Coupon.Kind.PERCENTAGE, "10 % off, once per customer", value="10", once=True),
    DemoCoupon("FREESHIP", Coupon.Kind.FREE_SHIPPING, "free shipping from 30", minimum="30"),
    DemoCoupon("KITCHEN15", Coupon.Kind.PERCENTAGE, "15 % off everything for the kitchen", "15", category="kitchen"),
    DemoCoupon(SEASON, Coupon.Kind.AMOUNT, "5 off from 40, expired", value="5", minimum="40", days=(-75, -20)),
)


def load_coupons(*, now: datetime) -> int:
    """Make the demo's coupons that are not there; returns how many."""
    known = {code.upper() for code in Coupon.objects.values_list("code", flat=True)}
    missing = [planned for planned in COUPONS if planned.code not in known]
    for planned in missing:
        starts, ends = [now + timedelta(days=day) for day in planned.days] if planned.days else (None, None)
        is_amount = planned.kind == Coupon.Kind.AMOUNT
        coupon = Coupon.objects.create(
            code=planned.code,
            kind=planned.kind,
            percentage=0 if is_amount else Decimal(planned.value),
            amount=parse_amount(planned.value, settings.SHOP_CURRENCY) if is_amount else 0,
            minimum_spend=parse_amount(planned.minimum, settings.SHOP_CURRENCY),
            max_uses_per_customer=1 if planned.once else None,
            starts_at=starts,
            ends_at=ends,
            only_chosen=bool(planned.category),
            note=f"Demo: {planned.says}",
        )
        coupon.categories.set(Category.objects.filter(slug=planned.category))
    return len(missing)


class PastCoupons:
    """Decides which orders of the past came with a coupon; the customers keep to its terms."""

    def __init__(self) -> None:
        self.coupons = {coupon.code: coupon for coupon in Coupon.objects.filter(code__in=(WELCOME, SEASON))}
        self.welcomed: set[str] = set()

    def choose(self, number: int, email: str, at: datetime, lines: Sequence[PricedLine]) -> tuple[str, Sequence[int]]:
        """The code the order was placed with (or none), and what it took off each line."""
        coupon = self._wanted(number, email, at, sum(line.gross for line in lines))
        if coupon is None:
            return "", [0] * len(lines)
        terms = CouponTerms(CouponKind(coupon.kind), percentage=Decimal(coupon.percentage), amount=coupon.amount)
        off = discount(terms, [EligibleLine(line.gross) for line in lines], now=at).by_line
        return (coupon.code, off) if any(off) else ("", off)

    def _wanted(self, number: int, email: str, at: datetime, value: int) -> Coupon | None:
        welcome, season = self.coupons.get(WELCOME), self.coupons.get(SEASON)
        if (
            season
            and season.starts_at
            and season.ends_at
            and number % 5 == 2
            and season.starts_at <= at < season.ends_at
        ):
            return season if value >= season.minimum_spend else None
        if welcome and number % 7 == 3 and mailbox_key(email) not in self.welcomed:
            self.welcomed.add(mailbox_key(email))
            return welcome
        return None

    def redeem(self, orders: Iterable[Order]) -> None:
        """Write the redemptions of these orders, and count them."""
        redemptions = [self._redemption(order) for order in orders if order.coupon_code]
        Redemption.objects.bulk_create(redemptions)
        used = Counter(each.coupon_id for each in redemptions if each.given_back_at is None)
        for coupon_id, uses in used.items():
            Coupon.objects.filter(pk=coupon_id).update(used=uses)

    def _redemption(self, order: Order) -> Redemption:
        is_off = order.status == Order.Status.CANCELLED
        return Redemption(
            coupon=self.coupons[order.coupon_code],
            order=order,
            customer=order.customer,
            email_key=mailbox_key(order.email),
            account_key=mailbox_key(order.customer.email) if order.customer else "",
            amount=order.discount,
            redeemed_at=order.placed_at,
            given_back_at=order.placed_at + timedelta(days=1) if is_off else None,
        )
