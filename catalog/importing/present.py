"""What the shop has of the products of a batch: read, and locked, with one statement for each table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Lower

from catalog.importing.shapes import WantedProduct, WantedVariant
from catalog.models import (
    AttributeValue,
    FormerSlug,
    Option,
    OptionValue,
    Product,
    ProductImage,
    StockLevel,
    Variant,
)
from catalog.naming import SKU_LENGTH, sku_from

T = TypeVar("T")


class Owner(NamedTuple):
    """The product that has a SKU; without an id when it is about to be created."""

    product_id: int | None
    handle: str


def ids_of(handles: Collection[str]) -> dict[str, int]:
    """The products with these handles, also those that have left them for a new address. Locks nothing."""
    found = dict(Product.objects.filter(slug__in=handles).values_list("slug", "pk"))
    left = FormerSlug.objects.filter(slug__in=set(handles) - found.keys()).exclude(product=None)
    for slug, product_id in left.values_list("slug", "product__pk"):
        if product_id not in found.values():
            found[slug] = product_id
    return found


class Present:
    """Products by handle with all that hangs on them; nobody else writes these products until the transaction ends."""

    def __init__(self, products: Sequence[WantedProduct]) -> None:
        # First: a SKU that somebody else has written meanwhile then belongs to a product that is found below.
        self.sku_owners = _owners(products)
        ids = ids_of([product.handle for product in products])
        by_id = {product.pk: product for product in held(ids.values())}
        self.products = {handle: by_id[pk] for handle, pk in ids.items() if pk in by_id}
        self.variants = _grouped(Variant.objects.filter(product__in=by_id).order_by("position", "pk"), "product_id")
        self.options = _grouped(Option.objects.filter(product__in=by_id), "product_id")
        self.values = _grouped(OptionValue.objects.filter(option__product__in=by_id), "option_id")
        self.images = _grouped(ProductImage.objects.filter(product__in=by_id), "product_id")
        said = any(product.attributes for product in products)
        values = AttributeValue.objects.filter(product__in=by_id) if said else ()
        self.attributes = _grouped(values, "product_id")
        self.levels = {level.variant_id: level for level in StockLevel.objects.filter(variant__product__in=by_id)}


def address_of(image: ProductImage) -> str:
    """Where a picture can be fetched: where it came from, or from the shop itself."""
    if image.source_url or not image.image:
        return image.source_url
    url = image.image.url
    return url if "://" in url else f"{settings.SITE_URL}{url}"


def made_skus(product: WantedProduct, variant: WantedVariant) -> tuple[str, str]:
    """The SKU of a variant that has none in the file, and another in case somebody has it.

    They are always the same for the same product and options.
    """
    plain = sku_from(product.handle, " ".join(variant.values))
    mark = blake2b("\n".join((product.handle, *variant.values)).encode(), digest_size=3).hexdigest().upper()
    return plain, f"{plain[: SKU_LENGTH - 7]}-{mark}"


def held(ids: Collection[int]) -> QuerySet[Product]:
    """The products, locked in the order of their keys."""
    return Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")


def _grouped(rows: Iterable[T], key: str) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _owners(products: Sequence[WantedProduct]) -> dict[str, Owner]:
    """Which of the SKUs (in lower case) that this batch might write belong to which product already."""
    skus = {
        sku.lower()
        for product in products
        for variant in product.variants
        for sku in ([variant.sku] if variant.sku else made_skus(product, variant))
    }
    rows = Variant.objects.annotate(key=Lower("sku")).filter(key__in=skus)
    return {key: Owner(pk, slug) for key, pk, slug in rows.values_list("key", "product_id", "product__slug")}
