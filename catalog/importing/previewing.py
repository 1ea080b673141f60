"""A first look into a file that was handed in: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from catalog.importing.present import ids_of
from catalog.importing.running import NOT_STORED, rules
from catalog.importing.shapes import Group, Unreadable, WantedProduct
from catalog.importing.shopify import ProductFile
from catalog.models import ImportRun

SHOWN = 10


@dataclass(frozen=True)
class Shown:
    """One of the first products, as it would come in; without `product` it would be refused."""

    group: Group
    product: WantedProduct | None
    is_here: bool

    @property
    def prices(self) -> list[int]:
        """The lowest and the highest price, or the only one."""
        prices = [variant.price for variant in self.product.variants if variant.price] if self.product else []
        return sorted({min(prices), max(prices)}) if prices else []

    @property
    def shelf(self) -> str:
        """Where it would stand."""
        return " > ".join(self.product.category) or self.product.type if self.product else ""

    @property
    def variant_count(self) -> int:
        return len(self.product.variants) if self.product else 0


@dataclass(frozen=True)
class Preview:
    """What is in the file; with an `error` nothing can be read of it."""

    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    products: tuple[Shown, ...] = ()
    error: str = ""


def preview(run: ImportRun) -> Preview:
    """The columns and the first products of a run's file."""
    try:
        with run.file.open("rb") as file:
            products = ProductFile(file, rules(0))
            try:
                groups = list(islice(products, SHOWN))
            finally:
                products.close()
    except Unreadable as error:
        return Preview(error=str(error))
    except (OSError, ValueError):  # one that is named no more cannot be opened
        return Preview(error=NOT_STORED)
    here = ids_of([group.product.handle for group in groups if group.product])
    layout = products.layout
    return Preview(
        columns=tuple(layout.title(field) for field in layout.places),
        ignored=layout.ignored,
        products=tuple(
            Shown(group, group.product, bool(group.product and group.product.handle in here)) for group in groups
        ),
    )
