"""Puts the demo assortment on the shelves: categories, products, pictures and stock.

What is there already (by slug) is left as it is, so that loading again changes nothing.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.categories import lock_tree, plant
from catalog.demo import assortment, drawing
from catalog.demo.assortment import DemoProduct, DemoVariant
from catalog.demo.assortment_unlisted import HIDDEN, SCHEDULED, UNLISTED
from catalog.demo.describing import COLLECTIONS, SOON, describe_demo, load_collections
from catalog.demo.loading_options import LoadedOptions
from catalog.demo.price_history import load_price_history
from catalog.demo.searches import load_searches
from catalog.demo.supplies import barcode_of, cost_of, is_ordered_anew, warns_below
from catalog.demo.weights import grams
from catalog.images import shelves_without_renditions, without_renditions
from catalog.inventory import stock
from catalog.jobs import enqueue_renditions, enqueue_shelf_renditions
from catalog.models import Category, Product, ProductImage, StockLevel, StockMovement, TaxClass, Variant
from catalog.money import decimals, round_half_up
from catalog.naming import slug_from
from catalog.richtext import sanitised
from catalog.search.indexing import reindex

BATCH = 1000
Pictures = dict[tuple[int, int], ProductImage]  # by product and position
OLDEST = timedelta(days=400)
TAX_CLASSES = {"standard": "Standard", "reduced": "Reduced", "books": "Books"}
YOUNGEST = timedelta(days=92)  # older than the demo's first order


@dataclass(frozen=True)
class Loaded:
    """How many of each were new."""

    pictures: int
    categories: int
    products: int


def load_catalogue(*, now: datetime, products: int | None = None, with_pictures: bool = True) -> Loaded:
    """Load the whole assortment, or its first `products`; beyond its end further ones are generated.

    Products look as if they had come into the shop between 400 and 92 days before `now`.
    """
    pictures = draw_missing() if with_pictures else 0
    with transaction.atomic(durable=True):
        lock_tree()
        categories = _load_categories(with_pictures)
        shelves = {category.slug: category for category in Category.objects.all()}
        taxes = _load_tax_classes()
        wanted = _assortment(products)
        loaded = sum(_load_products(batch, shelves, taxes, now, with_pictures) for batch in _in_batches(wanted))
        if products is None:
            loaded += _load_products(UNLISTED, shelves, taxes, now, with_pictures)
            Product.objects.filter(slug=SCHEDULED.slug, created_at__lt=now).update(published_from=now + SOON)
            Product.objects.filter(slug=HIDDEN.slug).update(is_listed=False)
        load_searches(now)
        load_collections(minor, _collection_pictures() if with_pictures else {})
        if with_pictures:
            enqueue_renditions(without_renditions())
            for kind, pk in shelves_without_renditions():
                enqueue_shelf_renditions(kind, pk)
    return Loaded(pictures=pictures, categories=categories, products=loaded)


def draw_missing() -> int:
    """Draw the pictures that the media folder does not have; all processors help."""
    missing = [each for each in assortment.drawings() if not default_storage.exists(_path(each))]
    for picture, content in drawing.draw_many(missing, processes=os.cpu_count() or 1):
        default_storage.save(_path(picture), ContentFile(content))
    tops = [c.slug for c in assortment.CATEGORIES if not c.parent]
    missing_tops = [slug for slug in tops if not default_storage.exists(_category_path(slug))]
    for slug in missing_tops:
        default_storage.save(_category_path(slug), ContentFile(drawing.draw_category(slug)))
    return len(missing) + len(missing_tops)


def minor(price: str) -> int:
    """Minor units of a price of the assortment; the figure is kept, whatever the shop's currency."""
    return round_half_up(Decimal(price).scaleb(decimals(settings.SHOP_CURRENCY)))


def _path(picture: drawing.Drawing) -> str:
    return f"products/{picture.filename}"


def _category_path(slug: str) -> str:
    return f"categories/{slug}.webp"


def _collection_pictures() -> dict[str, str]:
    """A picture of a room for each collection, in a file of its own, by slug."""
    products = {product.slug: product for product in assortment.PRODUCTS}
    paths = {}
    for name, _, _, model, _ in COLLECTIONS:
        slug = slug_from(name, fallback="", length=140)
        if model not in products:
            continue
        paths[slug] = f"collections/{slug}.webp"
        if not default_storage.exists(paths[slug]):
            rooms = [each.drawing for each in products[model].pictures if each.drawing.view == "scene"]
            with default_storage.open(_path(rooms[0])) as drawn:
                default_storage.save(paths[slug], ContentFile(drawn.read()))
    return paths


def _assortment(products: int | None) -> Iterator[DemoProduct]:
    wanted = len(assortment.PRODUCTS) if products is None else products
    yield from islice(assortment.PRODUCTS, wanted)
    yield from assortment.generated(max(0, wanted - len(assortment.PRODUCTS)))


