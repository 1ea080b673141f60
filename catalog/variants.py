"""Variants: what is bought of a product, with price and stock.

The acts lock the product first and the stock level after it, so that the price a product is listed with
(`refresh_products`) is computed by one of them after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, ProtectedError, Subquery
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from catalog.combinations import Combination, check_free, columns, name_of, options_of
from catalog.errors import InvalidProduct, ProductGone
from catalog.inventory import stock
from catalog.models import Product, ProductImage, StockLevel, StockMovement, Variant
from catalog.money import MAX_AMOUNT
from catalog.naming import SKU_LENGTH, random_suffix, sku_from
from catalog.prices import prices_of, record_prices
from catalog.retrying import retried
from catalog.search.indexing import reindex

MAX_VARIANTS = 100
MAX_WEIGHT = 10**8  # grams
BARCODE_LENGTH = 64
OWN_COLUMNS = ("name", "sku", "price", "compare_at_price", "weight", "cost", "barcode", "image_id")


@dataclass(frozen=True, kw_only=True)
class NewVariant:
    """What makes a variant. Prices in minor units, weight in grams; an empty SKU is made from the product's slug.

    `options` names a value for each option of the product, as {"Size": "M"}; they make the variant's name.
    """

    price: int
    sku: str = ""
    name: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    compare_at_price: int | None = None
    weight: int = 0
    cost: int | None = None
    barcode: str = ""
    image_id: int | None = None
    stock_quantity: int = 0
    allows_backorders: bool = False


class VariantChanges(TypedDict, total=False):
    """What may be changed on a variant; `stock_quantity` is how many can be bought now."""

    name: str
    options: Mapping[str, str]
    sku: str
    price: int
    compare_at_price: int | None
    weight: int
    cost: int | None
    barcode: str
    image_id: int | None
    stock_quantity: int
    allows_backorders: bool


@retried
@transaction.atomic(durable=True)
def add_variant(*, product_id: int, new: NewVariant, actor: str = "") -> Variant:
    """Offer another variant of a product, with its first stock. Raises InvalidProduct and ProductGone."""
    product = lock_product(product_id)
    [variant] = create_variants(product, [new], actor=actor)
    refresh_products([product.pk])
    return variant


@retried
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


@retried
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
        _check_new(new)
    _check_skus([new.sku for new in wanted if new.sku])
    _check_images(product, {new.image_id for new in wanted if new.image_id is not None})
    first_position = product.variants.live().count()
    if first_position + len(wanted) > MAX_VARIANTS:
        raise InvalidProduct(f"A product has at most {MAX_VARIANTS} variants.", field="variants")
    held = options_of(product)
    chosen = [held.find(new.options) for new in wanted]
    check_free(product, chosen)
    variants = [
        _made(product, new, values, position=first_position + number)
        for number, (new, values) in enumerate(zip(wanted, chosen, strict=True))
    ]
    _insert(variants, given={new.sku.lower() for new in wanted if new.sku})
    if held:
        arrange_variants(product)
    _insert_stock(variants, wanted, actor=actor)
    record_prices(variants, {}, actor=actor)
    return variants


def _made(product: Product, new: NewVariant, values: Combination, *, position: int) -> Variant:
    name = name_of(values) if values else new.name
    return Variant(
        product=product,
        sku=new.sku or sku_from(product.slug, name),
        name=name,
        price=new.price,
        compare_at_price=new.compare_at_price,
        weight=new.weight,
        cost=new.cost,
        barcode=new.barcode,
        image_id=new.image_id,
        position=position,
        **columns(values),
    )


def _insert_stock(variants: Sequence[Variant], wanted: Sequence[NewVariant], *, actor: str) -> None:
    levels = StockLevel.objects.bulk_create(
        StockLevel(variant=variant, on_hand=new.stock_quantity, allows_backorders=new.allows_backorders)
        for variant, new in zip(variants, wanted, strict=True)
    )
    StockMovement.objects.bulk_create(stock.first_movements(levels, actor=actor))


def change_variant(variant_id: int, changes: VariantChanges, *, actor: str) -> Variant:
    """Write changes of one variant; part of the caller's transaction, which holds the product's lock."""
    variant = Variant.objects.select_related("product").get(pk=variant_id)
    before = {variant.pk: prices_of(variant)}
    if variant.value_1_id and changes.get("name", variant.name) != variant.name:
        raise InvalidProduct("The name of this variant is made of its options.", field="name")
    fields: list[str] = [name for name in OWN_COLUMNS if name in changes]
    for name in fields:
        setattr(variant, name, changes[name])  # type: ignore[literal-required]
    if "options" in changes:
        fields += _choose(variant, changes["options"])
    _check_columns(variant, changes)
    if fields:
        try:
            with transaction.atomic():
                variant.save(update_fields=fields)
        except IntegrityError:
            if not _taken([variant.sku], besides=variant.pk):
                raise
            raise InvalidProduct(f"The SKU {variant.sku} is in use.", field="sku") from None
        record_prices([variant], before, actor=actor)
    if "options" in changes:
        arrange_variants(variant.product)
    if "allows_backorders" in changes and stock.allow_backorders([variant.pk], allowed=changes["allows_backorders"]):
        raise InvalidProduct("Orders wait for pieces of this that are not here yet.", field="allows_backorders")
    if "stock_quantity" in changes:
        stock.set_available(variant_id=variant.pk, available=changes["stock_quantity"], actor=actor)
    return variant


def _choose(variant: Variant, named: Mapping[str, str]) -> list[str]:
    """Make it the variant of these values; returns the columns that this sets."""
    held = options_of(variant.product)
    values = held.find(named)
    if not values:
        return []
    check_free(variant.product, [values], besides=variant.pk)
    chosen = {"name": name_of(values), **columns(values)}
    for column, value in chosen.items():
        setattr(variant, column, value)
    return list(chosen)


def arrange_variants(product: Product) -> None:
    """Put the variants into the order of their values; part of the caller's transaction."""
    variants = Variant.objects.live().filter(product=product)
    ordered = variants.order_by(*(f"value_{n}__position" for n in (1, 2, 3)), "position", "pk")
    moved = []
    for number, variant in enumerate(ordered.only("position")):
        if variant.position != number:
            variant.position = number
            moved.append(variant)
    Variant.objects.bulk_update(moved, ["position"])


