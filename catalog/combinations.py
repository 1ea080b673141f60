"""Combinations of option values: what names a variant and tells it from its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as every_combination
from math import prod
from typing import TypedDict

from catalog.errors import InvalidProduct
from catalog.models import OptionValue, Product, Variant

JOINT = " / "
NAME_LENGTH = 120
Combination = tuple[OptionValue, ...]


class ValueColumns(TypedDict):
    value_1: OptionValue | None
    value_2: OptionValue | None
    value_3: OptionValue | None


@dataclass(frozen=True)
class HeldOption:
    """An option as it is stored, its values in the merchant's order."""

    name: str
    values: tuple[OptionValue, ...]

    def find(self, text: str) -> OptionValue:
        """The value of this text, whatever its case. Raises InvalidProduct."""
        found = next((value for value in self.values if value.value.lower() == text.strip().lower()), None)
        if found is None:
            raise InvalidProduct(f"{self.name} has no value “{text}”.", field="options")
        return found


@dataclass(frozen=True)
class HeldOptions:
    """The options of one product, in order; false when it has none."""

    options: tuple[HeldOption, ...]

    def __bool__(self) -> bool:
        return bool(self.options)

    def find(self, named: Mapping[str, str]) -> Combination:
        """The values that are named by option, as {"Size": "M"}. Raises InvalidProduct unless each option has one."""
        texts = {name.strip().lower(): text for name, text in named.items()}
        known = {option.name.lower() for option in self.options}
        if unknown := sorted(set(texts) - known):
            raise InvalidProduct(f"This product has no option “{unknown[0]}”.", field="options")
        if absent := [option.name for option in self.options if option.name.lower() not in texts]:
            raise InvalidProduct(f"Choose a value for {' and '.join(absent)}.", field="options")
        return tuple(option.find(texts[option.name.lower()]) for option in self.options)

    def every(self) -> Iterator[Combination]:
        """All combinations there could be, in the merchant's order."""
        return every_combination(*(option.values for option in self.options)) if self.options else iter(())

    def count(self) -> int:
        return prod(len(option.values) for option in self.options) if self.options else 0


def options_of(product: Product) -> HeldOptions:
    """What the product is chosen by; one query."""
    rows = OptionValue.objects.filter(option__product=product).select_related("option")
    grouped: dict[str, list[OptionValue]] = {}
    for value in rows.order_by("option__position", "position", "pk"):
        grouped.setdefault(value.option.name, []).append(value)
    return HeldOptions(tuple(HeldOption(name, tuple(values)) for name, values in grouped.items()))


def name_of(values: Sequence[OptionValue]) -> str:
    """What a variant of these values is called: "M / Blue"."""
    name = JOINT.join(value.value for value in values)
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def columns(values: Sequence[OptionValue]) -> ValueColumns:
    """The values as a variant stores them."""
    first, second, third = (*values, None, None, None)[:3]
    return ValueColumns(value_1=first, value_2=second, value_3=third)


def key_of(values: Sequence[OptionValue]) -> tuple[int, ...]:
    return tuple(value.pk for value in values)


def taken_combinations(product: Product, *, besides: int = 0) -> set[tuple[int, ...]]:
    """The combinations, as ids of values, that a live variant has."""
    rows = Variant.objects.live().filter(product=product, value_1__isnull=False).exclude(pk=besides)
    return {tuple(filter(None, row)) for row in rows.values_list("value_1_id", "value_2_id", "value_3_id")}


def check_free(product: Product, wanted: Sequence[Combination], *, besides: int = 0) -> None:
    """Raises InvalidProduct when a variant has one of these combinations, or two of them are the same."""
    if not any(wanted):
        return
    seen = taken_combinations(product, besides=besides)
    for values in wanted:
        if key_of(values) in seen:
            raise InvalidProduct(f"There is a variant “{name_of(values)}” already.", field="options")
        seen.add(key_of(values))
