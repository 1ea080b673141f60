"""Shipping zones and taxes in the admin. Bob is order staff, Mona a manager, Clara keeps the catalogue."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from catalog.models import TaxClass
from catalog.tests.factories import VariantFactory
from orders.models import RateStep, ShippingMethod, ShippingZone, TaxRate, ZoneArea
from orders.shipping.options import Consignment, options_for
from orders.shipping.tests.zones import method, tax, zone

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


class Sent(HTMLParser):
    """What a browser sends of a page that nobody has typed into; of a list without a choice, the first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.select, self.text = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if "__prefix__" in name:
            return
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and (self.select not in self.data or "selected" in given):
            self.data[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.text = name
            self.data[name] = ""
        elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.data[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.select, self.text = "", ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.data[self.text] += data


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


@pytest.mark.parametrize("country", ["AT", "DE"])
def test_a_page_that_was_only_looked_at_can_be_saved_and_adds_no_country(mona: Client, country: str) -> None:
    where, rate = zone("Mine", country), tax("19", country=country)
    method(where, "Parcel", 490)
    for page in (
        reverse("admin:orders_shippingzone_change", args=[where.pk]),
        reverse("admin:catalog_taxclass_change", args=[rate.tax_class_id]),
    ):
        sent = Sent(mona.get(page).content.decode()).data
        assert any(name.endswith("-country") and value == country for name, value in sent.items())
        answer = mona.post(page, {name: value for name, value in sent.items() if name not in ("q", "_continue")})
        assert answer.status_code == 302, errors_of(answer)
    assert [area.country for area in ZoneArea.objects.all()] == [country]
    assert [each.country for each in TaxRate.objects.all()] == [country]


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
