"""Which variants of the file are which of the shop, and what is to be written of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from catalog.importing.columns import Layout
from catalog.importing.present import Owner, Present, made_skus
from catalog.importing.shapes import Problem, WantedProduct, WantedVariant
from catalog.importing.writing import FirstStock, Writing
from catalog.models import Option, OptionValue, Product, ProductImage, Variant
from catalog.prices import prices_of

NAME_LENGTH = 120
VALUES = ("value_1", "value_2", "value_3")


class Refused(Exception):
    """This product cannot be taken."""

    def __init__(self, layout: Layout, line: int, field: str, value: str, message: str) -> None:
        super().__init__(message)
        column = layout.title(field) if field in layout else ""
        self.problem = Problem(line, column, value[:200], message)


class VariantPlan:
    """The variants of one product. `check` decides everything that can be refused, `write` adds to the plan."""

    def __init__(
        self,
        present: Present,
        layout: Layout,
        writing: Writing,
        wanted: WantedProduct,
        product: Product | None,
        hint: Callable[[Problem], None],
    ) -> None:
        self.present, self.layout, self.writing = present, layout, writing
        self.wanted, self.product, self.hint = wanted, product, hint
        self.stored = present.variants.get(product.pk, []) if product else []
        self.options = sorted(
            present.options.get(product.pk, []) if product else [], key=lambda option: option.position
        )
        self.texts = {value.pk: value for option in self.options for value in present.values.get(option.pk, [])}
        self.wanted_options = wanted.options
        self.pairs: list[tuple[WantedVariant, Variant | None]] = []
        self.skus: dict[int, str] = {}

    def check(self, *, most: int) -> None:
        """Find the variants that are meant. Raises Refused."""
        self.pairs = self._matched()
        for wanted, variant in self.pairs:
            if variant is None and wanted.price is None:
                raise self._refused(wanted, "price", "", "A new variant needs a price.")
            self.skus[wanted.line] = self._sku(wanted, variant)
        new = sum(variant is None for _, variant in self.pairs)
        if len(self.stored) + new > most:
            raise self._refused(self.wanted, "handle", self.wanted.handle, f"A product has at most {most} variants.")
        if self._are_only_named():
            self.wanted_options = ()
        self._check_options()
        for sku in self.skus.values():
            owner = Owner(self.product.pk if self.product else None, self.wanted.handle)
            self.present.sku_owners.setdefault(sku.lower(), owner)

    def write(self, product: Product, pictures: dict[str, ProductImage], *, stock: bool) -> bool:
        """Plan what differs; does anything?"""
        changed, chosen = self._write_options(product)
        order = []
        for wanted, variant in self.pairs:
            values = self._columns(wanted, variant, pictures) | self._combination(wanted, chosen)
            if variant is None:
                variant = self._insert(product, wanted, values)
                changed = True
            else:
                changed |= self._change(variant, wanted, values)
                changed |= self._change_stock(variant, wanted, stock=stock)
            order.append(variant)
        live = [variant for variant in self.stored if variant.archived_at is None]
        changed |= arrange(self.writing, order, live)
        self._tell_missing(order)
        return changed

    def _matched(self) -> list[tuple[WantedVariant, Variant | None]]:
        """Each variant of the file with the one it means: by its SKU, then by its options."""
        left = {variant.pk: variant for variant in self.stored}
        by_sku = {variant.sku.lower(): variant for variant in self.stored}
        found: dict[int, Variant] = {}
        for wanted in self.wanted.variants:
            if wanted.sku and (variant := by_sku.get(wanted.sku.lower())):
                found[wanted.line] = left.pop(variant.pk)
        by_combination = {self._key(variant): variant for variant in left.values() if variant.archived_at is None}
        for wanted in self.wanted.variants:
            key = tuple(value.lower() for value in wanted.values)
            if wanted.line not in found and (variant := by_combination.pop(key, None)):
                found[wanted.line] = left.pop(variant.pk)
        self._adopt_only(found, left)
        return [(wanted, found.get(wanted.line)) for wanted in self.wanted.variants]

    def _adopt_only(self, found: dict[int, Variant], left: dict[int, Variant]) -> None:
        """A product without options has got some: its only variant becomes the first of the new ones."""
        first = self.wanted.variants[0] if self.wanted.variants else None
        live = [variant for variant in self.stored if variant.archived_at is None]
        if first and not found and len(live) == 1 and not self._key(live[0]):
            found[first.line] = left.pop(live[0].pk)

    def _are_only_named(self) -> bool:
        """Our export writes variants that have names and no options as if they had an option called Title."""
        as_exported = [name.lower() for name in self.wanted.options] == ["title"] and not self.options
        return as_exported and all(variant is not None for _, variant in self.pairs)

    def _key(self, variant: Variant) -> tuple[str, ...]:
        """What a variant is found by when it has no SKU in the file; a named one without options, by its name."""
        ids = [variant.value_1_id, variant.value_2_id, variant.value_3_id]
        values = tuple(self.texts[pk].value.lower() for pk in ids if pk is not None)
        return values or ((variant.name.lower(),) if variant.name else ())

    def _sku(self, wanted: WantedVariant, variant: Variant | None) -> str:
        """The SKU to write. Raises Refused when another product has it."""
        if not wanted.sku and variant is not None:
            return variant.sku
        candidates = (wanted.sku,) if wanted.sku else made_skus(self.wanted, wanted)
        taken = {sku.lower() for sku in self.skus.values()}
        for sku in candidates:
            is_own = variant is not None and variant.sku.lower() == sku.lower()
            if is_own or (sku.lower() not in self.present.sku_owners and sku.lower() not in taken):
                return sku
        owner = self.present.sku_owners.get(candidates[0].lower())
        other = owner.handle if owner else self.wanted.handle
        raise self._refused(wanted, "sku", candidates[0], f"This SKU belongs to the product “{other}”.")

    def _check_options(self) -> None:
        names = [name.lower() for name in self.wanted_options]
        stored = [option.name.lower() for option in self.options]
        for number, name in enumerate(names):
            if name in stored and stored.index(name) != number:
                message = "The product has its options in another order; rearrange them in the shop or in the file."
                raise self._refused(self.wanted, f"option_{number + 1}", name, message)

    def _write_options(self, product: Product) -> tuple[bool, list[dict[str, OptionValue]]]:
        """The values of each option by their names in lower case, with the new ones; and whether any is new."""
        changed, chosen = False, []
        for number, name in enumerate(self.wanted_options):
            if number < len(self.options):
                option = self.options[number]
                changed |= self.writing.change(option, name=name)
            else:
                option = Option(product=product, name=name, position=number + 1)
                self.writing.options.append(option)
                changed = True
            values, has_new = self._write_values(option, number)
            changed |= has_new
            chosen.append(values)
        return changed, chosen

    def _write_values(self, option: Option, number: int) -> tuple[dict[str, OptionValue], bool]:
        stored = self.present.values.get(option.pk, []) if option.pk else []
        values = {value.value.lower(): value for value in stored}
        position = max((value.position for value in stored), default=-1)
        changed = False
        for text in dict.fromkeys(variant.values[number] for variant in self.wanted.variants):
            value = values.get(text.lower())
            if value is None:
                position += 1
                value = OptionValue(option=option, value=text, position=position)
                values[text.lower()] = value
                self.writing.values.append(value)
                changed = True
            elif value.pk is not None:
                changed |= self.writing.change(value, value=text)
        return values, changed

    def _combination(self, wanted: WantedVariant, chosen: list[dict[str, OptionValue]]) -> dict[str, Any]:
        """The values that the variant is a combination of, and the name that they make."""
        if not self.wanted_options:
            return {}
        picked = [values[text.lower()] for values, text in zip(chosen, wanted.values, strict=True)]
        none = [None] * (len(VALUES) - len(picked))
        name = " / ".join(value.value for value in picked)[:NAME_LENGTH]
        return dict(zip(VALUES, [*picked, *none], strict=True)) | {"name": name}

    def _columns(
        self, wanted: WantedVariant, variant: Variant | None, pictures: dict[str, ProductImage]
    ) -> dict[str, Any]:
        """What the file says about the variant, except its options."""
        values: dict[str, Any] = {"sku": self.skus[wanted.line], "archived_at": None}
        for field in ("price", "cost", "weight"):
            if (said := getattr(wanted, field)) is not None:
                values[field] = said
        for field, column in (("barcode", "barcode"), ("compare_at_price", "compare_at_price")):
            if column in self.layout:
                values[field] = getattr(wanted, field)
        if wanted.picture in pictures:
            values["image"] = pictures[wanted.picture]
        former = values.get("compare_at_price", variant.compare_at_price if variant else None)
        price = values.get("price", variant.price if variant else 0)
        if former is not None and former <= price:
            values["compare_at_price"] = None
        return values

    def _insert(self, product: Product, wanted: WantedVariant, values: dict[str, Any]) -> Variant:
        variant = Variant(product=product, **{name: value for name, value in values.items() if value is not None})
        self.writing.variants.append(
            (variant, FirstStock(pieces=wanted.quantity or 0, allows_backorders=wanted.allows_backorders))
        )
        if product.pk:
            self.writing.repriced.add(product.pk)
        return variant

    def _change(self, variant: Variant, wanted: WantedVariant, values: dict[str, Any]) -> bool:
        before = prices_of(variant)
        ids = [variant.value_1_id, variant.value_2_id, variant.value_3_id]
        was_archived = variant.archived_at is not None
        related = {name: values.pop(name) for name in (*VALUES, "image") if name in values}
        changed = self.writing.change(variant, **values)
        if prices_of(variant) != before:
            self.writing.repriced_variants.append(variant)
            self.writing.prices_before[variant.pk] = before
        if prices_of(variant) != before or was_archived:
            self.writing.repriced.add(variant.product_id)
        combined = [related[name] for name in VALUES if name in related]
        if combined and [value.pk if value else None for value in combined] != ids:
            self.writing.recombined.add(variant.pk)
            changed |= self.writing.relate(variant, {name: related.pop(name) for name in VALUES})
        return changed | self._relate(variant, related)

    def _relate(self, variant: Variant, related: dict[str, Any]) -> bool:
        """Set foreign keys, some of them to rows that have no id yet."""
        differing = {}
        for name, row in related.items():
            pk = row.pk if row is not None else None
            if (row is not None and pk is None) or getattr(variant, f"{name}_id") != pk:
                differing[name] = row
        return self.writing.relate(variant, differing)

    def _change_stock(self, variant: Variant, wanted: WantedVariant, *, stock: bool) -> bool:
        level, changed = self.present.levels[variant.pk], False
        if "policy" in self.layout and level.allows_backorders != wanted.allows_backorders:
            if level.awaited and not wanted.allows_backorders:
                message = "Orders wait for pieces of this variant; until they are here, back-orders stay possible."
                self.hint(Problem(wanted.line, self.layout.title("policy"), "deny", message, is_refusal=False))
            else:
                self.writing.backorders[variant.pk] = wanted.allows_backorders
                changed = True
        if stock and wanted.quantity is not None and max(level.available, 0) != wanted.quantity:
            self.writing.available[variant.pk] = wanted.quantity
            changed = True
        return changed

    def _tell_missing(self, order: list[Variant]) -> None:
        named = {variant.pk for variant in order}
        for variant in self.stored if self.wanted.variants else ():
            if variant.pk not in named and variant.archived_at is None:
                message = "The file does not name this variant of the product; it was left as it is."
                self.hint(Problem(self.wanted.line, "", variant.sku, message, is_refusal=False))

    def _refused(self, about: WantedVariant | WantedProduct, field: str, value: str, message: str) -> Refused:
        return Refused(self.layout, about.line, field, value, message)


def arrange(writing: Writing, order: list[Any], stored: list[Any]) -> bool:
    """Give rows the positions of the file's order, unless they follow one another so already; did any change?

    Stored rows that the file does not name stay, after those that it names.
    """
    known = [row for row in order if row.pk is not None]
    places = [(row.position, row.pk) for row in known]
    if order[: len(known)] == known and all(before < after for before, after in pairwise(places)):
        last = max((row.position for row in stored), default=-1)
        for number, row in enumerate(order[len(known) :], start=1):
            row.position = last + number
        return False
    named = {row.pk for row in known}
    changed = False
    for number, row in enumerate([*order, *(row for row in stored if row.pk not in named)]):
        if row.pk is None:
            row.position = number
        else:
            changed |= writing.change(row, position=number)
    return changed
