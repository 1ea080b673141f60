"""The catalogue in the format that it can be taken in from.

What is exported, imported into an empty shop and exported from there, is the same file again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch

from catalog.importing.cells import quoted, quoted_code
from catalog.importing.columns import NAMES
from catalog.importing.metafields import Metafield, column_of
from catalog.importing.present import address_of
from catalog.models import Attribute, AttributeValue, Category, Product, ProductImage, RelatedProduct, Variant
from catalog.money import to_string
from catalog.richtext import sanitised

BATCH = 500
# In the order of Shopify's own files. Those after them say what only this shop says; Shopify passes them over.
FIELDS = (
    *("handle", "name", "description", "vendor", "category", "type", "tags", "published"),
    *("option_1", "value_1", "option_2", "value_2", "option_3", "value_3"),
    *("sku", "grams", "tracker", "quantity", "policy", "fulfilment", "price", "compare_at_price", "shipped", "taxable"),
    *("barcode", "image", "image_position", "image_alt", "gift_card", "seo_title", "seo_description"),
    *("google_category", "variant_image", "weight_unit", "tax_code", "cost", "status", "published_from", "related"),
)
UNREAD = {
    "fulfilment": "Variant Fulfillment Service",
    "shipped": "Variant Requires Shipping",
    "weight_unit": "Variant Weight Unit",
}
HEADER = [UNREAD.get(field) or NAMES[field][0] for field in FIELDS]
Cells = dict[str, str]


def exported(product_ids: Collection[int] | None = None) -> Iterator[str]:
    """The file in pieces, with all products or these; in constant memory, however many there are."""
    out = io.StringIO(newline="")
    attributes = _attributes(product_ids)
    fields = [*FIELDS, *(column.field for column in attributes.values())]
    writer = csv.DictWriter(out, fields, restval="", lineterminator="\r\n")
    titles = [column_of(code=each.code, name=each.name, kind=each.kind, unit=each.unit) for each in attributes.values()]
    csv.writer(out, lineterminator="\r\n").writerow([*HEADER, *titles])
    yield out.getvalue()
    names = dict(Category.objects.values_list("path", "name"))
    last = 0
    while products := list(_batch(last, product_ids, with_attributes=bool(attributes))):
        out.seek(0)
        out.truncate()
        for product in products:
            category = _path(product.category.path, names)
            writer.writerows(_lines(product, category, _values_of(product, attributes) if attributes else {}))
        yield out.getvalue()
        last = products[-1].pk


def _attributes(product_ids: Collection[int] | None) -> dict[int, Metafield]:
    """The columns of attributes, by their ids: of those that anything in the file has."""
    values = AttributeValue.objects.filter(
        attribute=OuterRef("pk"), product__product_type__isnull=False, product__variants__archived_at=None
    )
    if product_ids is not None:
        values = values.filter(product__in=product_ids)
    found = Attribute.objects.filter(Exists(values)).order_by("position", "name", "pk")
    return {each.pk: Metafield(code=each.code, name=each.name, kind=each.kind, unit=each.unit) for each in found}


def _batch(after: int, product_ids: Collection[int] | None, *, with_attributes: bool) -> Iterable[Product]:
    variants = Variant.objects.live().select_related("stock", "image", "value_1", "value_2", "value_3")
    products = Product.objects.filter(pk__gt=after).order_by("pk")
    if product_ids is not None:
        products = products.filter(pk__in=product_ids)
    related = products.select_related("brand", "product_type", "category", "tax_class").defer("search_vector")
    beside = RelatedProduct.objects.annotate(handle=F("other__slug"))
    related = related.prefetch_related(Prefetch("related_links", beside.order_by("position", "pk"), to_attr="beside"))
    related = related.prefetch_related("options", "images", Prefetch("variants", variants, to_attr="offered"))
    if with_attributes:
        values = AttributeValue.objects.select_related("choice")
        related = related.prefetch_related(Prefetch("attribute_values", values, to_attr="described"))
    return related[:BATCH]


def _path(path: str, names: dict[str, str]) -> str:
    steps = range(Category.steplen, len(path) + 1, Category.steplen)
    # This sign parts the levels from one another.
    return " > ".join(names.get(path[:step], "").replace(">", "›").strip() for step in steps)


def _values_of(product: Product, attributes: Mapping[int, Metafield]) -> Cells:
    if product.product_type_id is None:
        return {}
    described: list[AttributeValue] = product.described  # type: ignore[attr-defined]  # prefetched
    return {
        attributes[value.attribute_id].field: _flag(value.flag) if value.flag is not None else quoted(_text(value))
        for value in described
        if value.attribute_id in attributes
    }


def _text(value: AttributeValue) -> str:
    return str(value.value).strip()


def _lines(product: Product, category: str, attributes: Cells) -> Iterator[Cells]:
    """One line for each variant and each picture; the first variant stands beside the first picture."""
    variants: list[Variant] = product.offered  # type: ignore[attr-defined]  # prefetched
    if not variants:
        return
    first = _of_product(product, category) | attributes
    options = [option.name for option in sorted(product.options.all(), key=lambda option: option.position)]
    if not options:
        first["option_1"] = "Title"
    for number, option in enumerate(options, start=1):
        first[f"option_{number}"] = quoted(option.strip())
    names = _values(variants, options)
    pictures = sorted(product.images.all(), key=lambda image: (image.position, image.pk))
    numbered = enumerate((image for image in pictures if address_of(image)), start=1)
    for variant, picture in zip_longest(variants, numbered):
        cells = {"handle": quoted(product.slug)} | first
        if variant is not None:
            cells |= _of_variant(variant, product) | names[variant.pk]
        if picture is not None:
            cells |= _of_picture(*picture)
        yield cells
        first = {}


def _of_product(product: Product, category: str) -> Cells:
    beside: list[RelatedProduct] = product.beside  # type: ignore[attr-defined]  # prefetched
    return {
        "name": quoted(product.name.strip()),
        "description": quoted(sanitised(product.description)),
        "vendor": quoted(product.brand.name.strip()) if product.brand else "",
        "category": quoted(category),
        "type": quoted(product.product_type.name.strip()) if product.product_type else "",
        "tags": quoted(", ".join(tag.strip() for tag in product.tags)),
        "published": _flag(product.is_published),
        "gift_card": _flag(False),
        "seo_title": quoted(product.seo_title.strip()),
        "seo_description": quoted(product.seo_description.strip()),
        "google_category": quoted(product.google_category.strip()),
        "status": _status(product),
        "related": quoted("; ".join(vars(link)["handle"] for link in beside)),
        "published_from": product.published_from.isoformat() if product.published_from else "",
    }


def _status(product: Product) -> str:
    if product.archived_at is not None:
        return "archived"
    if not product.is_listed:
        return "unlisted"
    return "active" if product.is_published else "draft"


def _of_variant(variant: Variant, product: Product) -> Cells:
    level, currency = variant.stock, settings.SHOP_CURRENCY
    return {
        "sku": quoted_code(variant.sku),
        "grams": str(variant.weight),
        "tracker": "shopify",
        "quantity": str(max(level.available, 0)),
        "policy": "continue" if level.allows_backorders else "deny",
        "fulfilment": "manual",
        "price": to_string(variant.price, currency),
        "compare_at_price": _amount(variant.compare_at_price),
        "shipped": _flag(True),
        "taxable": _flag(True),
        "barcode": quoted_code(variant.barcode),
        "variant_image": address_of(variant.image) if variant.image else "",
        "weight_unit": "g",
        "tax_code": quoted(product.tax_class.code) if product.tax_class else "",
        "cost": _amount(variant.cost),
    }


def _values(variants: Sequence[Variant], options: Sequence[str]) -> dict[int, Cells]:
    """What tells the variants apart; those without options are told apart by their names, or else by their SKUs."""
    plain = [variant.name.strip() for variant in variants]
    cells: dict[int, Cells] = {}
    for variant, name in zip(variants, plain, strict=True):
        own = name if name and plain.count(name) == 1 else variant.sku
        values: list[Any] = [variant.value_1, variant.value_2, variant.value_3]
        texts = [value.value.strip() if value else own for value in values[: len(options)]]
        if not options:
            texts = ["Default Title" if len(variants) == 1 and not name else own]
        cells[variant.pk] = {f"value_{number}": quoted(text) for number, text in enumerate(texts, start=1)}
    return cells


def _of_picture(number: int, image: ProductImage) -> Cells:
    return {"image": address_of(image), "image_position": str(number), "image_alt": quoted(image.alt.strip())}


def _amount(amount: int | None) -> str:
    return "" if amount is None else to_string(amount, settings.SHOP_CURRENCY)


def _flag(value: bool) -> str:
    return "true" if value else "false"
