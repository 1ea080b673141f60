"""Variants: what is bought of a product, with price and stock.

The acts lock the product first and the stock level after it, so that the price a product is listed with
(`refresh_products`) is computed by one of them after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, ProtectedError, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from catalog.errors import InvalidProduct, ProductGone
from catalog.inventory import stock
from catalog.models import Product, StockLevel, StockMovement, Variant
from catalog.money import MAX_AMOUNT
from catalog.naming import SKU_LENGTH, random_suffix, sku_from
from catalog.prices import prices_of, record_prices
from catalog.search.indexing import reindex

MAX_VARIANTS = 100
MAX_WEIGHT = 10**8  # grams


@dataclass(frozen=True, kw_only=True)
class NewVariant:
    """What makes a variant. Prices in minor units, weight in grams; an empty SKU is made from the product's slug."""

    price: int
    sku: str = ""
    name: str = ""
    compare_at_price: int | None = None
    weight: int = 0
    stock_quantity: int = 0


class VariantChanges(TypedDict, total=False):
    """What may be changed on a variant; `stock_quantity` is how many can be bought now."""

    name: str
    sku: str
    price: int
    compare_at_price: int | None
    weight: int
    stock_quantity: int


@transaction.atomic(durable=True)
def add_variant(*, product_id: int, new: NewVariant, actor: str = "") -> Variant:
    """Offer another variant of a product, with its first stock. Raises InvalidProduct and ProductGone."""
    product = lock_product(product_id)
    if product.variants.count() >= MAX_VARIANTS:
        raise InvalidProduct(f"A product has at most {MAX_VARIANTS} variants.", field="variants")
    [variant] = create_variants(product, [new], actor=actor)
    refresh_products([product.pk])
    return variant


@transaction.atomic(durable=True)
def update_variant(*, variant_id: int, actor: str = "", **changes: Unpack[VariantChanges]) -> Variant:
    """Change a variant; a change of stock becomes a movement computed under the level's lock.

    Raises InvalidProduct, and ProductGone when it is no longer offered.
    """
    product_id = Variant.objects.live().filter(pk=variant_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise ProductGone("This variant is no longer offered.")
    lock_product(product_id)
    variant = change_variant(variant_id, changes, actor=actor)
    refresh_products([product_id])
    return variant


@transaction.atomic(durable=True)
def remove_variant(*, variant_id: int) -> None:
    """Stop offering a variant: archived if it was ever ordered, deleted if not.

    Raises InvalidProduct for the last one of a product, and ProductGone.
    """
    variant = Variant.objects.live().filter(pk=variant_id).first()
    if variant is None:
        raise ProductGone("This variant is no longer offered.")
    lock_product(variant.product_id)
    if not Variant.objects.live().filter(product=variant.product_id).exclude(pk=variant_id).exists():
        raise InvalidProduct("A product needs at least one variant; delete the product instead.", field="variants")
    retire_variant(variant)
    refresh_products([variant.product_id])


def lock_product(product_id: int) -> Product:
    """The product, locked until the transaction ends. Raises ProductGone."""
    products = Product.objects.select_for_update(no_key=True, of=("self",))
    product = products.filter(pk=product_id, archived_at=None).order_by("pk").first()
    if product is None:
        raise ProductGone("This product is no longer offered.")
    return product


def create_variants(product: Product, wanted: Sequence[NewVariant], *, actor: str) -> list[Variant]:
    """Insert variants with their levels and first movements; part of the caller's transaction."""
    for new in wanted:
        check_price(new.price, new.compare_at_price)
        check_weight(new.weight)
        if not 0 <= new.stock_quantity <= stock.MAX_ON_HAND:
            raise InvalidProduct("The stock cannot be negative or this large.", field="stock_quantity")
    _check_skus([new.sku for new in wanted if new.sku])
    first_position = product.variants.count()
    variants = [
        Variant(
            product=product,
            sku=new.sku or sku_from(product.slug, new.name),
            name=new.name,
            price=new.price,
            compare_at_price=new.compare_at_price,
            weight=new.weight,
            position=first_position + number,
        )
        for number, new in enumerate(wanted)
    ]
    _insert(variants, given={new.sku.lower() for new in wanted if new.sku})
    levels = StockLevel.objects.bulk_create(
        StockLevel(variant=variant, on_hand=new.stock_quantity) for variant, new in zip(variants, wanted, strict=True)
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            level=level,
            quantity=level.on_hand,
            reason=StockMovement.Reason.RECEIVED,
            note="Initial stock",
            actor=actor,
        )
        for level in levels
        if level.on_hand
    )
    record_prices(variants, {}, actor=actor)
    return variants


