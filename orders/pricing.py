"""What a cart costs, with the tax, shipping and coupon that apply to it. Reads only; adds nothing up itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from catalog.models import Variant
from catalog.money import to_string
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
class ShownCoupon:
    """The coupon a shopper has asked for: what it takes off (minor units), or why it does not count."""

    code: str
    saved: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Offer:
    """What the goods cost now. `option` is the chosen way to ship, `options` all there are.

    `coupon` is the one that will be redeemed, `saved` what it takes off, shipping included. A coupon that would take
    nothing off is not spent. A problem is a sentence for the shopper; there is none in an offer that can be ordered.
    """

    quote: Quote
    options: tuple[ShippingOption, ...]
    option: ShippingOption | None = None
    asked_coupon: str = ""
    coupon: Coupon | None = None
    saved: int = 0
    coupon_problem: str = ""
    shipping_problem: str = ""

    @property
    def shown_coupon(self) -> ShownCoupon | None:
        """What the shopper is told about the coupon, if one was asked for."""
        code = self.coupon.code if self.coupon else self.asked_coupon
        return ShownCoupon(code, self.saved, self.coupon_problem) if code else None

    @property
    def missing_to_free_shipping(self) -> int:
        """0 when shipping is free already, or never will be."""
        if self.option is None or self.quote.shipping == 0:
            return 0
        return self.option.missing_to_free(self.quote.subtotal)


def make_offer(goods: Goods, wishes: Wishes) -> Offer:
    """What the goods (variants with their products, and quantities) cost; problems are said in the offer."""
    try:
        coupon, discount = coupon_for(goods, wishes)
    except CouponRefused as error:
        return _offer(goods, wishes, coupon_problem=str(error))
    return _offer(goods, wishes, coupon, discount)


def firm_offer(goods: Goods, wishes: Wishes) -> Offer:
    """The same for an order: raises CouponRefused and NoShipping instead of offering anything else."""
    offer = _offer(goods, wishes, *coupon_for(goods, wishes))
    if offer.option is None:
        raise NoShipping(offer.shipping_problem, offered=[option.code for option in offer.options])
    return offer


def coupon_for(goods: Goods, wishes: Wishes) -> tuple[Coupon | None, Discount | None]:
    """The coupon that is asked for, if any, and what it takes off these goods now. Raises CouponRefused."""
    if not wishes.coupon:
        return None, None
    coupon = find_coupon(wishes.coupon)
    expect_uses_left(coupon, customer=wishes.customer, email=wishes.email)
    return coupon, weigh(coupon, goods)


@contextmanager
def telling_full_price(goods: Goods, wishes: Wishes) -> Iterator[None]:
    """A coupon that is refused within is refused together with what the goods cost without it."""
    try:
        yield
    except CouponRefused as error:
        error.details |= figures(_offer(goods, wishes).quote)
        raise


def figures(quote: Quote) -> dict[str, str]:
    """The amounts of a quote for programs, as decimal strings."""
    names = ("subtotal", "discount", "shipping", "tax", "total")
    amounts = {name: to_string(getattr(quote, name), settings.SHOP_CURRENCY) for name in names}
    return {"currency": settings.SHOP_CURRENCY, **amounts}


def _offer(
    goods: Goods,
    wishes: Wishes,
    coupon: Coupon | None = None,
    discount: Discount | None = None,
    *,
    coupon_problem: str = "",
) -> Offer:
    place = wishes.destination or Destination(settings.SHOP_COUNTRY)
    rates = rates_at(place.country, place.region)
    lines = _lines(goods, discount, rates)
    # The value before the coupon: one that makes shipping dearer would be no favour.
    consignment = Consignment(
        value=sum(line.gross for line in lines), weight=sum(variant.weight * n for variant, n in goods)
    )
    options = tuple(options_for(place.country, place.postcode, consignment))
    option, shipping_problem = _choose(options, wishes.shipping)
    full_price = option.price if option else 0
    price = full_price - (_cheapest(options) if discount and discount.frees_shipping and option else 0)
    quote = totals.quote(lines, Shipping(price, rates.shipping), prices_include_tax=settings.SHOP_PRICES_INCLUDE_TAX)
    saved = quote.discount + full_price - price
    return Offer(
        quote=quote,
        options=options,
        option=option,
        asked_coupon=wishes.coupon,
        coupon=coupon if saved or option is None else None,
        saved=saved,
        coupon_problem=coupon_problem,
        shipping_problem=shipping_problem,
    )


def _cheapest(options: Sequence[ShippingOption]) -> int:
    """What free shipping is worth: who wants a dearer way pays the difference."""
    return min(option.price for option in options)


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
