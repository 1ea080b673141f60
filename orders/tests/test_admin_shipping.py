"""Shipping zones, taxes and parcels in the admin. Bob is order staff, Mona a manager, Clara keeps the catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from catalog.models import StockLevel, TaxClass, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.models import Order, OrderLine, RateStep, Shipment, ShippingMethod, ShippingZone, TaxRate, ZoneArea
from orders.shipping.options import Consignment, options_for
from orders.shipping.tests.zones import method, tax, zone
from orders.tests.placing import place
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
ADD_ZONE = reverse("admin:orders_shippingzone_add")
ZONES = reverse("admin:orders_shippingzone_changelist")


def browser_of(name: str, group: str) -> Client:
    user = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant-here", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def bob() -> Client:
    return browser_of("bob", "Order staff")


@pytest.fixture
def mona() -> Client:
    return browser_of("mona", "Managers")


# --- zones -----------------------------------------------------------------------------------------------------


def rows(prefix: str, *filled: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """What a formset sends."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(filled), f"{prefix}-INITIAL_FORMS": initial}
    for number, fields in enumerate(filled):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in fields.items()}
    return sent


def zone_form(name: str = "Germany", areas: Any = ({"country": "DE"},), methods: Any = ()) -> dict[str, Any]:
    return {"name": name} | rows("areas", *areas) | rows("methods", *methods)


def a_method(**fields: Any) -> dict[str, Any]:
    return {"name": "Parcel", "kind": "flat", "price": "4.90", "position": 0, "is_active": "on"} | fields


def errors_of(response: Any) -> str:
    found = response.context["errors"] if response.context else []
    return " ".join(map(str, found))


def test_a_zone_is_made_on_one_page(mona: Client) -> None:
    form = zone_form(
        areas=({"country": "DE"}, {"country": "DE", "postcode_prefix": "27498, 259 30; 2684"}),
        methods=(
            a_method(free_from="75", min_days=2, max_days=4, description="To your door"),
            a_method(name="Heavy", kind="by_weight", price="", steps="2 kg: 6,90\n0 g: 4.90\r\n10,5kg: 12.90"),
            a_method(name="Insured", kind="by_value", price="", steps="0: 6.90\n50.00: 2.90\n"),
        ),
    )

    assert mona.post(ADD_ZONE, form).status_code == 302

    assert [str(area) for area in ZoneArea.objects.all()] == ["DE", "DE 25930", "DE 2684", "DE 27498"]
    parcel, heavy, insured = ShippingMethod.objects.order_by("pk")
    assert (parcel.price, parcel.free_from, parcel.min_days, parcel.max_days) == (490, 7500, 2, 4)
    assert list(heavy.steps.values_list("starts_at", "price")) == [(0, 490), (2000, 690), (10_500, 1290)]
    assert list(insured.steps.values_list("starts_at", "price")) == [(0, 690), (5000, 290)]
    assert [o.price for o in options_for("DE", "26849", Consignment(5000, 2500))] == [490, 690, 290]


def test_a_zone_shows_what_was_typed_and_changes(mona: Client) -> None:
    germany = zone("Germany", "DE")
    heavy = method(germany, "Heavy", by_weight={0: 490, 2000: 690}, free_from=5000)
    area = germany.areas.get()
    address = reverse("admin:orders_shippingzone_change", args=[germany.pk])
    page = mona.get(address).content.decode()
    assert "0 g: 4.90\n2000 g: 6.90" in page
    assert 'value="50.00"' in page

    form = {"name": "Home"}
    form |= rows("areas", {"id": area.pk, "zone": germany.pk, "country": "AT", "postcode_prefix": "10"}, initial=1)
    changed = a_method(id=heavy.pk, zone=germany.pk, name="Heavy", kind="by_weight", price="", steps="0 g: 5")
    form |= rows("methods", changed, initial=1)
    assert mona.post(address, form).status_code == 302

    germany.refresh_from_db()
    assert (germany.name, str(germany.areas.get())) == ("Home", "AT 10")
    assert list(RateStep.objects.values_list("starts_at", "price")) == [(0, 500)]

    form |= rows("methods", changed | {"kind": "flat", "price": "3", "steps": ""}, initial=1)
    assert mona.post(address, form).status_code == 302
    assert (ShippingMethod.objects.get().price, RateStep.objects.count()) == (300, 0)

    form |= rows("methods", changed | {"DELETE": "on"}, initial=1)
    assert mona.post(address, form).status_code == 302
    assert not ShippingMethod.objects.exists()


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ({"country": "", "postcode_prefix": "10"}, "This field is required."),
        ({"country": "XX"}, "Select a valid choice"),
        ({"country": "DE", "postcode_prefix": "ß"}, "no beginning of a postcode"),
        ({"country": "DE", "postcode_prefix": "12%"}, "no beginning of a postcode"),
        ({"country": "DE", "postcode_prefix": "10115, --"}, "no beginning of a postcode"),
        ({"country": "DE", "postcode_prefix": "1" * 13}, "too long"),
        ({"country": "DE", "postcode_prefix": ",".join(map(str, range(1000, 1201)))}, "At most 200"),
        ({"country": "FR"}, "belongs to a zone already"),
        ({"country": "FR", "postcode_prefix": "97, 20"}, "belongs to a zone already"),
        ({"country": "FR", "postcode_prefix": "20"}, "belongs to a zone already"),
    ],
)
def test_a_senseless_area_is_explained_and_nothing_is_saved(mona: Client, area: dict[str, str], said: str) -> None:
    zone("France", "FR", "FR 20")
    response = mona.post(ADD_ZONE, zone_form(areas=({"country": "AT", "postcode_prefix": "1"}, area)))
    assert response.status_code == 200
    assert said in errors_of(response)
    assert ShippingZone.objects.count() == 1
    assert ZoneArea.objects.count() == 2


