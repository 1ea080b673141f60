"""Sitemaps and robots.txt, as machines read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog.feeds import sitemap
from catalog.models import Collection, Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = "http://127.0.0.1:8000"


def entries(client: Client, address: str, root: str) -> list[tuple[str, str | None]]:
    """Addresses and times of change."""
    answer: Any = client.get(address.removeprefix(SITE))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml; charset=utf-8")
    assert answer["Cache-Control"] == "public, max-age=3600"
    document = ElementTree.fromstring(b"".join(answer.streaming_content))
    assert document.tag == NAMESPACE + root
    return [(entry.findtext(f"{NAMESPACE}loc") or "", entry.findtext(f"{NAMESPACE}lastmod")) for entry in document]


def everything(client: Client) -> list[str]:
    """Every address that a machine finds from the index on."""
    parts = [part for part, _ in entries(client, "/sitemap.xml", "sitemapindex")]
    return [address for part in parts for address, _ in entries(client, part, "urlset")]


def test_everything_worth_finding_is_found(client: Client) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    ProductFactory.create(slug="mug", category=kitchen)
    ProductFactory.create(slug="hidden", category=kitchen, is_listed=False)
    ProductFactory.create(slug="draft", category=kitchen, is_published=False)

    Collection.objects.create(name="New", slug="new")
    Collection.objects.create(name="Later", slug="later", is_published=False)

    found = everything(client)

    paths = ("/", "/products/", "/collections/", "/categories/kitchen/", "/collections/new/", "/products/mug/")
    assert found == [f"{SITE}{path}" for path in paths]
    assert all(client.get(address.removeprefix(SITE)).status_code == 200 for address in found)


def test_products_say_when_they_changed(client: Client) -> None:
    product = ProductFactory.create()
    changed = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    Product.objects.update(updated_at=changed)
    part = f"/sitemaps/products-{product.pk // sitemap.PART}.xml"

    assert entries(client, part, "urlset") == [(f"{SITE}/products/{product.slug}/", "2026-03-29T01:30:00+00:00")]
    assert (f"{SITE}{part}", "2026-03-29T01:30:00+00:00") in entries(client, "/sitemap.xml", "sitemapindex")


def test_a_part_is_a_range_of_keys(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "PART", 10)
    monkeypatch.setattr(sitemap, "BATCH", 3)
    products = [ProductFactory.create() for _ in range(25)]
    Product.objects.filter(pk__in=[product.pk for product in products[10:20]]).delete()
    left = [product.slug for product in products[:10] + products[20:]]

    parts = [part for part, _ in entries(client, "/sitemap.xml", "sitemapindex") if "products" in part]
    found = [entries(client, part, "urlset") for part in parts]

    assert all(0 < len(part) <= 10 for part in found)
    assert [address for part in found for address, _ in part] == [f"{SITE}/products/{slug}/" for slug in left]


@pytest.mark.parametrize("number", ["99", "0999", str(10**30), "-1", "x"])
def test_a_part_that_is_not_there_is_not_found(client: Client, number: str) -> None:
    ProductFactory.create()

    assert client.get(f"/sitemaps/products-{number}.xml").status_code == 404


def test_an_empty_shop_has_a_sitemap(client: Client) -> None:
    assert everything(client) == [f"{SITE}/", f"{SITE}/products/", f"{SITE}/collections/"]


def test_more_products_cost_no_more_queries(client: Client) -> None:
    ProductFactory.create()
    with captured_sql() as few:
        everything(client)
    category = Product.objects.get().category
    for _ in range(20):
        ProductFactory.create(category=category)
    with captured_sql() as many:
        everything(client)

    assert len(many) == len(few)


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/categories.xml", "/robots.txt"])
def test_it_is_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200


def test_robots_are_sent_to_the_sitemap_and_away_from_what_is_private(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    parser = RobotFileParser()
    parser.parse(answer.content.decode().splitlines())

    assert parser.site_maps() == [f"{SITE}/sitemap.xml"]
    for path in ("/cart/", "/checkout/", "/account/login/", "/admin/", "/api/v1/products/", "/search/?q=a"):
        assert not parser.can_fetch("*", f"{SITE}{path}"), path
    for path in ("/", "/products/", "/products/mug/", "/products/mug/?variant=A", "/categories/mugs/", "/static/a.css"):
        assert parser.can_fetch("*", f"{SITE}{path}"), path
