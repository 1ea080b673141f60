"""Brands: named, renamed, and removed when no product bears them."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from catalog.errors import BrandInUse, InvalidProduct, ProductGone
from catalog.jobs import enqueue_refresh
from catalog.models import Brand, CollectionRule, Product
from catalog.naming import checked_slug, insert_under_free_slug, numbered, slug_from
from catalog.retrying import retried

NAME_LENGTH = 120
SLUG_LENGTH = 140


class BrandChanges(TypedDict, total=False):
    """What may be changed on a brand. Lists narrowed by its former slug are found no more."""

    name: str
    slug: str


@retried
@transaction.atomic(durable=True)
def create_brand(*, name: str, slug: str = "") -> Brand:
    """Add a brand; the slug is made from the name unless given. Raises InvalidProduct, naming the field."""
    name = _free_name(name)
    given = iter([checked_slug(slug, length=SLUG_LENGTH)]) if slug else None
    made = numbered(slug_from(name, fallback="brand", length=SLUG_LENGTH), length=SLUG_LENGTH)

    def insert(slug: str) -> Brand:
        return Brand.objects.create(name=name, slug=slug)

    try:
        return insert_under_free_slug(given or made, insert, lambda slug: Brand.objects.filter(slug=slug).exists())
    except IntegrityError:  # somebody else made it at this moment
        raise InvalidProduct("There is such a brand.", field="name") from None


@retried
@transaction.atomic(durable=True)
def update_brand(*, brand_id: int, **changes: Unpack[BrandChanges]) -> Brand:
    """Change a brand, and have its products found by the new name. Raises InvalidProduct, ProductGone."""
    brand = _held(brand_id)
    before = (brand.name, brand.slug)
    brand.name = _free_name(changes.get("name", brand.name), brand_id)
    brand.slug = _free_slug(changes.get("slug", brand.slug), brand_id)
    if (brand.name, brand.slug) == before:
        return brand
    try:
        with transaction.atomic():
            brand.save(update_fields=["name", "slug"])
    except IntegrityError:
        raise InvalidProduct("There is such a brand.", field="name") from None
    enqueue_refresh("brand", brand.pk)
    return brand


@retried
@transaction.atomic(durable=True)
def delete_brand(*, brand_id: int) -> None:
    """Remove a brand that no product bears. Raises BrandInUse, ProductGone."""
    brand = _held(brand_id)
    if Product.objects.filter(brand=brand).exists():
        raise BrandInUse("There are products of this brand (perhaps archived ones).")
    if CollectionRule.objects.filter(brand=brand).exists():
        raise BrandInUse("A collection asks for this brand.")
    brand.delete()


def _held(brand_id: int) -> Brand:
    """The brand, locked until the transaction ends: nobody gives it to a product meanwhile."""
    brand = Brand.objects.select_for_update(of=("self",)).filter(pk=brand_id).first()
    if brand is None:
        raise ProductGone("This brand no longer exists.")
    return brand


def _free_name(name: str, brand_id: int = 0) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidProduct(f"A name has 1 to {NAME_LENGTH} characters.", field="name")
    if Brand.objects.filter(name__iexact=name).exclude(pk=brand_id).exists():
        raise InvalidProduct("There is such a brand.", field="name")
    return name


def _free_slug(slug: str, brand_id: int) -> str:
    slug = checked_slug(slug, length=SLUG_LENGTH)
    if Brand.objects.filter(slug=slug).exclude(pk=brand_id).exists():
        raise InvalidProduct("This address is in use.", field="slug")
    return slug