def change_variant(variant_id: int, changes: VariantChanges, *, actor: str) -> Variant:
    """Write changes of one variant; part of the caller's transaction, which holds the product's lock."""
    variant = Variant.objects.get(pk=variant_id)
    before = {variant.pk: prices_of(variant)}
    fields = [name for name in ("name", "sku", "price", "compare_at_price", "weight") if name in changes]
    for name in fields:
        setattr(variant, name, changes[name])
    check_price(variant.price, variant.compare_at_price)
    check_weight(variant.weight)
    if "sku" in changes:
        _check_skus([variant.sku])
    if fields:
        try:
            with transaction.atomic():
                variant.save(update_fields=fields)
        except IntegrityError:
            if not _taken([variant.sku], besides=variant.pk):
                raise
            raise InvalidProduct(f"The SKU {variant.sku} is in use.", field="sku") from None
        record_prices([variant], before, actor=actor)
    if "stock_quantity" in changes:
        stock.set_available(variant_id=variant.pk, available=changes["stock_quantity"], actor=actor)
    return variant


def retire_variant(variant: Variant) -> None:
    """Delete the variant, or archive it if it was ever ordered; part of the caller's transaction."""
    # An order being placed holds the lock of this level until its lines can be seen.
    list(StockLevel.objects.select_for_update(of=("self",)).filter(variant=variant).order_by("pk"))
    try:
        with transaction.atomic():
            Variant.objects.filter(pk=variant.pk).delete()
    except ProtectedError:
        Variant.objects.filter(pk=variant.pk).update(archived_at=timezone.now())


def refresh_products(product_ids: Iterable[int]) -> None:
    """Bring up to date what is kept of variants with their products: the price from, and what search finds.

    The last step of whatever writes products or variants; part of its transaction.
    """
    product_ids = list(product_ids)
    cheapest = Variant.objects.live().filter(product=OuterRef("pk")).order_by("price", "position", "pk")
    Product.objects.filter(pk__in=product_ids).update(
        price=Coalesce(Subquery(cheapest.values("price")[:1]), F("price")),
        compare_at_price=Subquery(cheapest.values("compare_at_price")[:1]),
        updated_at=timezone.now(),
    )
    reindex(product_ids)


def check_price(price: int, compare_at_price: int | None) -> None:
    """Raises InvalidProduct unless 0 < price < compare-at price."""
    if not 0 < price <= MAX_AMOUNT:
        raise InvalidProduct("The price must be more than zero.", field="price")
    if compare_at_price is not None and not price < compare_at_price <= MAX_AMOUNT:
        raise InvalidProduct("The compare-at price must be higher than the price.", field="compare_at_price")


def check_weight(grams: int) -> None:
    """Raises InvalidProduct for a weight that nothing has."""
    if not 0 <= grams <= MAX_WEIGHT:
        raise InvalidProduct("The weight cannot be negative or this large.", field="weight")


def _check_skus(skus: Sequence[str]) -> None:
    for sku in skus:
        # Only ASCII: the database and we must agree on what is the same in lower case.
        if len(sku) > SKU_LENGTH or not re.fullmatch(r"[!-~]([ -~]*[!-~])?", sku):
            raise InvalidProduct(f"A SKU has 1 to {SKU_LENGTH} Latin letters, digits and signs.", field="sku")
    if len({sku.lower() for sku in skus}) < len(skus):
        raise InvalidProduct("Two variants have the same SKU.", field="sku")


def _taken(skus: Iterable[str], *, besides: int = 0) -> set[str]:
    """Those of the SKUs (in lower case) that another variant has."""
    others = Variant.objects.exclude(pk=besides).annotate(key=Lower("sku"))
    return set(others.filter(key__in=[sku.lower() for sku in skus]).values_list("key", flat=True))


def _insert(variants: list[Variant], *, given: set[str]) -> None:
    """Insert in the order of the SKUs, so that two creators of the same ones wait for each other.

    A generated SKU that is taken gets a suffix. Raises InvalidProduct when a given one is taken.
    """
    while True:
        _suffix_taken(variants, given)
        try:
            with transaction.atomic():
                Variant.objects.bulk_create(sorted(variants, key=lambda variant: variant.sku.lower()))
            return
        except IntegrityError:
            if not _taken(variant.sku for variant in variants):
                raise


def _suffix_taken(variants: list[Variant], given: set[str]) -> None:
    seen = _taken(variant.sku for variant in variants)
    if clash := sorted(seen & given):
        sku = next(v.sku for v in variants if v.sku.lower() == clash[0])
        raise InvalidProduct(f"The SKU {sku} is in use.", field="sku")
    seen |= given
    for variant in variants:
        if variant.sku.lower() in given:
            continue
        while variant.sku.lower() in seen:
            variant.sku = f"{variant.sku[: SKU_LENGTH - 6]}-{random_suffix().upper()}"
        seen.add(variant.sku.lower())
