"""What an import is about to write, collected for a whole batch and written with few statements for each table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef
from django.utils import timezone

from catalog.importing.copying import insert, insert_plain
from catalog.inventory import stock
from catalog.jobs import enqueue_fetch
from catalog.models import (
    AttributeValue,
    Option,
    OptionValue,
    Product,
    ProductImage,
    StockLevel,
    TypeAttribute,
    Variant,
)
from catalog.prices import Prices, record_prices
from catalog.search.indexing import reindex
from catalog.variants import refresh_products

CHUNK = 1000
# The columns of an attribute's value, of which one holds it.
SAID = ("text", "number", "flag", "choice_id")


@dataclass(frozen=True)
class FirstStock:
    """What a new variant begins with."""

    pieces: int
    allows_backorders: bool


class Writing:
    """Rows to insert, and columns to change of rows that are there. The products' locks are held."""

    def __init__(self, *, actor: str, run_id: int | None = None) -> None:
        self.actor, self.run_id = actor, run_id
        self.products: list[Product] = []
        self.images: list[ProductImage] = []
        self.options: list[Option] = []
        self.values: list[OptionValue] = []
        self.variants: list[tuple[Variant, FirstStock]] = []
        self.attributes: list[tuple[Product, int, dict[str, Any]]] = []
        self.taken_away: set[int] = set()
        self.retyped: set[int] = set()
        self.repriced: set[int] = set()
        self.recombined: set[int] = set()
        self.available: dict[int, int] = {}
        self.backorders: dict[int, bool] = {}
        self.repriced_variants: list[Variant] = []
        self.prices_before: dict[int, Prices] = {}
        self._changed: dict[type[Model], dict[int, tuple[Model, set[str]]]] = defaultdict(dict)

    def change(self, row: Model, **values: Any) -> bool:
        """Set what differs; did anything?"""
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not differing:
            return False
        _, fields = self._changed[type(row)].setdefault(row.pk, (row, set()))
        for name, value in differing.items():
            setattr(row, name, value)
            fields.add(name)
        return True

    def relate(self, row: Model, related: dict[str, Any]) -> bool:
        """Let foreign keys point to these rows, which may be about to be inserted; is there any?"""
        if related:
            _, fields = self._changed[type(row)].setdefault(row.pk, (row, set()))
            for name, other in related.items():
                setattr(row, name, other)
                fields.add(name)
        return bool(related)

    def write(self) -> list[int]:
        """Write all of it; returns the ids of the products that are new or changed."""
        now = timezone.now()
        for product in self.products:
            product.updated_at = now
        insert(self.products)
        for image in self.images:
            image.import_run_id = self.run_id
        insert(self.images)
        enqueue_fetch([image.pk for image in self.images])
        insert(self.options)
        self._update(Option)
        insert(self.values)
        for model in (OptionValue, ProductImage):
            self._update(model)
        self._write_variants()
        self._write_stock()
        changed = list(self._changed[Product])
        self._update(Product)
        self._write_attributes()
        written = {*changed, *(product.pk for product in self.products)}
        refresh_products(self.repriced)
        reindex(written - self.repriced)
        return sorted(written)

    def _write_variants(self) -> None:
        if self.recombined:
            # Two variants may swap their options; PostgreSQL looks at each row by itself.
            Variant.objects.filter(pk__in=self.recombined).update(value_1=None, value_2=None, value_3=None)
        self._update(Variant)
        new = [variant for variant, _ in self.variants]
        insert(new)
        record_prices([*new, *self.repriced_variants], self.prices_before, actor=self.actor)
        levels = [
            StockLevel(variant=variant, on_hand=first.pieces, allows_backorders=first.allows_backorders)
            for variant, first in self.variants
        ]
        insert(levels)
        insert(stock.first_movements(levels, actor=self.actor))

    def _write_attributes(self) -> None:
        if self.taken_away:
            AttributeValue.objects.filter(pk__in=self.taken_away).delete()
        if self.retyped:
            asked = TypeAttribute.objects.filter(
                product_type=OuterRef("product__product_type"), attribute=OuterRef("attribute")
            )
            AttributeValue.objects.filter(~Exists(asked), product__in=self.retyped).delete()
        self._update(AttributeValue)
        if self.attributes:
            rows = ((product.pk, pk, *map(said.get, SAID)) for product, pk, said in self.attributes)
            insert_plain(AttributeValue, ["product_id", "attribute_id", *SAID], rows)

    def _write_stock(self) -> None:
        stock.hold([*self.available, *self.backorders])
        for variant_id in sorted(self.available):
            stock.set_available(
                variant_id=variant_id, available=self.available[variant_id], note="Import", actor=self.actor
            )
        for allowed in (True, False):
            wanted = [variant_id for variant_id, each in self.backorders.items() if each == allowed]
            stock.allow_backorders(wanted, allowed=allowed)

    def _update(self, model: type[Model]) -> None:
        """Write the changed columns, and only those: others may belong to somebody else at this moment."""
        alike: dict[tuple[str, ...], list[Model]] = defaultdict(list)
        for row, fields in self._changed[model].values():
            alike[tuple(sorted(fields))].append(row)
        for names_alike, rows in alike.items():
            names = [*names_alike]
            if model is Product:
                names.append("updated_at")
                for row in rows:
                    row.updated_at = timezone.now()  # type: ignore[attr-defined]  # a Product
            model._default_manager.bulk_update(rows, names, batch_size=CHUNK)
