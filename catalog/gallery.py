"""The pictures of a product: added, described, put in order and taken away.

The acts lock the product first, like those of `catalog.variants`, so that two people never give two pictures one place.
What they are handed has been checked and stored before (`catalog.images.stored`): no file is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from catalog.errors import InvalidProduct, ProductGone
from catalog.images import Stored, files_of
from catalog.jobs import enqueue_discard, enqueue_renditions
from catalog.models import Product, ProductImage, Variant
from catalog.retrying import retried
from catalog.variants import lock_product, refresh_products

MAX_PICTURES = 100
MAX_POSITION = 32_767
ALT_LENGTH = 500


class PictureChanges(TypedDict, total=False):
    """What may be changed on a picture; `position` is its place among the product's pictures, from 0 on."""

    alt: str
    position: int


@retried
@transaction.atomic(durable=True)
def add_picture(
    *, product_id: int, picture: Stored, alt: str = "", position: int | None = None, variant_id: int | None = None
) -> ProductImage:
    """Show another picture, at the end unless a place is named, and for a variant if one is.

    Raises InvalidProduct when the product has too many already or no such variant, and ProductGone.
    """
    product = lock_product(product_id)
    there = _in_order(product)
    if len(there) >= MAX_PICTURES:
        raise InvalidProduct(f"A product has at most {MAX_PICTURES} pictures.", field="image")
    image = insert_picture(product, picture, alt=alt)
    if position is not None:
        there.insert(position, image)
        _arrange(there)
    if variant_id is not None:
        shown = Variant.objects.live().filter(product=product, pk=variant_id).update(image=image)
        if not shown:
            raise InvalidProduct("This is no variant of the product.", field="variant")
    refresh_products([product.pk])
    return image


@retried
@transaction.atomic(durable=True)
def change_picture(*, image_id: int, **changes: Unpack[PictureChanges]) -> ProductImage:
    """Give a picture another text or another place. Raises ProductGone."""
    product, there = _held(image_id)
    image = next(each for each in there if each.pk == image_id)
    if "alt" in changes:
        image.alt = changes["alt"]
        image.save(update_fields=["alt"])
    if "position" in changes:
        there.remove(image)
        there.insert(changes["position"], image)
        _arrange(there)
    refresh_products([product.pk])
    return image


@retried
@transaction.atomic(durable=True)
def arrange_pictures(*, product_id: int, image_ids: Sequence[int]) -> None:
    """Put all pictures of the product into this order. Raises InvalidProduct unless each is named once, ProductGone."""
    product = lock_product(product_id)
    there = {image.pk: image for image in _in_order(product)}
    if sorted(image_ids) != sorted(there):
        raise InvalidProduct("Name each picture of the product once.", field="images")
    _arrange([there[pk] for pk in image_ids])
    refresh_products([product.pk])


@retried
@transaction.atomic(durable=True)
def delete_picture(*, image_id: int) -> None:
    """Take a picture away; its variants show the product's first one again. Raises ProductGone."""
    product, _ = _held(image_id)
    remove_pictures([image_id])
    refresh_products([product.pk])


def insert_picture(product: Product, picture: Stored, *, alt: str = "", position: int | None = None) -> ProductImage:
    """Insert a picture, at the end by default; part of the caller's transaction, which holds the product's lock."""
    image = ProductImage.objects.create(
        product=product,
        alt=alt,
        position=_end(product) if position is None else position,
        **shown_as(picture),
    )
    enqueue_renditions([image.pk])
    return image


def remove_pictures(image_ids: Iterable[int]) -> list[ProductImage]:
    """Delete pictures and have their files removed; part of the caller's transaction. Returns them."""
    ids = list(image_ids)
    images = list(ProductImage.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    enqueue_discard(files_of(images))
    ProductImage.objects.filter(pk__in=ids).delete()
    return images


def shown_as(picture: Stored) -> dict[str, Any]:
    """The columns of a picture that is here."""
    state = ProductImage.State.STORED
    return {"image": picture.name, "width": picture.width, "height": picture.height, "state": state}


def _held(image_id: int) -> tuple[Product, list[ProductImage]]:
    """The locked product of a picture, and all its pictures in order, this one among them."""
    gone = ProductGone("This picture no longer exists.")
    product_id = ProductImage.objects.filter(pk=image_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise gone
    product = lock_product(product_id)
    there = _in_order(product)
    if all(image.pk != image_id for image in there):
        raise gone
    return product, there


def _in_order(product: Product) -> list[ProductImage]:
    return list(ProductImage.objects.filter(product=product).order_by("position", "pk"))


def _arrange(images: Sequence[ProductImage]) -> None:
    moved = []
    for place, image in enumerate(images):
        if image.position != place:
            image.position = place
            moved.append(image)
    ProductImage.objects.bulk_update(moved, ["position"])


def _end(product: Product) -> int:
    """The place behind all others, for what nobody has moved."""
    last = ProductImage.objects.filter(product=product).aggregate(last=Max("position"))["last"]
    return 0 if last is None else min(last + 1, MAX_POSITION)
