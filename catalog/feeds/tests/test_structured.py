"""Structured data, canonical addresses and link previews, read from the pages as machines do."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from catalog.models import Brand, Option, OptionValue, Product, StockLevel
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
SCHEMA = "https://schema.org"


class Reader(HTMLParser):
    """Collects the data blocks and the `meta` and `link` of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Any] = []
        self.meta: dict[str, str] = {}
        self.canonical = ""
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._is_data = tag == "script" and found.get("type") == "application/ld+json"
        if tag == "meta" and (name := found.get("property") or found.get("name")):
            self.meta[name] = found.get("content") or ""
        if tag == "link" and found.get("rel") == "canonical":
            self.canonical = found.get("href") or ""

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.blocks.append(json.loads(data))
            self._is_data = False


def read(client: Client, address: str) -> Reader:
    answer = client.get(address)
    assert answer.status_code == 200
    reader = Reader()
    reader.feed(answer.content.decode())
    return reader


def of_type(reader: Reader, name: str) -> dict[str, Any]:
    [found] = [block for block in reader.blocks if block["@type"] == name]
    assert found.pop("@context") == SCHEMA
    return dict(found)


def test_a_product_and_its_offer(client: Client) -> None:
    product = ProductFactory.create(
        name="Mug", slug="mug", description="<p>Thrown &amp; fired.</p>", sku="MUG-1", price=1000, compare_at_price=1500
    )
    Product.objects.update(brand=Brand.objects.create(name="Clay", slug="clay"))
    product.variants.update(barcode="4006381333931")
    ProductImageFactory.create(product=product, image="products/a.webp")

    assert of_type(read(client, "/products/mug/"), "Product") == {
        "@type": "Product",
        "@id": f"{SITE}/products/mug/#product",
        "name": "Mug",
        "url": f"{SITE}/products/mug/",
        "description": "Thrown & fired.",
        "image": [f"{SITE}/media/products/a.webp"],
        "brand": {"@type": "Brand", "name": "Clay"},
        "sku": "MUG-1",
        "gtin": "4006381333931",
        "offers": {
            "@type": "Offer",
            "url": f"{SITE}/products/mug/",
            "priceCurrency": "EUR",
            "price": "10.00",
            "availability": f"{SCHEMA}/InStock",
            "itemCondition": f"{SCHEMA}/NewCondition",
            "priceSpecification": {
                "@type": "UnitPriceSpecification",
                "priceType": f"{SCHEMA}/StrikethroughPrice",
                "price": "15.00",
                "priceCurrency": "EUR",
            },
        },
    }


def test_several_variants_are_a_group(client: Client) -> None:
    product = ProductFactory.create(name="Shirt", slug="shirt", bare=True)
    picture = ProductImageFactory.create(product=product, image="products/s.webp")
    size = Option.objects.create(product=product, name="Size", position=1)
    cut = Option.objects.create(product=product, name="Cut", position=2)
    wide = OptionValue.objects.create(option=cut, value="Wide")
    for text, pieces in (("S", 0), ("M", 3)):
        value = OptionValue.objects.create(option=size, value=text)
        VariantFactory.create(
            product=product,
            sku=f"S&{text}",
            name=f"{text} / Wide",
            value_1=value,
            value_2=wide,
            stock=pieces,
            image=picture,
        )

    group = of_type(read(client, "/products/shirt/?variant=S%26M"), "ProductGroup")

    assert (group["productGroupID"], group["variesBy"]) == (str(product.pk), [f"{SCHEMA}/size"])
    small, medium = group["hasVariant"]
    assert (small["size"], small["offers"]["availability"]) == ("S", f"{SCHEMA}/OutOfStock")
    assert medium["name"] == "Shirt – M / Wide"
    assert medium["image"] == f"{SITE}/media/products/s.webp"
    assert medium["offers"]["url"] == f"{SITE}/products/shirt/?variant=S%26M"
    assert "Cut" not in medium


