"""Products: created, changed, and taken out of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Unpack, cast

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from catalog.categories import other_category
from catalog.describing import COLUMNS, ProductDetails, describe, relate
from catalog.errors import InvalidProduct, ProductChanged
from catalog.former_slugs import keep_former_address, take_over_address
from catalog.images import files_of
from catalog.jobs import enqueue_discard
from catalog.models import Category, Product, ProductImage, StockLevel, Variant
from catalog.naming import checked_slug, insert_under_free_slug, numbered, slug_from
from catalog.options import WantedOption, set_options
from catalog.retrying import retried
from catalog.search.indexing import reindex
from catalog.variants import (
    MAX_VARIANTS,
    NewVariant,
    VariantChanges,
    change_variant,
    create_variants,
    lock_product,
    refresh_products,
)

SLUG_LENGTH = 220
NAME_LENGTH = 200
OF_THE_VARIANT = ("sku", "price", "compare_at_price", "weight", "stock_quantity")


class ProductChanges(ProductDetails, total=False):
    """What may be changed on a product. The last five are those of its variant, when it has only one.

    `category=None` puts it under "Other", `tax_class=None` into the default class; the address that a new `slug`
    replaces leads to the new one.
    """

    name: str
    slug: str
    category: Category | None
    sku: str
    price: int
    compare_at_price: int | None
    weight: int
    stock_quantity: int


@retried
@transaction.atomic(durable=True)
def create_product(
    *,
    name: str,
    category: Category | None,
    variants: Sequence[NewVariant],
    options: Sequence[WantedOption] = (),
    slug: str = "",
    actor: str = "",
    **details: Unpack[ProductDetails],
) -> Product:
    """Put a product with its options, its variants and their first stock into the catalogue.

    The slug is made from the name unless given; without a category it goes under "Other". Raises
    InvalidProduct, naming the field.
    """
    if not 1 <= len(variants) <= MAX_VARIANTS:
        raise InvalidProduct(f"A product has 1 to {MAX_VARIANTS} variants.", field="variants")
    product = Product(category=_held(category), name=_checked_name(name))
    describe(product, details)
    insert_product(product, slug)
    if options:
        set_options(product, options)
    relate(product, details)
    create_variants(product, variants, actor=actor)
    refresh_products([product.pk])
    product.refresh_from_db(fields=["price", "compare_at_price", "updated_at"])
    return product


@retried
@transaction.atomic(durable=True)
def update_product(
    *, product_id: int, actor: str = "", unchanged_since: datetime | None = None, **changes: Unpack[ProductChanges]
) -> Product:
    """Change a product, and its variant if it has only one.

    With `unchanged_since`, raises ProductChanged if somebody wrote the product after that moment. Raises
    InvalidProduct, ProductGone.
    """
    product = lock_product(product_id)
    if unchanged_since is not None and product.updated_at != unchanged_since:
        raise ProductChanged("Somebody else has changed this product meanwhile.")
    rewrite_product(product, changes)
    _change_only_variant(product, changes, actor)
    refresh_products([product.pk])
    product.refresh_from_db(fields=["price", "compare_at_price", "updated_at"])
    return product


def rewrite_product(product: Product, changes: ProductChanges) -> None:
    """Write changes of a product, but not those of its variant; part of the caller's transaction, which holds it.

    Raises InvalidProduct.
    """
    if "name" in changes:
        product.name = _checked_name(changes["name"])
    if "category" in changes:
        product.category = _held(changes["category"])
    describe(product, changes)
    product.save(update_fields=["name", "category", *COLUMNS, "updated_at"])
    if changes.get("slug", product.slug) != product.slug:
        _move(product, checked_slug(changes["slug"], length=SLUG_LENGTH))
    relate(product, changes)


@retried
def archive_or_delete_product(*, product_id: int) -> None:
    """Take a product out of the catalogue: archived if it was ever ordered, deleted if not.

    Raises ProductGone when that has already happened.
    """
    try:
        with transaction.atomic(durable=True):
            retire_product(lock_product(product_id))
    except IntegrityError:
        # It was put into a cart or ordered between our look and our commit.
        with transaction.atomic(durable=True):
            _archive(product_id)


@transaction.atomic(durable=True)
def restore_product(*, product_id: int) -> None:
    """Bring an archived product back, unpublished, so that somebody looks at it first."""
    Product.objects.filter(pk=product_id).exclude(archived_at=None).update(
        archived_at=None, is_published=False, updated_at=timezone.now()
    )


@retried
@transaction.atomic(durable=True)
def publish_products(*, product_ids: Iterable[int], is_published: bool) -> int:
    """Show products to shoppers, or hide them; returns how many changed."""
    found = Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(product_ids))
    changed = found.filter(archived_at=None).exclude(is_published=is_published).order_by("pk")
    ids = list(changed.values_list("pk", flat=True))
    Product.objects.filter(pk__in=ids).update(is_published=is_published, updated_at=timezone.now())
    reindex(ids)
    return len(ids)


def retire_product(product: Product) -> None:
    """Delete the product, or archive it if it was ever ordered; part of the caller's transaction."""
    # An order being placed holds the locks of these levels until its lines can be seen.
    levels = StockLevel.objects.select_for_update(of=("self",)).filter(variant__product=product)
    list(levels.order_by("pk"))
    try:
        with transaction.atomic():
            enqueue_discard(files_of(ProductImage.objects.select_for_update().filter(product=product)))
            Product.objects.filter(pk=product.pk).delete()
    except ProtectedError:
        _archive(product.pk)