def _in_batches(products: Iterable[DemoProduct]) -> Iterator[Sequence[DemoProduct]]:
    remaining = iter(products)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _load_categories(with_pictures: bool) -> int:
    there = {category.slug: category for category in Category.objects.all()}
    new = [category for category in assortment.CATEGORIES if category.slug not in there]
    for category in new:
        picture = _category_path(category.slug) if with_pictures and not category.parent else ""
        there[category.slug] = plant(
            name=category.name,
            slug=category.slug,
            description=category.description,
            parent=there[category.parent] if category.parent else None,
            image=picture,
            image_width=drawing.SIZE if picture else 0,
            image_height=drawing.SIZE if picture else 0,
        )
    return len(new)


def _load_tax_classes() -> dict[str, TaxClass]:
    """The classes by code; one that is there stays as it is."""
    has_default = TaxClass.objects.filter(is_default=True).exists()
    for code, name in TAX_CLASSES.items():
        is_default = code == "standard" and not has_default
        TaxClass.objects.get_or_create(code=code, defaults={"name": name, "is_default": is_default})
    return {each.code: each for each in TaxClass.objects.all()}


def _load_products(
    batch: Sequence[DemoProduct],
    shelves: dict[str, Category],
    taxes: dict[str, TaxClass],
    now: datetime,
    with_pictures: bool,
) -> int:
    new = _not_there_yet(batch)
    products = Product.objects.bulk_create(
        _product(demo, shelves[demo.category], taxes.get(demo.tax_class), now) for demo in new
    )
    pairs = list(zip(products, new, strict=True))
    pictures = _load_pictures(pairs) if with_pictures else {}
    options = LoadedOptions(pairs)
    variants = Variant.objects.bulk_create(
        _variant(product, variant, position, weight=grams(demo, variant), options=options, pictures=pictures)
        for product, demo in pairs
        for position, variant in enumerate(demo.variants)
    )
    _load_stock(variants, [variant.stock for demo in new for variant in demo.variants])
    describe_demo(pairs)
    load_price_history(variants, now)
    reindex(product.pk for product in products)
    return len(new)


def _load_stock(variants: Sequence[Variant], pieces: Sequence[int]) -> None:
    levels = StockLevel.objects.bulk_create(
        StockLevel(
            variant=variant,
            on_hand=on_hand,
            low_at=warns_below(variant.sku),
            allows_backorders=not on_hand and is_ordered_anew(variant.sku),
        )
        for variant, on_hand in zip(variants, pieces, strict=True)
    )
    movements = stock.first_movements(levels, actor="demo")
    for movement in movements:
        movement.created_at = movement.level.variant.product.created_at
    StockMovement.objects.bulk_create(movements)


def _load_pictures(pairs: Sequence[tuple[Product, DemoProduct]]) -> Pictures:
    images = ProductImage.objects.bulk_create(
        ProductImage(product=product, alt=picture.alt, position=position, **_file(picture.drawing))
        for product, demo in pairs
        for position, picture in enumerate(demo.pictures)
    )
    return {(image.product_id, image.position): image for image in images}


def _not_there_yet(batch: Sequence[DemoProduct]) -> list[DemoProduct]:
    """Those of which neither the slug nor a SKU is in use."""
    slugs = set(Product.objects.filter(slug__in=[demo.slug for demo in batch]).values_list("slug", flat=True))
    wanted_skus = [variant.sku for demo in batch for variant in demo.variants]
    skus = set(Variant.objects.filter(sku__in=wanted_skus).values_list("sku", flat=True))
    return [
        demo for demo in batch if demo.slug not in slugs and not any(variant.sku in skus for variant in demo.variants)
    ]


def _product(demo: DemoProduct, category: Category, tax_class: TaxClass | None, now: datetime) -> Product:
    cheapest = min(demo.variants, key=lambda variant: minor(variant.price))
    return Product(
        category=category,
        tax_class=tax_class,
        name=demo.name,
        slug=demo.slug,
        description=sanitised(demo.description),
        price=minor(cheapest.price),
        compare_at_price=_former_price(cheapest),
        created_at=now - _age(demo.slug),
    )


def _variant(
    product: Product,
    variant: DemoVariant,
    position: int,
    *,
    weight: int,
    options: LoadedOptions,
    pictures: Pictures,
) -> Variant:
    return Variant(
        product=product,
        sku=variant.sku,
        name=variant.name,
        price=minor(variant.price),
        compare_at_price=_former_price(variant),
        cost=cost_of(variant.sku, minor(variant.price)),
        weight=weight,
        barcode=barcode_of(variant.sku),
        position=position,
        image=None if variant.picture is None else pictures.get((product.pk, variant.picture)),
        **options.columns(product, variant),
    )


def _former_price(variant: DemoVariant) -> int | None:
    former = minor(variant.compare_at_price) if variant.compare_at_price else 0
    return former if former > minor(variant.price) else None


def _age(slug: str) -> timedelta:
    """Between 92 and 400 days, the same for the same product on every run."""
    share = zlib.crc32(slug.encode()) / 2**32
    return YOUNGEST + share * (OLDEST - YOUNGEST)


def _file(picture: drawing.Drawing) -> dict[str, Any]:
    return {"image": _path(picture), "width": drawing.SIZE, "height": drawing.SIZE}