def test_the_same_area_twice_on_one_page_is_explained(mona: Client) -> None:
    areas = ({"country": "DE", "postcode_prefix": "10"}, {"country": "DE", "postcode_prefix": "20, 10"})
    response = mona.post(ADD_ZONE, zone_form(areas=areas))
    assert "DE 10 is there twice." in response.content.decode()
    assert not ShippingZone.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"price": "-1"}, "This is not an amount."),
        ({"price": "4.905"}, "EUR has 2 decimal places."),
        ({"price": "1e3"}, "This is not an amount."),
        ({"price": "9" * 14}, "too large"),
        ({"free_from": "much"}, "This is not an amount."),
        ({"max_weight": "-5"}, "greater than or equal to 0"),
        ({"max_weight": "2 kg"}, "Enter a whole number."),
        ({"min_days": 5, "max_days": 2}, "cannot be shorter"),
        ({"kind": "gold"}, "Select a valid choice"),
        ({"steps": "0: 4.90"}, "A flat rate has no steps."),
        ({"kind": "by_weight"}, "Write at least one step"),
        ({"kind": "by_weight", "steps": "2 kg 6.90"}, "a colon"),
        ({"kind": "by_weight", "steps": "heavy: 6.90"}, "This is not a weight."),
        ({"kind": "by_weight", "steps": "1.5 g: 6.90"}, "This is not a weight."),
        ({"kind": "by_weight", "steps": "999999999 kg: 6.90"}, "too large"),
        ({"kind": "by_weight", "steps": "0: free"}, "This is not an amount."),
        ({"kind": "by_weight", "steps": "1 kg: 1\n1000 g: 2"}, "starts here already"),
        ({"kind": "by_value", "steps": "2 kg: 6.90"}, "This is not an amount."),
        ({"kind": "by_value", "steps": "-1: 6.90"}, "This is not an amount."),
        ({"kind": "by_value", "steps": "\n".join(f"{n}: 1" for n in range(51))}, "at most 50 steps"),
    ],
)
def test_a_senseless_method_is_explained_and_nothing_is_saved(mona: Client, fields: Any, said: str) -> None:
    response = mona.post(ADD_ZONE, zone_form(methods=(a_method(**fields),)))
    assert response.status_code == 200
    assert said in errors_of(response)
    assert not ShippingZone.objects.exists()


def test_two_methods_of_one_name_are_explained(mona: Client) -> None:
    response = mona.post(ADD_ZONE, zone_form(methods=(a_method(), a_method(price="5"))))
    assert response.status_code == 200
    assert not ShippingZone.objects.exists()


def test_a_country_that_is_no_longer_served_can_stay(mona: Client) -> None:
    old = zone("Old", "IS")
    address = reverse("admin:orders_shippingzone_change", args=[old.pk])
    assert "Iceland (no longer served)" in mona.get(address).content.decode()
    area = {"id": old.areas.get().pk, "zone": old.pk, "country": "IS", "postcode_prefix": ""}
    assert mona.post(address, {"name": "Older"} | rows("areas", area, initial=1) | rows("methods")).status_code == 302


def test_the_list_of_zones_says_where_and_how(mona: Client) -> None:
    germany = zone("Germany", "DE", "DE 27498")
    method(germany, "Parcel", 490, min_days=2, max_days=4)
    method(germany, "Heavy", by_weight={0: 490})
    page = mona.get(ZONES).content.decode()
    assert "Germany, Germany 27498" in page
    assert "Parcel €4.90, 2–4 working days, Heavy by weight" in page


