"""The races of `manage.py prove`: each promise of the shop, and many buyers at once who would break it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from catalog.errors import OutOfStock
from catalog.models import StockLevel, Variant
from idempotency import keys
from idempotency.keys import KeyedRequest
from orders import cart as carts
from orders import lifecycle, refunds
from orders.actors import SHOP
from orders.checkout import Buyer, Item, Terms, place_order
from orders.errors import CartChanged, CouponRefused, IllegalMove, RefundNotPossible
from orders.models import Cart, Coupon, Order, Payment, Redemption, Refund
from orders.proof.racing import at_once
from orders.proof.stage import PRINCIPAL, Stage
from orders.proof.tallies import Finding, tally
from orders.refunds import RefundTerms

Race = Callable[[Stage, int], Finding]
PIECES = 3


def run_race(race: Race, stage: Stage, buyers: int) -> Finding:
    """Run one race with so many buyers, and take its time."""
    started = time.monotonic()
    found = race(stage, buyers)
    return replace(found, seconds=round(time.monotonic() - started, 2))


def last_piece(stage: Stage, buyers: int) -> Finding:
    variant = stage.variant(stock=1)
    outcomes = at_once(buyers, lambda number: _place(stage, number, (variant, 1)))
    found = tally(outcomes, refusals=[OutOfStock])
    return found.kept("The last piece is sold once", done=1, also=_reserved(variant) == len(found.done))


def last_pieces(stage: Stage, buyers: int) -> Finding:
    variant = stage.variant(stock=PIECES + 1)
    outcomes = at_once(buyers, lambda number: _place(stage, number, (variant, 2)))
    found = tally(outcomes, refusals=[OutOfStock])
    return found.kept(
        "Four pieces, wanted in pairs, are sold twice", done=2, also=_reserved(variant) == 2 * len(found.done)
    )


def opposite_orders(stage: Stage, buyers: int) -> Finding:
    """Half of the buyers want left and right, the other half right and left: nobody may wait for each other."""
    stock = max(1, buyers // 2)
    left, right = stage.variant(stock=stock), stage.variant(stock=stock)

    def buy(number: int) -> Order:
        items = ((left, 1), (right, 1))
        return _place(stage, number, *(items if number % 2 else items[::-1]))

    found = tally(at_once(buyers, buy), refusals=[OutOfStock])
    sold = _reserved(left) == _reserved(right) == len(found.done)
    return found.kept("Orders for the same things in opposite order do not block each other", done=stock, also=sold)


def last_use_of_a_coupon(stage: Stage, buyers: int) -> Finding:
    variant, coupon = stage.variant(stock=buyers), stage.coupon(uses=1)
    outcomes = at_once(buyers, lambda number: _place(stage, number, (variant, 1), coupon=coupon))
    found = tally(outcomes, refusals=[CouponRefused])
    return found.kept(
        "The last use of a coupon is given once, and nobody pays the full price unasked",
        done=1,
        also=_uses(coupon) == (len(found.done), len(found.done)) and _reserved(variant) == len(found.done),
    )


def coupon_once_per_customer(stage: Stage, buyers: int) -> Finding:
    """One mailbox, spelled in as many ways as there are buyers."""
    variant, coupon = stage.variant(stock=buyers), stage.coupon(uses_per_customer=1)
    name, _, host = stage.email("same").partition("@")

    def buy(number: int) -> Order:
        spelled = name.upper() if number % 2 else name
        return _place(stage, number, (variant, 1), coupon=coupon, email=f"{spelled}+{number}@{host}")

    found = tally(at_once(buyers, buy), refusals=[CouponRefused])
    return found.kept(
        "A coupon that each customer may use once is used once, however the address is spelled",
        done=1,
        also=_uses(coupon) == (len(found.done), len(found.done)),
    )


def one_key(stage: Stage, buyers: int) -> Finding:
    """All come through the act itself, with nothing before it that remembers answers."""
    variant, key = stage.variant(stock=2 * buyers), secrets.token_hex(16)
    outcomes = at_once(buyers, lambda _: _place(stage, "key", (variant, 2), key=key).number)
    found = tally(outcomes, refusals=[])
    is_one = len(set(found.done)) == 1 and _reserved(variant) == 2
    return found.kept("One key places one order, and everybody is told its number", done=buyers, also=is_one)


def one_keyed_request(stage: Stage, buyers: int) -> Finding:
    """As the API's door does it: claim the key, act, store the answer; the others wait or hear the stored one."""
    variant = stage.variant(stock=buyers)
    request = KeyedRequest(PRINCIPAL, "POST /orders/", secrets.token_hex(16), {"variant": variant.pk})

    def post(_: int) -> object:
        answered = keys.claim(request)
        if answered is not None:
            return answered.body
        number = _place(stage, "door", (variant, 1)).number  # without the order's own key
        keys.store(request, status_code=201, body=number)
        return number

    found = tally(at_once(buyers, post), refusals=[])
    is_one = len(set(found.done)) == 1 and _reserved(variant) == 1
    return found.kept("A request that is sent many times is carried out once", done=buyers, also=is_one)