def retire_variant(variant: Variant) -> None:
    """Delete the variant, or archive it if it was ever ordered; part of the caller's transaction."""
    # An order being placed holds the lock of this level until its lines can be seen.
    list(StockLevel.objects.select_for_update(of=("self",)).filter(variant=variant).order_by("pk"))
    try:
        with transaction.atomic():
            Variant.objects.filter(pk=variant.pk).delete()
    except ProtectedError:
        # Its values are free to go with their option.
        Variant.objects.filter(pk=variant.pk).update(
            archived_at=timezone.now(), value_1=None, value_2=None, value_3=None
        )


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


def check_cost(cost: int | None) -> None:
    """Raises InvalidProduct for a negative cost, or one that nothing has."""
    if cost is not None and not 0 <= cost <= MAX_AMOUNT:
        raise InvalidProduct("The cost cannot be negative or this large.", field="cost")


def check_barcode(barcode: str) -> None:
    """Raises InvalidProduct unless it could be printed as bars."""
    if not re.fullmatch(rf"[ -~]{{0,{BARCODE_LENGTH}}}", barcode):
        raise InvalidProduct(
            f"A barcode has at most {BARCODE_LENGTH} Latin letters, digits and signs.", field="barcode"
        )


def _check_new(new: NewVariant) -> None:
    check_price(new.price, new.compare_at_price)
    check_weight(new.weight)
    check_cost(new.cost)
    check_barcode(new.barcode)
    if not 0 <= new.stock_quantity <= stock.MAX_ON_HAND:
        raise InvalidProduct("The stock cannot be negative or this large.", field="stock_quantity")


def _check_columns(variant: Variant, changes: VariantChanges) -> None:
    check_price(variant.price, variant.compare_at_price)
    check_weight(variant.weight)
    check_cost(variant.cost)
    check_barcode(variant.barcode)
    if "sku" in changes:
        _check_skus([variant.sku])
    if variant.image_id is not None and "image_id" in changes:
        _check_images(variant.product, {variant.image_id})


def _check_images(product: Product, image_ids: set[int]) -> None:
    if image_ids and ProductImage.objects.filter(product=product, pk__in=image_ids).count() < len(image_ids):
        raise InvalidProduct("This is no picture of the product.", field="image")


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
