"""The sitemap: an index of parts, none of which holds more addresses than the protocol allows.

A part of products is a range of keys, so that finding its beginning costs nothing, however far into a million products
it lies; what was deleted leaves a part shorter, never longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Max
from django.urls import reverse

from catalog.feeds.links import absolute
from catalog.feeds.xml import DECLARATION, element
from catalog.models import Category, Collection, Product

PART = 50_000  # keys; the protocol allows as many addresses
BATCH = 5_000
PARTS = ("pages", "categories", "collections")  # beside the products, one document each
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def index() -> str:
    """The parts there are, each with the time of its latest change."""
    part = F("pk") / PART
    parts = Product.objects.listed().order_by().annotate(part=part).values_list("part")
    entries = [
        _entry("sitemap", reverse("catalog:sitemap-products", args=[number]), changed)
        for number, changed in parts.annotate(changed=Max("updated_at")).order_by("part")
    ]
    others = [_entry("sitemap", reverse(f"catalog:sitemap-{name}"), None) for name in PARTS]
    return _document("sitemapindex", "".join(others + entries))


def products(number: int) -> Iterator[str]:
    """The products of one part, piece by piece."""
    yield f'{DECLARATION}<urlset xmlns="{NAMESPACE}">\n'
    last, end = number * PART - 1, (number + 1) * PART
    rows = Product.objects.listed().filter(pk__lt=end).order_by("pk").values_list("pk", "slug", "updated_at")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield "".join(_entry("url", reverse("catalog:product", args=[slug]), changed) for _, slug, changed in batch)
        last = batch[-1][0]
    yield "</urlset>\n"


def categories() -> str:
    slugs = Category.objects.order_by("path").values_list("slug", flat=True)[:PART]
    return _document("urlset", "".join(_entry("url", reverse("catalog:category", args=[slug]), None) for slug in slugs))


def collections() -> str:
    slugs = Collection.objects.filter(is_published=True).order_by("pk").values_list("slug", flat=True)[:PART]
    return _document(
        "urlset", "".join(_entry("url", reverse("catalog:collection", args=[slug]), None) for slug in slugs)
    )


def pages() -> str:
    """What else is worth finding."""
    names = ("catalog:home", "catalog:products", "catalog:collections")
    return _document("urlset", "".join(_entry("url", reverse(name), None) for name in names))


def has_part(number: int) -> bool:
    """Something is listed in this part."""
    return Product.objects.listed().filter(pk__gte=number * PART, pk__lt=(number + 1) * PART).exists()


def _document(name: str, content: str) -> str:
    return f'{DECLARATION}<{name} xmlns="{NAMESPACE}">\n{content}</{name}>\n'


def _entry(name: str, address: str, changed: datetime | Any) -> str:
    changed_at = changed.astimezone(UTC).isoformat(timespec="seconds") if changed else ""
    return f"<{name}>{element('loc', absolute(address))}{element('lastmod', changed_at)}</{name}>\n"