def one_cart(stage: Stage, buyers: int) -> Finding:
    variant = stage.variant(stock=PIECES * buyers)
    cart = carts.add(user=None, token=None, variant_id=variant.pk, quantity=PIECES)
    outcomes = at_once(buyers, lambda number: _place(stage, number, cart=cart, key=secrets.token_hex(16)))
    found = tally(outcomes, refusals=[CartChanged])
    return found.kept("One cart becomes one order", done=1, also=_reserved(variant) == PIECES * len(found.done))


def paid_and_called_off(stage: Stage, buyers: int) -> Finding:
    """Half want to cancel, half to mark as paid: whoever is first, the money that came goes back."""
    variant = stage.variant(stock=1)
    order = _place(stage, "torn", (variant, 1))
    acts = (lifecycle.cancel, lifecycle.mark_paid)
    found = tally(at_once(buyers, lambda number: acts[number % 2](order=order, actor=SHOP)), refusals=[IllegalMove])
    payment = Payment.objects.get(order=order)
    adds_up = payment.refund_committed == payment.captured_amount and _reserved(variant) == 0
    cancelled = Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED
    steps = 2 if payment.captured_amount else 1
    return found.kept("An order is called off once, whoever pays meanwhile", done=steps, also=adds_up and cancelled)


def full_refunds(stage: Stage, buyers: int) -> Finding:
    """Everybody at once presses the button that gives all the money of a paid order back."""
    order = _paid_order(stage)
    terms = RefundTerms(amount=order.total, reason=PRINCIPAL)
    outcomes = at_once(buyers, lambda _: refunds.request_refund(order=order, terms=terms, actor=SHOP))
    found = tally(outcomes, refusals=[RefundNotPossible])
    promised = sum(Refund.objects.filter(order=order).values_list("amount", flat=True))
    payment = Payment.objects.get(order=order)
    is_once = promised == payment.refund_committed == len(found.done) * order.total
    return found.kept("All the money of an order is promised back once", done=1, also=is_once)


def money_given_back(stage: Stage, buyers: int) -> Finding:
    """A paid order is called off, and everybody at once says that the money has been given back by hand."""
    order = _paid_order(stage)
    lifecycle.cancel(order=order, actor=SHOP)
    refund = Refund.objects.get(order=order)
    outcomes = at_once(buyers, lambda _: refunds.confirm_refund(refund=refund, actor=SHOP))
    found = tally(outcomes, refusals=[RefundNotPossible])
    payment = Payment.objects.get(order=order)
    is_once = payment.refunded_amount == len(found.done) * payment.captured_amount
    return found.kept("A refund is given back once", done=1, also=is_once)


RACES: tuple[Race, ...] = (
    last_piece, last_pieces, opposite_orders, one_key, one_keyed_request, one_cart,
    last_use_of_a_coupon, coupon_once_per_customer, paid_and_called_off, full_refunds,
    money_given_back,
)  # fmt: skip


def _place(
    stage: Stage,
    who: object,
    *items: tuple[Variant, int],
    cart: Cart | None = None,
    key: str | None = None,
    coupon: Coupon | None = None,
    email: str = "",
) -> Order:
    return place_order(
        buyer=Buyer(email=email or stage.email(who)),
        address=stage.address,
        terms=Terms(
            payment_method=stage.payment_method,
            channel=Order.Channel.API,
            coupon=coupon.code if coupon else None,
            idempotency_key=key,
        ),
        items=[Item(variant.pk, quantity) for variant, quantity in items],
        cart=cart,
    )


def _paid_order(stage: Stage) -> Order:
    order = _place(stage, "refund", (stage.variant(stock=1), 1))
    return lifecycle.mark_paid(order=order, actor=SHOP)


def _reserved(variant: Variant) -> int:
    """Pieces that are promised, if the ledger still says that all are there; else no number that could be right."""
    level = StockLevel.objects.get(variant=variant)
    return level.reserved if sum(level.movements.values_list("quantity", flat=True)) == level.on_hand else -1


def _uses(coupon: Coupon) -> tuple[int, int]:
    """How often the coupon was used: by its counter, and by the rows."""
    return Coupon.objects.get(pk=coupon.pk).used, Redemption.objects.filter(coupon=coupon, given_back_at=None).count()
