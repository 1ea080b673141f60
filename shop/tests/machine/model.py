"""The shop as a few lines of plain Python: what should have become of stock, money and orders. Knows no shop code."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

TAX = Fraction(19, 119)  # of prices that contain 19 %
SHIPPING, FREE_FROM = 490, 7500
PERCENT_OFF = 10


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


@dataclass
class Line:
    """Pieces of a variant in an order, and what was paid for all of them."""

    quantity: int
    total: int
    id: int = 0
    shipped: int = 0
    cancelled: int = 0
    returned: int = 0
    refunded: int = 0  # pieces of which the money went back

    @property
    def open(self) -> int:
        return self.quantity - self.shipped - self.cancelled

    def worth(self, pieces: int) -> int:
        """What the next pieces are worth, so that all of them are worth exactly what was paid."""

        def share(of: int) -> int:
            return half_up(Fraction(self.total * of, self.quantity))

        return share(self.refunded + pieces) - share(self.refunded)

    @property
    def with_customer(self) -> int:
        return self.shipped - self.returned


@dataclass
class OrderModel:
    number: str
    token: str
    lines: dict[int, Line]
    shipping: int
    tax: int
    method: str
    has_coupon: bool
    status: str = "pending"
    payment: str = "unpaid"
    refunded: int = 0
    came_late: bool = False  # money that arrived when the order was off, and goes back

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines.values()) + self.shipping

    @property
    def is_alive(self) -> bool:
        return self.status in ("pending", "processing")

    @property
    def has_left(self) -> bool:
        return any(line.shipped for line in self.lines.values())

    def note_refund(self, amount: int) -> None:
        self.refunded += amount
        self.payment = "refunded" if self.refunded == self.total else "partially_refunded"


@dataclass
class Model:
    """Everything that the machine knows. Stock is what is there; what orders hold follows from them."""

    prices: dict[int, int]
    on_hand: dict[int, int]
    coupon_uses_left: int
    orders: list[OrderModel] = field(default_factory=list)
    cart: dict[int, int] = field(default_factory=dict)
    has_coupon: bool = False

    def reserved(self, variant: int) -> int:
        alive = [order for order in self.orders if order.is_alive]
        return sum(order.lines[variant].open for order in alive if variant in order.lines)

    def available(self, variant: int) -> int:
        return self.on_hand[variant] - self.reserved(variant)

    def priced(self, goods: dict[int, int], *, coupon: bool) -> tuple[dict[int, Line], int, int]:
        """The lines, the shipping and the tax of an order for these goods."""
        lines = {}
        for variant, quantity in goods.items():
            gross = self.prices[variant] * quantity
            off = half_up(Fraction(gross * PERCENT_OFF, 100)) if coupon else 0
            lines[variant] = Line(quantity, gross - off)
        value = sum(self.prices[variant] * quantity for variant, quantity in goods.items())
        shipping = 0 if value >= FREE_FROM else SHIPPING
        tax = sum(half_up(line.total * TAX) for line in lines.values()) + half_up(shipping * TAX)
        return lines, shipping, tax

    def cancel(self, order: OrderModel) -> None:
        order.status = "cancelled"
        if order.has_coupon:
            self.coupon_uses_left += 1
