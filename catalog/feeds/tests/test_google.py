"""The product feed, read back as XML, field by field."""

from __future__ import annotations

import tracemalloc
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.feeds import google
from catalog.feeds.gtin import gtin_of
from catalog.feeds.xml import element
from catalog.inventory import stock
from catalog.models import Brand, Option, OptionValue, Product, StockLevel
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.variants import update_variant
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
G = "{http://base.google.com/ns/1.0}"
SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _no_quota_is_spent() -> None:
    cache.clear()


def items(client: Client) -> list[dict[str, list[str]]]:
    answer: Any = client.get("/feeds/google.xml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
    channel = ElementTree.fromstring(b"".join(answer.streaming_content)).find("channel")
    assert channel is not None
    found = []
    for item in channel.iter("item"):
        fields: dict[str, list[str]] = {}
        for field in item:
            fields.setdefault(field.tag.removeprefix(G), []).append(field.text or "")
        found.append(fields)
    return found


def test_a_product_with_one_variant_in_all_its_fields(client: Client) -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    product = ProductFactory.create(
        name="Mug <&>", slug="mug", category=mugs, description="<p>Thrown &amp; fired.</p>", sku="MUG-1", price=1250
    )
    Product.objects.update(brand=Brand.objects.create(name="Clay", slug="clay"), google_category="2169")
    product.variants.update(barcode="4006381333931", weight=350)
    for number in range(13):
        ProductImageFactory.create(product=product, image=f"products/{number}.webp", position=number)

    [item] = items(client)

    assert item.pop("additional_image_link") == [f"{SITE}/media/products/{n}.webp" for n in range(1, 11)]
    assert {name: value for name, [value] in item.items()} == {
        "id": "MUG-1",
        "title": "Mug <&>",
        "description": "Thrown & fired.",
        "link": f"{SITE}/products/mug/",
        "image_link": f"{SITE}/media/products/0.webp",
        "availability": "in_stock",
        "price": "12.50 EUR",
        "condition": "new",
        "brand": "Clay",
        "gtin": "4006381333931",
        "google_product_category": "2169",
        "product_type": "Kitchen > Mugs",
        "shipping_weight": "350 g",
    }


def test_variants_share_a_group_and_tell_their_options(client: Client) -> None:
    product = ProductFactory.create(name="Shirt", slug="shirt", bare=True)
    own = ProductImageFactory.create(product=product, image="products/blue.webp", position=5)
    ProductImageFactory.create(product=product, image="products/all.webp", position=0)
    colour = Option.objects.create(product=product, name="Colour", position=1)
    size = Option.objects.create(product=product, name="Größe", position=2)
    blue = OptionValue.objects.create(option=colour, value="Blue")
    for text in ("S", "M"):
        value = OptionValue.objects.create(option=size, value=text)
        VariantFactory.create(
            product=product, sku=f"S {text}", name=f"Blue / {text}", value_1=blue, value_2=value, image=own
        )

    found = items(client)

    assert [item["color"] + item["size"] for item in found] == [["Blue", "S"], ["Blue", "M"]]
    assert {item["item_group_id"][0] for item in found} == {str(product.pk)}
    assert found[1]["title"] == ["Shirt – Blue / M"]
    assert found[1]["link"] == [f"{SITE}/products/shirt/?variant=S+M"]
    assert found[1]["image_link"] == [f"{SITE}/media/products/blue.webp"]
    assert found[1]["additional_image_link"] == [f"{SITE}/media/products/all.webp"]
    assert found[1]["identifier_exists"] == ["no"]


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ({"on_hand": 1}, "in_stock"),
        ({"on_hand": 2, "reserved": 2}, "out_of_stock"),
        ({"on_hand": 0, "allows_backorders": True}, "backorder"),
    ],
)
def test_it_says_what_can_be_had(client: Client, level: dict[str, Any], said: str) -> None:
    ProductFactory.create()
    StockLevel.objects.update(**level)

    assert items(client)[0]["availability"] == [said]


def test_a_reduction_has_two_prices(client: Client) -> None:
    ProductFactory.create(price=1000, compare_at_price=1500)

    [item] = items(client)

    assert (item["price"], item["sale_price"]) == (["15.00 EUR"], ["10.00 EUR"])


def test_only_what_is_listed_is_told(client: Client) -> None:
    ProductFactory.create(slug="shown")
    ProductFactory.create(is_listed=False)
    ProductFactory.create(is_published=False)
    ProductFactory.create(published_from="2999-01-01T00:00Z")

    assert [item["link"] for item in items(client)] == [[f"{SITE}/products/shown/"]]


def test_batches_leave_nothing_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "BATCH", 3)
    products = [ProductFactory.create() for _ in range(7)]

    assert [item["title"][0] for item in items(client)] == [product.name for product in products]


def test_more_products_cost_no_more_queries_and_little_more_memory(client: Client) -> None:
    ProductFactory.create()
    with captured_sql() as few:
        items(client)
    for _ in range(30):
        ProductFactory.create()
    with captured_sql() as many:
        items(client)

    assert len(many) == len(few)


def test_it_is_made_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the feed, no more of it is in memory than a batch."""
    product = ProductFactory.create()
    [batch] = list(google.in_batches())
    monkeypatch.setattr(google, "in_batches", lambda: (batch * 100 for _ in range(200)))
    tracemalloc.start()
    length = sum(len(piece) for piece in google.google_feed())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert product.pk
    assert length > 5_000_000
    assert most < length / 10


def test_who_has_it_already_is_told_so(client: Client) -> None:
    product = ProductFactory.create(stock=1)
    first = client.get("/feeds/google.xml")
    assert first["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in first

    again = client.get("/feeds/google.xml", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again["ETag"], again.content) == (304, first["ETag"], b"")

    variant = product.variants.get()
    changes = (
        lambda: update_variant(variant_id=variant.pk, price=1),
        lambda: stock.adjust(variant_id=variant.pk, quantity=4),
        lambda: StockLevel.objects.update(reserved=5),
        lambda: ProductImageFactory.create(product=product),
        lambda: ProductFactory.create(),
    )
    etags = {first["ETag"]}
    for change in changes:
        change()
        etags.add(client.get("/feeds/google.xml")["ETag"])
    assert len(etags) == len(changes) + 1


def test_it_is_not_made_too_often_for_one_client(client: Client, settings: Any) -> None:
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "feeds": "2/hour"}

    answers = [client.get("/feeds/google.xml") for _ in range(3)]
    etag = answers[0]["ETag"]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert client.get("/feeds/google.xml", headers={"If-None-Match": etag}).status_code == 304


def test_what_xml_cannot_hold_is_left_out(client: Client) -> None:
    ProductFactory.create(name="A \x08\x1b\ufffe<b>]]>B 🫖")

    assert items(client)[0]["title"] == ["A <b>]]>B 🫖"]
    assert element("g:x", "") == ""


@pytest.mark.parametrize(
    ("barcode", "gtin"),
    [
        ("4006381333931", "4006381333931"),
        ("978-3-16-148410-0", "9783161484100"),
        ("036000291452", "036000291452"),
        ("96385074", "96385074"),
        ("14006381333938", "14006381333938"),
        ("2012345678903", ""),  # weighed at the counter
        ("0412345678903", ""),
        ("212345678909", ""),  # the same as UPC
        ("9812345678902", ""),  # a coupon
        ("20123451", ""),
        ("4006381333932", ""),
        ("12345", ""),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", ""),
        ("", ""),
        ("ABC", ""),
    ],
)
def test_only_real_numbers_are_told(barcode: str, gtin: str) -> None:
    assert gtin_of(barcode) == gtin
