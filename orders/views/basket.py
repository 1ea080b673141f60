"""The cart as pages show it: lines, problems and what it would cost now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings
from django.core.signing import Signer
from django.http import HttpRequest

from accounts.countries import country_name
from orders import cart as carts
from orders.access import find_cart
from orders.cart import ShownLine
from orders.cart_cookie import cart_token, current_user
from orders.forms import Draft
from orders.models import Cart
from orders.pricing import Offer, ShownCoupon, Wishes, make_offer
from orders.totals import Quote
from orders.views.draft import load_draft

_signer = Signer(salt="orders.checkout-key")


@dataclass(frozen=True)
class Basket:
    """A shopper's cart, read once for one page. Amounts are minor units."""

    cart: Cart | None
    lines: list[ShownLine]
    wishes: Wishes

    @cached_property
    def offer(self) -> Offer:
        """What it would cost now, delivered as the shopper wishes."""
        return make_offer([(line.variant, line.quantity) for line in self.lines], self.wishes)

    @property
    def quote(self) -> Quote:
        return self.offer.quote

    @property
    def coupon(self) -> ShownCoupon | None:
        """The coupon on the cart, and whether it counts."""
        return self.offer.shown_coupon

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def can_be_ordered(self) -> bool:
        """There is something in it, and nothing that is short or no longer sold."""
        return bool(self.lines) and not any(line.problem for line in self.lines)

    @property
    def can_be_placed(self) -> bool:
        """It can be ordered, and there is a way to ship it."""
        return self.can_be_ordered and self.offer.option is not None

    @property
    def country(self) -> str:
        """Where it goes, as far as that is known."""
        return country_name(self.wishes.destination.country if self.wishes.destination else settings.SHOP_COUNTRY)

    @property
    def has_new_prices(self) -> bool:
        return any(line.price_before is not None for line in self.lines)

    @property
    def currency(self) -> str:
        return settings.SHOP_CURRENCY

    @property
    def free_shipping_from(self) -> int | None:
        return self.offer.option.free_from if self.offer.option else None

    @property
    def missing_to_free_shipping(self) -> int:
        return self.offer.missing_to_free_shipping

    @property
    def value_for_free_shipping(self) -> int:
        """How far the goods are on the way to free shipping."""
        return (self.free_shipping_from or 0) - self.missing_to_free_shipping

    @property
    def shipping_problem(self) -> str:
        """Why there is no way to ship it; empty when there is."""
        return self.offer.shipping_problem

    @property
    def shown(self) -> dict[int, int]:
        """Pieces by variant id: what the shopper sees on this page."""
        return {line.variant.pk: line.quantity for line in self.lines}

    @property
    def shown_text(self) -> str:
        """The same as the form of the review page carries it."""
        return ",".join(f"{pk}:{quantity}" for pk, quantity in self.shown.items())

    @property
    def key(self) -> str:
        """The retry key of this cart's order: the same in every tab and on every device, and not guessable."""
        return _signer.signature(str(self.cart.pk)) if self.cart else ""


def read_basket(request: HttpRequest, draft: Draft | None = None) -> Basket:
    """The shopper's open cart, priced for what was typed at the checkout, if anything was."""
    user, draft = current_user(request), draft or load_draft(request)
    cart = find_cart(user=user, token=cart_token(request))
    wishes = Wishes(coupon=cart.coupon_code if cart else "", customer=user)
    if draft is not None:
        wishes = replace(wishes, shipping=draft.shipping, destination=draft.address.destination, email=draft.email)
    return Basket(cart, carts.shown_lines(cart), wishes)
