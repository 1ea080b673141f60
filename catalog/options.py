"""Options and their values: what a product is chosen by, and the variants that follow from them.

The acts lock the product first, like those of `catalog.variants`, so that two people never make the same combination
and no variant keeps a value that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from catalog.combinations import JOINT, Combination, HeldOptions, columns, name_of, options_of, taken_combinations
from catalog.errors import InvalidProduct
from catalog.models import Option, OptionValue, Product, StockLevel, Variant
from catalog.retrying import retried
from catalog.variants import (
    MAX_VARIANTS,
    NewVariant,
    create_variants,
    lock_product,
    refresh_products,
    retire_variant,
)

MAX_OPTIONS = 3
MAX_VALUES = 100
NAME_LENGTH = 60
VALUE_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class WantedOption:
    """An option as it shall be, its values in order.

    `was` is what it was called until now, `renamed` says which values (old to new) go on under another name. What is
    not said to be renamed is new or gone.
    """

    name: str
    values: Sequence[str]
    was: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)


@retried
@transaction.atomic(durable=True)
def change_options(*, product_id: int, options: Sequence[WantedOption]) -> list[str]:
    """Give the product these options, in this order, and its variants the names that follow.

    Variants of a value that is gone are retired; returns their names. Raises InvalidProduct and ProductGone.
    """
    product = lock_product(product_id)
    retired = set_options(product, options)
    refresh_products([product.pk])
    return retired


@retried
@transaction.atomic(durable=True)
def generate_missing(
    *,
    product_id: int,
    price: int,
    compare_at_price: int | None = None,
    weight: int = 0,
    stock_quantity: int = 0,
    actor: str = "",
) -> list[Variant]:
    """Make a variant, each with this price and first stock, of every combination that has none; returns them.

    Raises InvalidProduct, also when they would be too many, and ProductGone.
    """
    product = lock_product(product_id)
    missing = missing_combinations(product)
    wanted = [
        NewVariant(
            price=price,
            compare_at_price=compare_at_price,
            weight=weight,
            stock_quantity=stock_quantity,
            options={value.option.name: value.value for value in values},
        )
        for values in missing
    ]
    made = create_variants(product, wanted, actor=actor)
    refresh_products([product.pk])
    return made


def missing_combinations(product: Product) -> list[Combination]:
    """The combinations of the product's values that no live variant has.

    Raises InvalidProduct when there is nothing to combine, or when they are more than a product may have.
    """
    held = options_of(product)
    if not held:
        raise InvalidProduct("This product has no options.", field="options")
    taken = taken_combinations(product)
    if held.count() > MAX_VARIANTS:
        raise InvalidProduct(
            f"These values make {held.count()} combinations; a product has at most {MAX_VARIANTS} variants.",
            field="options",
        )
    return [values for values in held.every() if tuple(value.pk for value in values) not in taken]


@dataclass(frozen=True)
class Plan:
    """What becomes of the variants when options change: the new values of those that stay, by id."""

    wanted: Sequence[WantedOption]
    kept: Sequence[Variant]
    retired: Sequence[Variant]
    texts: Mapping[int, tuple[str, ...]]


def set_options(product: Product, wanted: Sequence[WantedOption]) -> list[str]:
    """Write the options; part of the caller's transaction, which holds the product's lock.

    Returns the names of the variants that go. The rows of options and values are written anew: nothing but the
    product's variants points at them.
    """
    plan = plan_options(product, wanted)
    Variant.objects.filter(product=product).update(value_1=None, value_2=None, value_3=None)
    _retire(plan.retired)
    Option.objects.filter(product=product).delete()
    if plan.wanted:
        _assign(plan, _insert(product, plan.wanted))
    return [variant.name for variant in plan.retired]


def plan_options(product: Product, wanted: Sequence[WantedOption]) -> Plan:
    """What these options would do to the variants; reads only.

    Raises InvalidProduct when no variant would be left, or two would be the same.
    """
    wanted = [checked_option(option) for option in wanted]
    _check_names(wanted)
    held = options_of(product)
    variants = list(Variant.objects.live().filter(product=product).order_by("position", "pk"))
    after = {variant.pk: _texts_after(variant, held, wanted, alone=len(variants) == 1) for variant in variants}
    texts = {pk: values for pk, values in after.items() if values is not None}
    plan = Plan(
        wanted=wanted,
        kept=[variant for variant in variants if variant.pk in texts],
        retired=[variant for variant in variants if variant.pk not in texts],
        texts=texts,
    )
    if plan.retired and not plan.kept:
        raise InvalidProduct("This would leave no variant; delete the product instead.", field="options")
    _check_distinct(plan)
    return plan


def renamed_values(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """What somebody who wrote `after` over `before` has renamed: as many new values as old ones are gone, in order.

    When they differ in number, nobody can tell; then the old ones are gone and the new ones new.
    """
    old, new = {value.lower() for value in before}, {value.lower() for value in after}
    gone = [value for value in before if value.lower() not in new]
    come = [value for value in after if value.lower() not in old]
    return dict(zip(gone, come, strict=True)) if len(gone) == len(come) else {}


_VALUES = ("value_1", "value_2", "value_3")


def _place(variant: Variant) -> tuple[int, ...]:
    return tuple(value.position if value else 0 for value in (variant.value_1, variant.value_2, variant.value_3))


def checked_option(option: WantedOption) -> WantedOption:
    """The option without spaces around its texts. Raises InvalidProduct for what cannot be one."""
    name, values = option.name.strip(), [value.strip() for value in option.values]
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InvalidProduct(f"An option's name has 1 to {NAME_LENGTH} characters.", field="options")
    if not 1 <= len(values) <= MAX_VALUES:
        raise InvalidProduct(f"{name} needs 1 to {MAX_VALUES} values.", field="options")
    if any(not 1 <= len(value) <= VALUE_LENGTH for value in values):
        raise InvalidProduct(f"A value of {name} has 1 to {VALUE_LENGTH} characters.", field="options")
    seen: set[str] = set()
    for value in values:
        if value.lower() in seen:
            raise InvalidProduct(f"{name} has the value “{value}” twice.", field="options")
        seen.add(value.lower())
    renamed = {old.strip().lower(): new.strip() for old, new in option.renamed.items()}
    return WantedOption(name=name, values=values, was=option.was.strip(), renamed=renamed)


def _check_names(wanted: Sequence[WantedOption]) -> None:
    if len(wanted) > MAX_OPTIONS:
        raise InvalidProduct(f"A product has at most {MAX_OPTIONS} options.", field="options")
    names = {option.name.lower() for option in wanted}
    sources = {(option.was or option.name).lower() for option in wanted}
    if len(names) < len(wanted) or len(sources) < len(wanted):
        raise InvalidProduct("Two options have the same name.", field="options")


def _texts_after(
    variant: Variant, held: HeldOptions, wanted: Sequence[WantedOption], *, alone: bool
) -> tuple[str, ...] | None:
    """The values that the variant will have, in the new order; None when one of its values is gone.

    A new option finds it at its first value. One that was only named so far is recognised by its name.
    """
    if variant.value_1_id is None:
        return _recognised(variant, wanted, alone=alone)
    pks = (variant.value_1_id, variant.value_2_id, variant.value_3_id)
    had = {
        option.name.lower(): next((value.value for value in option.values if value.pk in pks), "")
        for option in held.options
    }
    found = []
    for option in wanted:
        text = had.get((option.was or option.name).lower())
        if text is None:
            found.append(option.values[0])
            continue
        text = option.renamed.get(text.lower(), text)
        now = next((value for value in option.values if value.lower() == text.lower()), None)
        if now is None:
            return None
        found.append(now)
    return tuple(found)


def _recognised(variant: Variant, wanted: Sequence[WantedOption], *, alone: bool) -> tuple[str, ...]:
    parts = [part.strip().lower() for part in variant.name.split(JOINT)] if len(wanted) > 1 else [variant.name.lower()]
    known = [{value.lower(): value for value in option.values} for option in wanted]
    if len(parts) == len(wanted) and all(part in values for part, values in zip(parts, known, strict=True)):
        return tuple(values[part] for part, values in zip(parts, known, strict=True))
    if alone or not wanted:
        return tuple(option.values[0] for option in wanted)
    raise InvalidProduct(
        f"The variant “{variant.name or variant.sku}” fits none of these values; name it after one, or remove it.",
        field="options",
    )


def _check_distinct(plan: Plan) -> None:
    seen: set[tuple[str, ...]] = set()
    for values in plan.texts.values():
        if values and values in seen:
            raise InvalidProduct(
                f"There would be two variants “{JOINT.join(values)}”; remove one of them first.", field="options"
            )
        seen.add(values)


def _retire(variants: Sequence[Variant]) -> None:
    # All levels at once and in their order, as an order being placed takes them.
    levels = StockLevel.objects.select_for_update(of=("self",)).filter(variant__in=variants)
    list(levels.order_by("pk"))
    for variant in variants:
        retire_variant(variant)


def _insert(product: Product, wanted: Sequence[WantedOption]) -> HeldOptions:
    options = Option.objects.bulk_create(
        Option(product=product, name=option.name, position=position) for position, option in enumerate(wanted, 1)
    )
    OptionValue.objects.bulk_create(
        OptionValue(option=stored, value=text, position=position)
        for stored, option in zip(options, wanted, strict=True)
        for position, text in enumerate(option.values)
    )
    return options_of(product)


def _assign(plan: Plan, held: HeldOptions) -> None:
    """Give each variant its values, the name made of them, and its place in their order."""
    for variant in plan.kept:
        values = [option.find(text) for option, text in zip(held.options, plan.texts[variant.pk], strict=True)]
        variant.name = name_of(values)
        for column, value in columns(values).items():
            setattr(variant, column, value)
    for number, variant in enumerate(sorted(plan.kept, key=_place)):
        variant.position = number
    Variant.objects.bulk_update(plan.kept, ["name", "position", *_VALUES])
