"""What the orders of the demo's past cost, with the tax and the shipping that hold now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from catalog.models import Variant
from orders import totals
from orders.demo.people import Home
from orders.models import ShippingMethod
from orders.shipping.options import Consignment, ShippingOption, methods_for, priced_options, standard_option
from orders.tax.rates import Rates, rates_at
from orders.totals import PricedLine, Quote, Shipping


class PastPrices:
    """Asks for the rates of a place once, however many orders go there."""

    def __init__(self) -> None:
        self.rates: dict[str, Rates] = {}
        self.methods: dict[tuple[str, str], list[ShippingMethod] | None] = {}

    def quote(
        self, home: Home, goods: Sequence[tuple[Variant, int]], lines: Sequence[PricedLine]
    ) -> tuple[ShippingOption, Quote]:
        """How the goods went there, and what it all cost. Where nothing goes any more, the flat rate is taken."""
        place = (home.country, home.postcode)
        if home.country not in self.rates:
            self.rates[home.country] = rates_at(home.country, "")
        if place not in self.methods:
            self.methods[place] = methods_for(*place)
        value, weight = sum(line.gross for line in lines), sum(variant.weight * n for variant, n in goods)
        rates = self.rates[home.country]
        options = priced_options(self.methods[place], Consignment(value, weight))
        option = options[0] if options else standard_option(value)
        taxed = [
            replace(line, tax_rate=rates.of(variant.product.tax_class_id))
            for (variant, _), line in zip(goods, lines, strict=True)
        ]
        shipping = Shipping(option.price, rates.shipping)
        return option, totals.quote(taxed, shipping, prices_include_tax=settings.SHOP_PRICES_INCLUDE_TAX)