def _archive(product_id: int) -> None:
    now = timezone.now()
    Product.objects.filter(pk=product_id, archived_at=None).update(archived_at=now, updated_at=now)


def _held(category: Category | None) -> Category:
    """The category, locked against being deleted before our commit. Raises InvalidProduct if it just was."""
    category = category or other_category()
    held = Category.objects.select_for_update(no_key=True, of=("self",)).filter(pk=category.pk).first()
    if held is None:
        raise InvalidProduct("There is no such category.", field="category")
    return cast("Category", held)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidProduct(f"A name has 1 to {NAME_LENGTH} characters.", field="name")
    return name


def insert_product(product: Product, slug: str) -> None:
    """Insert the product under this slug, or one made from its name; part of the caller's transaction."""

    def insert(slug: str) -> None:
        product.slug = slug
        product.save(force_insert=True)

    if slug:
        slugs = iter([checked_slug(slug, length=SLUG_LENGTH)])
    else:
        slugs = numbered(slug_from(product.name, fallback="product", length=SLUG_LENGTH), length=SLUG_LENGTH)
    insert_under_free_slug(slugs, insert, lambda slug: Product.objects.filter(slug=slug).exists())
    take_over_address(product)


def _move(product: Product, slug: str) -> None:
    """Give the product another address, to which the one that it had leads."""
    former, product.slug = product.slug, slug
    try:
        with transaction.atomic():
            product.save(update_fields=["slug"])
    except IntegrityError:
        raise InvalidProduct("This address is in use.", field="slug") from None
    keep_former_address(product, former)


def _change_only_variant(product: Product, changes: ProductChanges, actor: str) -> None:
    """Apply price, SKU and stock to the one variant. With several, only the values they already have pass."""
    wanted = {name: changes[name] for name in OF_THE_VARIANT if name in changes}  # type: ignore[literal-required]
    if not wanted:
        return
    variants = list(Variant.objects.live().filter(product=product).select_related("stock"))
    if len(variants) == 1:
        change_variant(variants[0].pk, cast("VariantChanges", wanted), actor=actor)
        return
    current = {
        "price": product.price,
        "compare_at_price": product.compare_at_price,
        "stock_quantity": sum(variant.available for variant in variants),
    }
    for name, value in wanted.items():
        if current.get(name) != value:
            raise InvalidProduct("This product has several variants; change them one by one.", field=name)
