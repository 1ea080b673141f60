"""What a cart costs with tax, shipping and a coupon at once; the parts have tests of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import TaxClass, Variant
from catalog.tests.factories import ProductFactory
from orders.errors import CouponRefused, NoShipping, TotalChanged
from orders.models import Coupon, Order, Redemption, ShippingMethod, ShippingZone, TaxRate, ZoneArea
from orders.pricing import Destination, Wishes, firm_offer, make_offer
from orders.tests.auditing import broken_rules
from orders.tests.placing import place

pytestmark = pytest.mark.django_db
BERLIN = Destination("DE", postcode="10115")
VIENNA = Destination("AT", postcode="1010")


@pytest.fixture
def taxes() -> dict[str, TaxClass]:
    """19 % and 7 % in Germany, 20 % and 10 % in Austria; what has no class is standard."""
    standard = TaxClass.objects.create(code="standard", name="Standard", is_default=True)
    books = TaxClass.objects.create(code="books", name="Books")
    for country, tax_class, rate in (("DE", standard, 19), ("DE", books, 7), ("AT", standard, 20), ("AT", books, 10)):
        TaxRate.objects.create(tax_class=tax_class, country=country, rate=rate)
    return {"standard": standard, "books": books}


def thing(price: int, tax_class: TaxClass | None = None) -> Variant:
    product = ProductFactory.create(price=price, stock=50, tax_class=tax_class)
    return Variant.objects.select_related("product").get(product=product)


def test_each_line_is_taxed_by_its_class_and_place(taxes: dict[str, TaxClass]) -> None:
    goods = [(thing(1190), 1), (thing(1070, taxes["books"]), 2)]

    german = make_offer(goods, Wishes(destination=BERLIN)).quote
    assert german.line_taxes == (190, 140)
    assert german.shipping_tax == 78  # 4.90 contains 0.78 at 19 %
    assert german.tax == 190 + 140 + 78
    assert german.total == 1190 + 2140 + 490

    austrian = make_offer(goods, Wishes(destination=VIENNA)).quote
    assert austrian.line_taxes == (198, 195)
    assert austrian.total == german.total  # prices that include tax are the same everywhere


def test_tax_comes_on_top_when_prices_exclude_it(taxes: dict[str, TaxClass], settings: Any) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    quote = make_offer([(thing(1000), 1), (thing(1000, taxes["books"]), 1)], Wishes(destination=BERLIN)).quote
    assert quote.line_taxes == (190, 70)
    assert quote.total == 2000 + 490 + 190 + 70 + 93

    order = place((thing(1000), 1))
    assert (order.prices_include_tax, order.tax, order.total) == (False, 190 + 93, 1000 + 490 + 190 + 93)
    assert broken_rules() == []


def test_a_regions_rate_goes_before_its_countrys(taxes: dict[str, TaxClass]) -> None:
    TaxRate.objects.create(tax_class=taxes["standard"], country="DE", region="Büsingen", rate=Decimal("7.7"))
    goods = [(thing(1077), 1)]
    assert make_offer(goods, Wishes(destination=Destination("DE", region=" büsingen"))).quote.line_taxes == (77,)
    assert make_offer(goods, Wishes(destination=Destination("DE", region="Bayern"))).quote.line_taxes == (172,)


def test_shipping_is_taxed_by_setting(taxes: dict[str, TaxClass], settings: Any) -> None:
    settings.SHOP_SHIPPING_TAX_CLASS = ""
    assert make_offer([(thing(1190), 1)], Wishes(destination=BERLIN)).quote.shipping_tax == 0


def test_without_rates_there_is_no_tax() -> None:
    quote = make_offer([(thing(1190), 1)], Wishes(destination=BERLIN)).quote
    assert (quote.tax, quote.total) == (0, 1190 + 490)


def test_a_coupon_comes_off_before_tax_and_leaves_shipping_as_it_is(taxes: dict[str, TaxClass]) -> None:
    Coupon.objects.create(code="TEN", kind="percentage", percentage=10)
    offer = make_offer([(thing(8000), 1)], Wishes(coupon="ten", destination=BERLIN))
    assert (offer.quote.discount, offer.saved) == (800, 800)
    assert offer.quote.shipping == 0  # free from 75.00, and the goods are worth 80.00
    assert offer.quote.line_taxes == (1150,)  # 72.00 contains 11.4957


def test_free_shipping_saves_what_shipping_would_have_cost() -> None:
    Coupon.objects.create(code="FREE", kind="free_shipping")
    offer = make_offer([(thing(1000), 1)], Wishes(coupon="FREE", destination=BERLIN))
    assert (offer.quote.shipping, offer.quote.discount, offer.saved) == (0, 0, 490)


def test_a_problem_is_said_in_an_offer_and_refused_in_an_order() -> None:
    zone = ShippingZone.objects.create(name="Austria")
    ZoneArea.objects.create(zone=zone, country="AT")
    ShippingMethod.objects.create(zone=zone, name="Post", price=500)
    goods = [(thing(1000), 1)]

    offer = make_offer(goods, Wishes(coupon="NONE", destination=BERLIN))
    assert offer.coupon_problem == "This coupon is not valid."
    assert offer.shipping_problem == "We do not ship this to your address."
    assert (offer.quote.total, offer.option) == (1000, None)
    with pytest.raises(NoShipping):
        firm_offer(goods, Wishes(destination=BERLIN))
    with pytest.raises(CouponRefused):
        firm_offer(goods, Wishes(coupon="NONE", destination=VIENNA))
    with pytest.raises(NoShipping):
        firm_offer(goods, Wishes(shipping="999", destination=VIENNA))
    assert not Order.objects.exists()


def test_a_rate_that_changed_since_the_review_is_a_conflict_with_the_new_numbers(
    taxes: dict[str, TaxClass], settings: Any
) -> None:
    settings.SHOP_PRICES_INCLUDE_TAX = False
    variant = thing(1000)
    shown = make_offer([(variant, 1)], Wishes(destination=BERLIN)).quote.total
    TaxRate.objects.filter(country="DE", tax_class=taxes["standard"]).update(rate=21)
    with pytest.raises(TotalChanged) as refused:
        place((variant, 1), expected_total=shown)
    assert refused.value.details["tax"] == "3.13"
    assert refused.value.details["total"] == "18.03"
    assert not Order.objects.exists()


def test_an_order_remembers_what_it_was_priced_with(taxes: dict[str, TaxClass]) -> None:
    Coupon.objects.create(code="TEN", kind="percentage", percentage=10, max_uses=1)
    order = place((thing(1190), 2), coupon="ten")
    line = order.lines.get()
    assert (line.discount, line.total, line.tax, line.tax_rate) == (238, 2142, 342, Decimal("19.0000"))
    assert (order.discount, order.shipping_tax, order.tax, order.coupon_code) == (238, 78, 420, "TEN")
    assert order.shipping_tax_rate == Decimal("19.0000")
    assert (Redemption.objects.get().amount, Coupon.objects.get().used) == (238, 1)
    assert broken_rules() == []