def test_order_staff_look_at_zones_and_change_nothing(bob: Client) -> None:
    germany = zone("Germany", "DE")
    address = reverse("admin:orders_shippingzone_change", args=[germany.pk])
    assert bob.get(address).status_code == 200
    assert bob.post(address, zone_form("Mine")).status_code == 403
    assert bob.get(ADD_ZONE).status_code == 403
    assert browser_of("clara", "Catalog staff").get(ZONES).status_code == 403


# --- taxes -----------------------------------------------------------------------------------------------------


def class_form(*rates: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "Books", "code": "books"} | fields | rows("rates", *rates)


def test_a_tax_class_is_made_with_its_rates(mona: Client) -> None:
    form = class_form(
        {"country": "DE", "rate": "7"}, {"country": "FR", "region": " Corse ", "rate": "2.1"}, is_default="on"
    )
    assert mona.post(reverse("admin:catalog_taxclass_add"), form).status_code == 302
    assert TaxClass.objects.get().is_default
    assert list(TaxRate.objects.values_list("country", "region", "rate")) == [
        ("DE", "", Decimal(7)),
        ("FR", "Corse", Decimal("2.1")),
    ]
    assert "2.1" in mona.get(reverse("admin:orders_taxrate_changelist")).content.decode()


@pytest.mark.parametrize(
    "rate",
    [
        {"country": "DE", "rate": "-1"},
        {"country": "DE", "rate": "101"},
        {"country": "DE", "rate": "19.00001"},
        {"country": "DE", "rate": "NaN"},
        {"country": "XX", "rate": "19"},
        {"country": "DE", "rate": ""},
        {"country": "DE", "region": "x" * 121, "rate": "19"},
    ],
)
def test_a_senseless_rate_is_refused(mona: Client, rate: dict[str, str]) -> None:
    assert mona.post(reverse("admin:catalog_taxclass_add"), class_form(rate)).status_code == 200
    assert not TaxClass.objects.exists()


def test_one_rate_per_place_and_one_default(mona: Client) -> None:
    add = reverse("admin:catalog_taxclass_add")
    twice = class_form(
        {"country": "DE", "region": "Bayern", "rate": "7"}, {"country": "DE", "region": "bayern", "rate": "5"}
    )
    response = mona.post(add, twice, follow=True)
    assert not TaxRate.objects.exists()
    assert "Nothing was saved" in response.content.decode()
    tax("19")
    assert mona.post(add, class_form(is_default="on")).status_code == 200
    assert TaxClass.objects.count() == 1


def test_the_code_of_a_class_stays_and_its_rates_change(mona: Client) -> None:
    rate = tax("19")
    address = reverse("admin:catalog_taxclass_change", args=[rate.tax_class.pk])
    row = {"id": rate.pk, "tax_class": rate.tax_class.pk, "country": "DE", "region": "", "rate": "16"}
    form = {"name": "Normal", "code": "other", "is_default": "on"} | rows("rates", row, initial=1)
    assert mona.post(address, form).status_code == 302
    rate.refresh_from_db()
    assert (rate.rate, rate.tax_class.code, rate.tax_class.name) == (Decimal(16), "standard", "Normal")


def test_a_class_with_products_cannot_be_deleted(mona: Client) -> None:
    books = tax("7", code="books").tax_class
    VariantFactory.create(product__tax_class=books)
    mona.post(reverse("admin:catalog_taxclass_delete", args=[books.pk]), {"post": "yes"})
    assert TaxClass.objects.filter(code="books").exists()


# --- parcels ---------------------------------------------------------------------------------------------------


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=10)


@pytest.fixture
def order(mug: Variant) -> Order:
    bowl = VariantFactory.create(product__name="Deep bowl", product__slug="bowl", stock=5)
    return lifecycle.accept(order=place((mug, 3), (bowl, 1)), actor=staff("bob"))


def ship_page(order: Order) -> str:
    return reverse("admin:orders_order_ship", args=[order.pk])


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def parcel_form(order: Order, *quantities: int, **fields: Any) -> dict[str, Any]:
    """What the page sends; without quantities all that is open."""
    lines = [line for line in order.lines.all() if line.open]
    wanted = quantities or tuple(line.open for line in lines)
    form = {f"line_{line.pk}": quantity for line, quantity in zip(lines, wanted, strict=True)}
    return form | {"seen": ",".join(f"{line.pk}:{line.open}" for line in lines)} | fields


def shipped(order: Order) -> list[int]:
    return list(order.lines.values_list("shipped", flat=True))


def test_the_page_offers_all_that_is_open(bob: Client, order: Order) -> None:
    page = bob.get(ship_page(order)).content.decode()
    for line in order.lines.all():
        assert line.title in page
        assert f'name="line_{line.pk}" value="{line.quantity}"' in page
    assert "Österreichische Post" in page
    assert shipped(order) == [0, 0]


