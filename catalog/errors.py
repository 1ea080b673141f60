"""What can go wrong in the catalogue, in the shop's words. Statuses belong to the doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class CatalogError(Exception):
    """Base of the catalogue's domain errors: a stable `code`, a sentence for people, details for programs."""

    code = "catalog_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True)
class Shortage:
    """A variant of which fewer are available than wanted."""

    variant_id: int
    sku: str
    name: str
    requested: int
    available: int


class OutOfStock(CatalogError):
    """At least one variant is short; `shortages` names each of them. Nothing was reserved."""

    code = "out_of_stock"

    def __init__(self, shortages: list[Shortage]) -> None:
        names = ", ".join(f"{s.name} ({s.available} available, {s.requested} wanted)" for s in shortages)
        super().__init__(f"Not enough in stock: {names}.")
        self.shortages = shortages
        self.details = {
            "lines": [
                {
                    "variant": s.variant_id,
                    "sku": s.sku,
                    "name": s.name,
                    "requested": s.requested,
                    "available": s.available,
                }
                for s in shortages
            ]
        }


class StockTooLow(CatalogError):
    """The adjustment would take away what is promised to placed orders. Nothing was changed."""

    code = "stock_too_low"


class NotSoldOut(CatalogError):
    """Nobody needs to wait for this variant: it can be bought. Nothing was stored."""

    code = "not_sold_out"


class NotHereYet(CatalogError):
    """Pieces that were promised on back-order have not come in, so that they can neither leave nor be written off.

    Nothing was changed.
    """

    code = "not_here_yet"

    def __init__(self, missing: list[Shortage]) -> None:
        names = ", ".join(f"{each.name} ({each.available} here, {each.requested} needed)" for each in missing)
        super().__init__(f"Not here yet: {names}.")
        self.details = {
            "lines": [
                {"variant": each.variant_id, "sku": each.sku, "needed": each.requested, "on_hand": each.available}
                for each in missing
            ]
        }


class InvalidProduct(CatalogError):
    """A rule of the catalogue is broken; `field` names what to correct."""

    code = "invalid_product"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message, field=field)
        self.field = field


class ProductGone(CatalogError):
    """The product or variant was deleted or archived meanwhile. Nothing was changed."""

    code = "not_found"


class ProductChanged(CatalogError):
    """Somebody else changed the product since it was read. Nothing was changed."""

    code = "product_changed"


class CategoryInUse(CatalogError):
    """The category holds products or other categories, or a collection asks for it. Nothing was changed."""

    code = "category_in_use"


class BrandInUse(CatalogError):
    """Products bear the brand, or a collection asks for it, so it cannot be deleted. Nothing was changed."""

    code = "brand_in_use"


class ImportOver(CatalogError):
    """The import has ended already. Nothing was changed."""

    code = "import_over"
