"""What a cart costs, with the tax, shipping and coupon that apply to it. Reads only; adds nothing up itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from catalog.models import Variant
from orders import totals
from orders.errors import CouponRefused, NoShipping
from orders.models import Coupon
from orders.promotions.redeeming import expect_uses_left, find_coupon, weigh
from orders.promotions.rules import Discount
from orders.shipping.options import Consignment, ShippingOption, options_for
from orders.tax.rates import Rates, rates_at
from orders.totals import PricedLine, Quote, Shipping

Goods = Sequence[tuple[Variant, int]]


@dataclass(frozen=True)
class Destination:
    """What tax and shipping need to know of an address; `country` is an ISO 3166 code."""

    country: str
    region: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Wishes:
    """What the shopper asks for: a coupon's code, a way to ship (empty: the first that is offered), and where to.

    Without a destination the shop's own country stands in, until the shopper has said more.
    """

    coupon: str = ""
    shipping: str = ""
    destination: Destination | None = None
    customer: User | None = None
    email: str = ""


@dataclass(frozen=True)
class Offer:
    """What the goods cost now. `option` is the chosen way to ship, `options` all there are.

    `saved` is what the coupon takes off, shipping included. A problem is a sentence for the shopper; there is none in
    an offer that can be ordered.
    """

    quote: Quote
    options: tuple[ShippingOption, ...]
    option: ShippingOption | None = None
    coupon: Coupon | None = None
    saved: int = 0
    coupon_problem: str = ""
    shipping_problem: str = ""

    @property
    def missing_to_free_shipping(self) -> int:
        """0 when shipping is free already, or never will be."""
        if self.option is None or self.quote.shipping == 0:
            return 0
        return self.option.missing_to_free(self.quote.subtotal - self.quote.discount)


def make_offer(goods: Goods, wishes: Wishes) -> Offer:
    """What the goods (variants with their products, and quantities) cost; problems are said in the offer."""
    coupon, discount, coupon_problem = _try_coupon(goods, wishes)
    return _offer(goods, wishes, coupon, discount, coupon_problem)


def firm_offer(goods: Goods, wishes: Wishes) -> Offer:
    """The same for an order: raises CouponRefused and NoShipping instead of offering anything else."""
    coupon, discount = _coupon(goods, wishes)
    offer = _offer(goods, wishes, coupon, discount, "")
    if offer.option is None:
        raise NoShipping(offer.shipping_problem, offered=[option.code for option in offer.options])
    return offer


def _offer(
    goods: Goods, wishes: Wishes, coupon: Coupon | None, discount: Discount | None, coupon_problem: str
) -> Offer:
    place = wishes.destination or Destination(settings.SHOP_COUNTRY)
    rates = rates_at(place.country, place.region)
    lines = _lines(goods, discount, rates)
    consignment = Consignment(
        value=sum(line.total for line in lines), weight=sum(variant.weight * n for variant, n in goods)
    )
    options = tuple(options_for(place.country, place.postcode, consignment))
    option, shipping_problem = _choose(options, wishes.shipping)
    full_price = option.price if option else 0
    price = 0 if discount and discount.frees_shipping else full_price
    quote = totals.quote(lines, Shipping(price, rates.shipping), prices_include_tax=settings.SHOP_PRICES_INCLUDE_TAX)
    return Offer(
        quote=quote,
        options=options,
        option=option,
        coupon=coupon,
        saved=quote.discount + full_price - price,
        coupon_problem=coupon_problem,
        shipping_problem=shipping_problem,
    )


def _lines(goods: Goods, discount: Discount | None, rates: Rates) -> list[PricedLine]:
    taken_off = discount.by_line if discount else (0,) * len(goods)
    return [
        PricedLine(
            variant_id=variant.pk,
            unit_price=variant.price,
            quantity=quantity,
            discount=less,
            tax_rate=rates.of(variant.product.tax_class_id),
        )
        for (variant, quantity), less in zip(goods, taken_off, strict=True)
    ]


def _choose(options: Sequence[ShippingOption], wanted: str) -> tuple[ShippingOption | None, str]:
    """The option that was asked for, or the first; else why there is none."""
    if not options:
        return None, "We do not ship this to your address."
    if not wanted:
        return options[0], ""
    chosen = next((option for option in options if option.code == wanted), None)
    return chosen, "" if chosen else "This way to ship is not offered for your order. Please choose another one."


def _coupon(goods: Goods, wishes: Wishes) -> tuple[Coupon | None, Discount | None]:
    """The coupon that was asked for and what it takes off. Raises CouponRefused."""
    if not wishes.coupon:
        return None, None
    coupon = find_coupon(wishes.coupon)
    if wishes.email or wishes.customer:
        email = wishes.email or (wishes.customer.email if wishes.customer else "")
        expect_uses_left(coupon, customer=wishes.customer, email=email)
    return coupon, weigh(coupon, goods)


def _try_coupon(goods: Goods, wishes: Wishes) -> tuple[Coupon | None, Discount | None, str]:
    try:
        return *_coupon(goods, wishes), ""
    except CouponRefused as error:
        return None, None, str(error)
