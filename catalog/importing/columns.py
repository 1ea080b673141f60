"""Which columns of Shopify's files we know, whatever their order and year. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from catalog.importing.metafields import Metafield, is_metafield, metafield_of
from catalog.importing.shapes import Unreadable

# What we call it: what it has been called by Shopify over the years, the present name of the export first.
NAMES: dict[str, tuple[str, ...]] = {
    "handle": ("Handle", "URL handle"),
    "name": ("Title",),
    "description": ("Body (HTML)", "Body HTML", "Description"),
    "vendor": ("Vendor",),
    "category": ("Product Category", "Standardized Product Type", "Standard Product Type"),
    "type": ("Type", "Custom Product Type"),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "option_1": ("Option1 Name",),
    "value_1": ("Option1 Value",),
    "option_2": ("Option2 Name",),
    "value_2": ("Option2 Value",),
    "option_3": ("Option3 Name",),
    "value_3": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "grams": ("Variant Grams", "Weight value (grams)"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "price": ("Variant Price", "Price"),
    "compare_at_price": ("Variant Compare At Price", "Compare-at price", "Compare At Price"),
    "taxable": ("Variant Taxable", "Charge tax"),
    "barcode": ("Variant Barcode", "Barcode"),
    "image": ("Image Src", "Product image URL"),
    "image_position": ("Image Position",),
    "image_alt": ("Image Alt Text",),
    "gift_card": ("Gift Card",),
    "seo_title": ("SEO Title",),
    "seo_description": ("SEO Description",),
    "google_category": ("Google Shopping / Google Product Category",),
    "variant_image": ("Variant Image", "Variant image URL"),
    "tax_code": ("Variant Tax Code", "Tax code"),
    "cost": ("Cost per item", "Variant Cost"),
    "related": ("Related products (product.metafields.shopify--discovery--product_recommendation.related_products)",),
    # Ours; to Shopify it is a metafield.
    "published_from": ("Published From (product.metafields.shop.published_from)",),
}
# Known to say nothing that the shop would keep: not worth telling anybody.
SILENT = frozenset(
    name.lower()
    for name in (
        *("Variant Fulfillment Service", "Fulfillment service", "Variant Requires Shipping", "Requires shipping"),
        *("Variant Weight Unit", "Weight unit for display"),
        *("Option1 Linked To", "Option2 Linked To", "Option3 Linked To"),
    )
)
OF_A_VARIANT = (
    *("value_1", "value_2", "value_3", "sku", "grams", "quantity", "price"),
    *("compare_at_price", "barcode", "cost"),
)
_FIELDS = {name.lower(): field for field, names in NAMES.items() for name in names}


@dataclass(frozen=True)
class Layout:
    """Where what we know stands in this file, and which columns nobody will read."""

    places: dict[str, int]
    header: tuple[str, ...]
    ignored: tuple[str, ...]
    attributes: tuple[Metafield, ...] = ()

    def __contains__(self, field: str) -> bool:
        return field in self.places

    def title(self, field: str) -> str:
        """The column's name in this file."""
        return self.header[self.places[field]]

    @property
    def has_variants(self) -> bool:
        return any(field in self.places for field in OF_A_VARIANT)


def recognised(header: Sequence[str], codes: Collection[str] = ()) -> Layout:
    """The layout of a file with this header, in a shop with attributes of these codes. Raises Unreadable."""
    places: dict[str, int] = {}
    ignored, seen, attributes = [], set(), []
    for place, name in enumerate(header):
        lowered = " ".join(name.lower().split())
        # Codes of attributes may differ in nothing but capitals.
        told_apart_by = name if is_metafield(name) else lowered
        if lowered and told_apart_by in seen:
            raise Unreadable(f"The column “{name[:100]}” stands there twice.", line=1)
        seen.add(told_apart_by)
        field = _FIELDS.get(lowered)
        attribute = metafield_of(name, codes) if field is None else None
        if field is not None and field not in places:
            places[field] = place
        elif attribute is not None and attribute.field not in places:
            places[attribute.field] = place
            attributes.append(attribute)
        elif lowered and lowered not in SILENT:
            ignored.append(name)
    if "handle" not in places:
        raise Unreadable("This is no file of products from Shopify: it has no column “Handle”.", line=1)
    if len(places) == 1:
        raise Unreadable("This file says nothing about its products: the only known column is “Handle”.", line=1)
    return Layout(places, tuple(header), tuple(ignored), tuple(attributes))