def test_two_parcels_make_a_shipped_order(bob: Client, order: Order) -> None:
    first = parcel_form(order, 2, 0, carrier="DHL", tracking_number="0034 0434")
    assert bob.post(ship_page(order), first)["Location"] == page_of(order)
    assert shipped(order) == [2, 0]
    assert Order.objects.get().status == "processing"
    page = bob.get(page_of(order)).content.decode()
    assert "2 × Speckled mug" in page
    assert "piececode=00340434" in page

    rest = parcel_form(order, carrier="other", other_carrier="A friend", tracking_url="friend.example/42")
    assert bob.post(ship_page(order), rest).status_code == 302

    assert shipped(order) == [3, 1]
    assert Order.objects.get().status == "shipped"
    one, two = Shipment.objects.all()
    assert (one.carrier, one.tracking_number, one.shipped_by) == ("DHL", "0034 0434", "bob")
    assert (two.carrier, two.tracking_url) == ("A friend", "https://friend.example/42")
    assert bob.get(ship_page(order)).status_code == 403
    call_command("audit")


def test_a_stale_page_is_refused_clearly_and_shows_what_is_open_now(bob: Client, order: Order) -> None:
    form = parcel_form(order)
    lifecycle.send_parcel(order=order, actor=staff("otto"), pieces={order.lines.all()[0].pk: 1})

    response = bob.post(ship_page(order), form)

    assert response.status_code == 409
    page = response.content.decode()
    assert "has changed since you opened this page" in page
    assert 'value="2"' in page
    assert shipped(order) == [1, 0]
    assert Shipment.objects.count() == 1


def test_a_second_click_sends_no_second_parcel(bob: Client, order: Order) -> None:
    form = parcel_form(order, 1, 0)
    assert bob.post(ship_page(order), form).status_code == 302
    assert bob.post(ship_page(order), form).status_code == 409
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize(
    ("quantities", "fields"),
    [
        ((0, 0), {}),
        ((4, 0), {}),
        ((-1, 1), {}),
        (("many", 1), {}),
        (("", 1), {}),
        (("1.5", 1), {}),
        ((10**30, 1), {}),
        ((1, 0), {"carrier": "Pigeon"}),
        ((1, 0), {"carrier": "other"}),
        ((1, 0), {"tracking_number": "1" * 81}),
        ((1, 0), {"tracking_number": "a\x00b"}),
        ((1, 0), {"carrier": "other", "other_carrier": "x" * 41}),
        ((1, 0), {"carrier": "other", "other_carrier": "Van\r\nBcc: x"}),
        ((1, 0), {"tracking_url": "javascript:alert(1)"}),
        ((1, 0), {"tracking_url": "ftp://example.com/"}),
        ((1, 0), {"tracking_url": "https://example.com/" + "x" * 300}),
    ],
)
def test_a_senseless_parcel_is_explained_and_nothing_is_sent(
    bob: Client, order: Order, quantities: Any, fields: dict[str, Any]
) -> None:
    response = bob.post(ship_page(order), parcel_form(order, *quantities, **fields))
    assert response.status_code == 422
    assert shipped(order) == [0, 0]
    assert not Shipment.objects.exists()


def test_who_may_not_fulfil_orders_sends_nothing(order: Order) -> None:
    clara = browser_of("clara", "Catalog staff")
    for response in (clara.get(ship_page(order)), clara.post(ship_page(order), parcel_form(order))):
        assert response.status_code in {302, 403, 404}
    assert shipped(order) == [0, 0]


def test_an_order_shows_its_taxes(bob: Client, mug: Variant, settings: Any) -> None:
    tax("19")
    included = place((mug, 1))
    settings.SHOP_PRICES_INCLUDE_TAX = False
    on_top = place((mug, 1))
    assert "of which 19\N{NO-BREAK SPACE}% €2.78" in bob.get(page_of(included)).content.decode()
    assert "plus 19\N{NO-BREAK SPACE}% €3.31" in bob.get(page_of(on_top)).content.decode()


def test_the_page_of_an_order_costs_the_same_for_one_parcel_and_for_three(bob: Client, order: Order) -> None:
    line: OrderLine = order.lines.all()[0]
    lifecycle.send_parcel(order=order, actor=staff("bob"), pieces={line.pk: 1})
    bob.get(page_of(order))
    with captured_sql() as one:
        bob.get(page_of(order))
    for _ in range(2):
        lifecycle.send_parcel(order=order, actor=staff("bob"), pieces={line.pk: 1})
    with captured_sql() as three:
        bob.get(page_of(order))
    assert len(three) == len(one)
    assert StockLevel.objects.get(variant=line.variant).on_hand == 7
