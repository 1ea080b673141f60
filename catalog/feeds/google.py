"""The product feed as Google Merchant Center reads it: RSS 2.0, one item per variant of what is listed.

Products are read by key, some hundreds at a time: a feed of a million costs no more memory than one of ten, and no
transaction stays open while somebody downloads slowly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db.models import Count, Max, Prefetch, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.feeds.gtin import gtin_of
from catalog.feeds.links import absolute
from catalog.feeds.xml import DECLARATION, element
from catalog.models import Category, PriceChange, Product, ProductImage, StockLevel, StockMovement, Variant
from catalog.money import to_string
from catalog.richtext import plain

BATCH = 500
MOST_PICTURES = 10  # beside the first
LONGEST_ID = 50
# Names that options go by, and what Google calls them.
KNOWN_OPTIONS = {
    "color": "color", "colour": "color", "farbe": "color", "couleur": "color",
    "size": "size", "größe": "size", "taille": "size",
    "material": "material", "matière": "material",
    "pattern": "pattern", "muster": "pattern", "motif": "pattern",
}  # fmt: skip


def google_feed() -> Iterator[str]:
    """The feed, piece by piece."""
    yield f'{DECLARATION}<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>'
    yield element("title", settings.SHOP_NAME)
    yield element("link", absolute("/"))
    yield element("description", settings.SHOP_TAGLINE)
    paths = category_paths()
    for products in in_batches():
        yield "".join(item(variant, product, paths) for product in products for variant in product.variants.all())
    yield "</channel></rss>\n"


def in_batches() -> Iterator[list[Product]]:
    """What is listed, with all that the feed says of it; five queries for each batch."""
    last = 0
    products = Product.objects.listed().select_related("brand").order_by("pk")
    variants = Variant.objects.live().select_related("stock", "image", "value_1", "value_2", "value_3")
    complete = products.prefetch_related(
        Prefetch("variants", variants), Prefetch("images", ProductImage.objects.stored()), "options"
    )
    while batch := list(complete.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def fingerprint() -> str:
    """Changes when the feed does, at the latest on the next day; one query per table, none of which reads a text."""
    products = Product.objects.listed().aggregate(Count("pk"), Max("updated_at"))
    levels = StockLevel.objects.aggregate(held=Coalesce(Sum("reserved"), 0))
    newest = [model.objects.aggregate(newest=Max("pk")) for model in (PriceChange, StockMovement, ProductImage)]
    facts = [products, levels, newest, timezone.localdate(), settings.SITE_URL, settings.SHOP_CURRENCY]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def category_paths() -> dict[int, str]:
    """Of each category by its id: the names from the top down, "Kitchen > Mugs"."""
    names: dict[str, str] = {}
    found = {}
    for pk, path, name in Category.objects.order_by("path").values_list("pk", "path", "name"):
        above = names.get(path[: -Category.steplen])
        names[path] = f"{above} > {name}" if above else name
        found[pk] = names[path]
    return found


def item(variant: Variant, product: Product, paths: Mapping[int, str]) -> str:
    """One variant (all that it needs is prefetched)."""
    pictures = _pictures(variant, product)
    has_siblings = len(product.variants.all()) > 1
    gtin, brand = gtin_of(variant.barcode), product.brand.name if product.brand else ""
    fields = [
        ("id", variant.sku if len(variant.sku) <= LONGEST_ID else str(variant.pk)),
        ("item_group_id", str(product.pk) if has_siblings else ""),
        ("title", f"{product.name} – {variant.name}"[:150] if variant.name else product.name[:150]),
        ("description", plain(product.description, 5000) or product.name),
        ("link", absolute(variant.get_absolute_url() if has_siblings else product.get_absolute_url())),
        ("image_link", pictures[0] if pictures else ""),
        *(("additional_image_link", picture) for picture in pictures[1 : MOST_PICTURES + 1]),
        ("availability", _availability(variant.stock)),
        *_prices(variant),
        ("condition", "new"),
        ("brand", brand),
        ("gtin", gtin),
        ("identifier_exists", "" if gtin else "no"),
        ("google_product_category", product.google_category),
        ("product_type", paths.get(product.category_id, "")),
        ("shipping_weight", f"{variant.weight} g" if variant.weight else ""),
        *_options(variant, product),
    ]
    return f"<item>{''.join(element(f'g:{name}', text) for name, text in fields)}</item>\n"


def _availability(level: StockLevel) -> str:
    if level.available > 0:
        return "in_stock"
    return "backorder" if level.allows_backorders else "out_of_stock"


def _prices(variant: Variant) -> list[tuple[str, str]]:
    """Google's `price` is the usual one, and `sale_price` what it costs now."""
    now = _amount(variant.price)
    if variant.compare_at_price is None:
        return [("price", now)]
    return [("price", _amount(variant.compare_at_price)), ("sale_price", now)]


def _amount(amount: int) -> str:
    return f"{to_string(amount, settings.SHOP_CURRENCY)} {settings.SHOP_CURRENCY}"


def _pictures(variant: Variant, product: Product) -> list[str]:
    """Addresses; its own picture comes first."""
    stored = list(product.images.all())
    first = [image for image in stored if image.pk == variant.image_id]
    return [absolute(image.image.url) for image in [*first, *(each for each in stored if each not in first)]]


def _options(variant: Variant, product: Product) -> list[tuple[str, str]]:
    values = (variant.value_1, variant.value_2, variant.value_3)
    told: dict[str, str] = {}
    for option in product.options.all():
        value, name = values[option.position - 1], KNOWN_OPTIONS.get(option.name.lower())
        if value is not None and name is not None:
            told.setdefault(name, value.value[:100])
    return list(told.items())