def test_a_product_that_cannot_be_bought_says_nothing_wrong(client: Client) -> None:
    ProductFactory.create(slug="mug", bare=True)

    assert of_type(read(client, "/products/mug/"), "ProductGroup")["hasVariant"] == []


def test_the_way_to_a_page(client: Client) -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    ProductFactory.create(name="Mug", slug="mug", category=mugs)

    steps = of_type(read(client, "/products/mug/"), "BreadcrumbList")["itemListElement"]
    assert [(step["position"], step["name"], step["item"]) for step in steps] == [
        (1, "Home", f"{SITE}/"),
        (2, "Kitchen", f"{SITE}/categories/kitchen/"),
        (3, "Mugs", f"{SITE}/categories/mugs/"),
        (4, "Mug", f"{SITE}/products/mug/"),
    ]
    steps = of_type(read(client, "/categories/mugs/"), "BreadcrumbList")["itemListElement"]
    assert [step["name"] for step in steps] == ["Home", "Kitchen", "Mugs"]


def test_the_home_page_says_who_sells_and_how_to_search(client: Client, settings: Any) -> None:
    settings.SHOP_VAT_ID = "DE123456789"
    reader = read(client, "/")

    organization = of_type(reader, "Organization")
    assert (organization["name"], organization["url"], organization["vatID"]) == (
        settings.SHOP_NAME,
        f"{SITE}/",
        "DE123456789",
    )
    action = of_type(reader, "WebSite")["potentialAction"]
    assert action["target"]["urlTemplate"] == f"{SITE}/search/?q={{search_term_string}}"
    assert action["query-input"] == "required name=search_term_string"


@pytest.mark.parametrize(
    "name", ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028\u2029", '"\\"', "{{ x }}"]
)
def test_no_name_gets_out_of_its_block(client: Client, name: str) -> None:
    ProductFactory.create(name=name, slug="mug")
    reader = read(client, "/products/mug/")

    assert of_type(reader, "Product")["name"] == name
    page = client.get("/products/mug/").content.decode()
    assert "<script>alert" not in page
    for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        assert not set(block) & set("<>&\u2028\u2029")


def test_a_preview_shows_picture_and_price(client: Client) -> None:
    product = ProductFactory.create(name="Mug", slug="mug", price=1250)
    ProductImageFactory.create(product=product, image="products/a.webp", alt="A green mug")

    meta = read(client, "/products/mug/").meta

    assert {name: text for name, text in meta.items() if name.startswith(("og:image", "product:", "twitter:"))} == {
        "og:image": f"{SITE}/media/products/a.webp",
        "og:image:width": "900",
        "og:image:height": "900",
        "og:image:alt": "A green mug",
        "product:price:amount": "12.50",
        "product:price:currency": "EUR",
        "twitter:card": "summary_large_image",
    }
    assert (meta["og:type"], meta["og:url"]) == ("product", f"{SITE}/products/mug/")


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/products/p-1/?variant=X&utm_source=a", "/products/p-1/"),
        ("/products/?sort=price", "/products/"),
        ("/products/?min_price=1&page=1", "/products/"),
        ("/products/?page=2", "/products/?page=2"),
        ("/products/?page=2&sort=price", "/products/"),
        ("/categories/c/?page=2", "/categories/c/?page=2"),
        ("/categories/c/?sale=on", "/categories/c/"),
        ("/?utm_source=a", "/"),
    ],
)
def test_every_page_names_its_one_address(client: Client, address: str, canonical: str) -> None:
    category = CategoryFactory.create(name="C")
    for number in range(30):
        ProductFactory.create(slug=f"p-{number}", category=category, compare_at_price=2000)

    assert read(client, address).canonical == SITE + canonical


def test_what_is_backordered_is_said_so(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=0)
    StockLevel.objects.update(allows_backorders=True)

    availability = of_type(read(client, "/products/mug/"), "Product")["offers"]["availability"]
    assert availability == f"{SCHEMA}/BackOrder"
