"""A hundred thousand random carts: coupon, tax, shipping and refunds, and nowhere a minor unit too many or too few."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.money import decimals, parse_amount, to_decimal, to_string
from orders.payments.shares import Paid, shares
from orders.promotions.rules import CouponKind, CouponTerms, EligibleLine, discount
from orders.totals import PricedLine, Quote, Shipping, quote

CARTS = 17_000  # for each of six tests
PLACES = {"JPY": 0, "EUR": 2, "KWD": 3}
RATES = [Decimal(rate) for rate in ("0", "2.1", "5.5", "7", "8.875", "19", "25", "100")]
NOW = datetime(2026, 3, 14, tzinfo=UTC)

Goods = list[tuple[int, int]]


def some_coupon(rng: random.Random, goods: Goods) -> CouponTerms:
    kind = rng.choice([*CouponKind])
    if kind == CouponKind.PERCENTAGE:
        return CouponTerms(kind, percentage=Decimal(rng.randint(1, 10_000)).scaleb(-2))
    if kind == CouponKind.AMOUNT:
        return CouponTerms(kind, amount=rng.randint(1, 2 * sum(price * quantity for price, quantity in goods)))
    return CouponTerms(kind)


def some_cart(rng: random.Random) -> tuple[list[PricedLine], Shipping]:
    """Goods at random rates; every other cart has a coupon, and half of these are for some of the goods only."""
    goods = [(rng.randint(1, 10 ** rng.randint(1, 9)), rng.randint(1, 12)) for _ in range(rng.randint(1, 6))]
    off, shipping = (0,) * len(goods), rng.randint(0, 5000)
    if rng.random() < 0.5:
        chosen = rng.choice([None, rng.randrange(len(goods))])
        lines = [EligibleLine(price * n, chosen in {None, at}) for at, (price, n) in enumerate(goods)]
        saved = discount(some_coupon(rng, goods), lines, now=NOW)
        off, shipping = saved.by_line, 0 if saved.frees_shipping else shipping
        assert all(0 <= less <= (line.gross if line.is_eligible else 0) for less, line in zip(off, lines, strict=True))
    cart = [
        PricedLine(number, price, quantity, less, rng.choice(RATES))
        for number, ((price, quantity), less) in enumerate(zip(goods, off, strict=True))
    ]
    return cart, Shipping(shipping, rng.choice(RATES))


def parts_of(result: Quote) -> list[int]:
    """What the shopper sees as parts of the total."""
    parts = [line.total for line in result.lines] + [result.shipping]
    return parts if result.prices_include_tax else [*parts, *result.line_taxes, result.shipping_tax]


def refunds_of(rng: random.Random, result: Quote) -> Iterator[int]:
    """Everything is given back: of each line a few pieces at a time, and the shipping with the last ones.

    Now and then less than that is given, and the rest later.
    """
    on_top = not result.prices_include_tax
    paid = [
        Paid(line.total + tax * on_top, line.quantity)
        for line, tax in zip(result.lines, result.line_taxes, strict=True)
    ]
    while any(line.left for line in paid):
        pieces = [rng.randint(0, line.left) for line in paid]
        worth = {number: line.worth(n) for number, (line, n) in enumerate(zip(paid, pieces, strict=True))}
        paid = [Paid(line.value, line.quantity, line.refunded + n) for line, n in zip(paid, pieces, strict=True)]
        is_last = not any(line.left for line in paid)
        full = shares(worth, result.shipping + result.shipping_tax * on_top if is_last else 0)
        assert min([full.amount, full.shipping, *full.lines.values()]) >= 0
        less = shares(full.lines, full.shipping, rng.choice([full.amount, rng.randint(0, full.amount)]))
        assert sum(less.lines.values()) + less.shipping == less.amount
        yield less.amount
        yield full.amount - less.amount


@pytest.mark.parametrize("currency", PLACES)
@pytest.mark.parametrize("included", [True, False], ids=["tax included", "tax on top"])
def test_whatever_is_in_the_cart_its_lines_sum_to_its_total_and_refunds_to_what_was_paid(
    currency: str, included: bool
) -> None:
    """As shown to people, too: the decimal strings of the parts add up to that of the whole."""
    rng = random.Random(f"{currency} {included}")
    assert decimals(currency) == PLACES[currency]
    with_coupon = with_refunds = 0
    for _ in range(CARTS):
        cart, shipping = some_cart(rng)
        result = quote(cart, shipping, prices_include_tax=included)
        parts = parts_of(result)
        assert sum(parts) == result.total == result.subtotal - result.discount + sum(parts[len(cart) :])
        assert sum(to_decimal(part, currency) for part in parts) == Decimal(to_string(result.total, currency))
        assert sum(each.tax for each in result.taxes) == result.tax
        given = [*refunds_of(rng, result)]
        assert sum(given) == result.total
        with_coupon += bool(result.discount)
        with_refunds += len(given) > 2
    assert parse_amount(to_string(result.total, currency), currency) == result.total
    assert with_coupon > CARTS / 4
    assert with_refunds > CARTS / 2
