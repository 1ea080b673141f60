from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Option, Product, Variant
from catalog.options import WantedOption, change_options, generate_missing
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.tests.test_admin import errors_of, filled, login, page_of
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def clara() -> Client:
    return login("clara")


def a_shirt(*, missing: bool = True) -> Product:
    product = ProductFactory.create(name="Shirt", slug="shirt", sku="SHIRT", price=2000)
    options = [WantedOption(name="Size", values=["S", "M"]), WantedOption(name="Colour", values=["Blue", "Red"])]
    change_options(product_id=product.pk, options=options)
    if missing:
        generate_missing(product_id=product.pk, price=2000)
    return product


def names(product: Product) -> list[str]:
    return list(product.variants.live().values_list("name", flat=True))


def options_now(product: Product) -> list[tuple[str, list[str]]]:
    return [(option.name, [value.value for value in option.values.all()]) for option in product.options.all()]


def with_options(product: Product, **values: Any) -> dict[str, Any]:
    """What the browser sends for a product with options, each variant as it is."""
    options = list(product.options.all())
    data: dict[str, Any] = {"options-TOTAL_FORMS": len(options), "options-INITIAL_FORMS": len(options)}
    for number, option in enumerate(options):
        data |= {
            f"options-{number}-id": option.pk,
            f"options-{number}-product": product.pk,
            f"options-{number}-name": option.name,
            f"options-{number}-values": "\r\n".join(value.value for value in option.values.all()),
            f"options-{number}-position": option.position,
        }
    for number, variant in enumerate(product.variants.live()):
        for place, value in enumerate((variant.value_1, variant.value_2, variant.value_3), start=1):
            if value:
                data[f"variants-{number}-option_{place}"] = value.value
    return filled(product) | data | values


