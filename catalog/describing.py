"""What is said about a product besides its name, price and stock: checked, and written to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from django.db.models import Model

from catalog.attributes import Value, drop_other_attributes, write_attributes
from catalog.errors import InvalidProduct
from catalog.models import Brand, Product, ProductType, RelatedProduct, TaxClass
from catalog.moments import FIRST_YEAR, LAST_YEAR, is_within_calendars
from catalog.naming import checked_line
from catalog.richtext import sanitised

MAX_TAGS = 250
TAG_LENGTH = 60
MAX_RELATED = 24
LENGTHS = {"seo_title": 120, "seo_description": 320, "google_category": 255}
SIMPLE = ("tax_class", "is_published", "is_listed")
Row = TypeVar("Row", bound=Model)


class ProductDetails(TypedDict, total=False):
    """`description` is HTML or plain text; `related` are ids of products in order; `attributes` go by their codes."""

    description: str
    tax_class: TaxClass | None
    brand: Brand | None
    product_type: ProductType | None
    tags: Sequence[str]
    seo_title: str
    seo_description: str
    google_category: str
    is_published: bool
    published_from: datetime | None
    is_listed: bool
    related: Sequence[int]
    attributes: Mapping[str, Value]


COLUMNS = tuple(name for name in ProductDetails.__annotations__ if name not in ("related", "attributes"))


def describe(product: Product, details: Mapping[str, Any]) -> None:
    """Put the details on the product, without saving it; others of the mapping are ignored. Raises InvalidProduct."""
    for name in SIMPLE:
        if name in details:
            setattr(product, name, details[name])
    if "published_from" in details:
        product.published_from = checked_moment(details["published_from"])
    for name, most in LENGTHS.items():
        if name in details:
            setattr(product, name, checked_line(details[name], field=name, most=most))
    if "description" in details:
        product.description = sanitised(details["description"])
    if "tags" in details:
        product.tags = checked_tags(details["tags"])
    if "brand" in details:
        product.brand = _held(Brand, details["brand"], "brand")
    if "product_type" in details:
        product.product_type = _held(ProductType, details["product_type"], "product_type")


def relate(product: Product, details: Mapping[str, Any]) -> None:
    """Write what stands in rows of its own: attributes and related products.

    Part of the caller's transaction, which holds the (saved) product. Raises InvalidProduct.
    """
    if "product_type" in details:
        drop_other_attributes(product)
    if "attributes" in details:
        write_attributes(product, details["attributes"])
    if "related" in details:
        _write_related(product, details["related"])


def checked_tags(tags: Sequence[str]) -> list[str]:
    """Each tag once, as it was written first. Raises InvalidProduct."""
    found: dict[str, str] = {}
    for tag in tags:
        tag = " ".join(tag.split())
        if len(tag) > TAG_LENGTH or "," in tag or "\0" in tag:
            raise InvalidProduct(f"A tag has at most {TAG_LENGTH} characters and no comma.", field="tags")
        if tag:
            found.setdefault(tag.lower(), tag)
    if len(found) > MAX_TAGS:
        raise InvalidProduct(f"A product has at most {MAX_TAGS} tags.", field="tags")
    return list(found.values())


def checked_moment(moment: datetime | None) -> datetime | None:
    """The moment from which a product is shown. Raises InvalidProduct."""
    if moment is not None and not is_within_calendars(moment):
        raise InvalidProduct(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.", field="published_from")
    return moment


def _write_related(product: Product, ids: Sequence[int]) -> None:
    wanted = list(dict.fromkeys(ids))
    if product.pk in wanted:
        raise InvalidProduct("A product is not related to itself.", field="related")
    if len(wanted) > MAX_RELATED:
        raise InvalidProduct(f"A product has at most {MAX_RELATED} related ones.", field="related")
    if Product.objects.filter(pk__in=wanted, archived_at=None).count() < len(wanted):
        raise InvalidProduct("There is no such product.", field="related")
    RelatedProduct.objects.filter(product=product).exclude(other__in=wanted).delete()
    RelatedProduct.objects.bulk_create(
        (RelatedProduct(product=product, other_id=other, position=place) for place, other in enumerate(wanted)),
        update_conflicts=True,
        unique_fields=["product", "other"],
        update_fields=["position"],
    )


def _held(model: type[Row], row: Row | None, field: str) -> Row | None:
    """The row, locked against being deleted before our commit. Raises InvalidProduct if it just was."""
    if row is None:
        return None
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    held = rows.filter(pk=row.pk).order_by("pk").first()
    if held is None:
        raise InvalidProduct("There is no such thing any more.", field=field)
    return held