class Fields(HTMLParser):
    """What a browser sends for the forms of a page as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.open = ""

    @classmethod
    def of(cls, page: str) -> dict[str, str]:
        parser = cls()
        parser.feed(page)
        return {name: text for name, text in parser.found.items() if "__prefix__" not in name}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if "disabled" in has or (not name and tag != "option"):
            return
        if tag in ("select", "textarea"):
            self.open = name
            self.found[name] = ""
        elif tag == "option" and "selected" in has and self.open:
            self.found[self.open] = has.get("value") or ""
        elif tag == "input" and (has.get("type") not in ("checkbox", "file", "submit") or "checked" in has):
            self.found[name] = has.get("value") or ("on" if "checked" in has else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open and self.lasttag == "textarea":
            self.found[self.open] += data


# --- options


def test_a_new_product_gets_its_options_with_its_first_variants(clara: Client) -> None:
    data = filled(None, name="Shirt", category=CategoryFactory.create().pk) | {
        "options-TOTAL_FORMS": 1,
        "options-0-name": "Size",
        "options-0-values": "S\nM\n\nL",
        "variants-TOTAL_FORMS": 2,
        "variants-0-name": "M",
        "variants-0-price": "20",
        "variants-1-name": "S",
        "variants-1-price": "20",
    }

    assert clara.post(reverse("admin:catalog_product_add"), data).status_code == 302

    product = Product.objects.get()
    assert options_now(product) == [("Size", ["S", "M", "L"])]
    assert names(product) == ["S", "M"]


def test_options_are_renamed_ordered_and_extended_in_one_go(clara: Client) -> None:
    product = a_shirt()
    change = {
        "options-0-position": 2,
        "options-1-position": 1,
        "options-1-name": "Color",
        "options-1-values": "Red\nNavy",
        "options-TOTAL_FORMS": 3,
        "options-2-name": "Fit",
        "options-2-values": "Slim\nWide",
        "options-2-position": 3,
    }

    assert clara.post(page_of(product), with_options(product) | change).status_code == 302

    assert options_now(product) == [("Color", ["Red", "Navy"]), ("Size", ["S", "M"]), ("Fit", ["Slim", "Wide"])]
    assert names(product) == ["Red / S / Slim", "Red / M / Slim", "Navy / S / Slim", "Navy / M / Slim"]


def test_a_value_that_goes_takes_its_variants_and_says_so(clara: Client) -> None:
    product = a_shirt()
    page = clara.post(page_of(product), with_options(product, **{"options-0-values": "M"}), follow=True)

    assert "No longer offered: S / Blue, S / Red." in page.content.decode()
    assert names(product) == ["M / Blue", "M / Red"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"options-1-DELETE": "on"}, "two variants “S”"),
        ({"options-0-values": "S\ns"}, "twice"),
        ({"options-0-values": " \n "}, "required"),
        ({"options-0-values": "x" * 81}, "80 characters"),
        ({"options-0-name": ""}, "required"),
        ({"options-0-name": "Colour"}, "same name"),
        ({"variants-0-option_1": ""}, "Choose one"),
        ({"variants-0-option_1": "XL"}, "valid choice"),
        ({"variants-0-option_1": "M"}, "two variants of these values"),
        ({"variants-0-barcode": "ä"}, "Latin"),
        ({"variants-0-cost": "-1"}, "not an amount"),
        ({"variants-0-picture": "999"}, "valid choice"),
    ],
)
def test_nonsense_is_refused_beside_its_field_and_nothing_written(
    clara: Client, wrong: dict[str, str], said: str
) -> None:
    product = a_shirt()
    before = options_now(product), names(product)

    assert said in errors_of(clara.post(page_of(product), with_options(product, **wrong)))

    assert (options_now(product), names(product)) == before


def test_all_variants_cannot_go_by_two_ways_at_once(clara: Client) -> None:
    product = ProductFactory.create(bare=True)
    for name in ("S", "M"):
        VariantFactory.create(product=product, name=name)
    change_options(product_id=product.pk, options=[WantedOption(name="Size", values=["S", "M"])])

    answer = clara.post(
        page_of(product), with_options(product, **{"options-0-values": "S", "variants-0-DELETE": "on"}), follow=True
    )

    assert "at least one variant" in answer.content.decode()
    assert names(product) == ["S", "M"]


def test_options_are_for_those_who_may_change_products(clara: Client) -> None:
    product = a_shirt()
    otto = login("otto")
    for client in (otto, Client()):
        client.post(page_of(product), with_options(product, **{"options-0-name": "Mine"}))
        assert client.post(missing_page(product), {"price": "1"}).status_code in (302, 403)
    assert options_now(product)[0][0] == "Size"


def test_an_archived_product_keeps_its_options(clara: Client) -> None:
    product = a_shirt(missing=False)
    Product.objects.update(archived_at="2026-01-01T00:00Z")

    assert clara.get(page_of(product)).status_code == 200
    data = {"price": "1", "compare_at_price": "", "weight": "0", "stock_quantity": "0"}
    assert clara.post(missing_page(product), data).status_code == 403
    assert names(product) == ["S / Blue"]


# --- variants


def test_a_variant_is_chosen_by_values_and_has_all_that_belongs_to_it(clara: Client) -> None:
    product = a_shirt(missing=False)
    picture = ProductImageFactory.create(product=product)
    data = with_options(product) | {
        "variants-TOTAL_FORMS": 2,
        "variants-1-option_1": "M",
        "variants-1-option_2": "Red",
        "variants-1-price": "21",
        "variants-1-cost": "8.50",
        "variants-1-weight": "300",
        "variants-1-barcode": "4006381333931",
        "variants-1-picture": picture.pk,
        "variants-1-initial_stock": "3",
        "variants-1-backorders": "on",
        "variants-0-option_2": "Red",
    }

    assert clara.post(page_of(product), data).status_code == 302

    assert names(product) == ["S / Red", "M / Red"]
    made = product.variants.get(name="M / Red")
    assert (made.sku, made.cost, made.weight, made.barcode, made.image) == (
        "SHIRT-M-RED", 850, 300, "4006381333931", picture,
    )  # fmt: skip
    assert (made.stock.on_hand, made.stock.allows_backorders) == (3, True)


def test_the_page_costs_the_same_for_one_variant_and_for_many(clara: Client) -> None:
    product = a_shirt(missing=False)
    clara.get(page_of(product))
    with captured_sql() as few:
        clara.get(page_of(product))
    generate_missing(product_id=product.pk, price=100)

    with captured_sql() as many:
        page = clara.get(page_of(product)).content.decode()

    assert len(many) == len(few)
    assert "S\nM</textarea>" in page.replace("\r", "")


# --- missing combinations


def missing_page(product: Product) -> str:
    return reverse("admin:catalog_product_generate_missing", args=[product.pk])


def test_a_product_of_a_hundred_variants_is_saved_as_it_is_sent(clara: Client) -> None:
    """Every field of every variant, more than Django takes of a form unless told."""
    product = ProductFactory.create(name="Shirt", slug="shirt", price=2000)
    options = [WantedOption(name=name, values=[f"{name}{n}" for n in range(10)]) for name in ("Size", "Colour")]
    change_options(product_id=product.pk, options=options)
    generate_missing(product_id=product.pk, price=2000)

    shown = Fields.of(clara.get(page_of(product)).content.decode())
    assert len(shown) > 1000
    sent = clara.post(page_of(product), shown | {"tags": "cotton"})

    assert (sent.status_code, sent.headers.get("Location")) == (302, reverse("admin:catalog_product_changelist"))
    product.refresh_from_db()
    assert (product.tags, product.variants.live().count()) == (["cotton"], 100)


def test_missing_combinations_are_listed_and_made(clara: Client) -> None:
    product = a_shirt(missing=False)
    page = clara.get(missing_page(product)).content.decode()
    for name in ("S / Red", "M / Blue", "M / Red"):
        assert name in page
    assert 'value="20.00"' in page

    answer = clara.post(
        missing_page(product),
        {"price": "25", "compare_at_price": "30", "weight": "200", "stock_quantity": "4"},
        follow=True,
    )

    assert "3 new variants." in answer.content.decode()
    made = Variant.objects.filter(product=product, price=2500, compare_at_price=3000, weight=200, stock__on_hand=4)
    assert made.count() == 3
    assert "Every combination has its variant" in clara.get(missing_page(product), follow=True).content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"price": ""}, "required"), ({"price": "0"}, "more than zero"), ({"compare_at_price": "1"}, "higher than")],
)
def test_combinations_without_a_right_price_are_not_made(clara: Client, wrong: dict[str, str], said: str) -> None:
    product = a_shirt(missing=False)
    data = {"price": "25", "compare_at_price": "", "weight": "0", "stock_quantity": "0"}

    answer = clara.post(missing_page(product), data | wrong)

    assert said in answer.content.decode()
    assert names(product) == ["S / Blue"]


def test_without_options_nothing_can_be_generated(clara: Client) -> None:
    page = clara.get(missing_page(ProductFactory.create()), follow=True)

    assert "no options" in page.content.decode()
    assert not Option.objects.exists()
