"""Typed attributes: what a product is made of, how much it holds, whether the dishwasher is good for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.errors import InvalidProduct
from catalog.models import Attribute, AttributeValue, Product

Value = str | bool | int | float | Decimal | None
LONGEST_TEXT = 500
PLACES = 4
NAMED = 10
LARGEST_NUMBER = Decimal(10) ** 12
_NOTHING: dict[str, Any] = {"text": "", "number": None, "flag": None, "choice": None}


def write_attributes(product: Product, values: Mapping[str, Value]) -> None:
    """Give a product these attributes, named by their codes; None or "" takes one away, the others stay.

    Part of the caller's transaction, which holds the product. Raises InvalidProduct.
    """
    known = attributes_of(product)
    if strangers := sorted(set(values) - set(known)):
        raise InvalidProduct(f"Products of this type have no attribute “{strangers[0][:60]}”.", field="attributes")
    gone = [known[code].pk for code, value in values.items() if _is_empty(value)]
    kept = [
        AttributeValue(product=product, attribute=known[code], **columns_for(known[code], value))
        for code, value in sorted(values.items())
        if not _is_empty(value)
    ]
    AttributeValue.objects.filter(product=product, attribute__in=gone).delete()
    AttributeValue.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["product", "attribute"], update_fields=[*_NOTHING]
    )


def drop_other_attributes(product: Product) -> None:
    """Forget what the product's (new) type does not ask for; part of the caller's transaction."""
    known = [attribute.pk for attribute in attributes_of(product).values()]
    AttributeValue.objects.filter(product=product).exclude(attribute__in=known).delete()


def attributes_of(product: Product) -> dict[str, Attribute]:
    """What products of this type have, by code, in the type's order."""
    if product.product_type_id is None:
        return {}
    found = Attribute.objects.filter(type_attributes__product_type=product.product_type_id)
    ordered = found.order_by("type_attributes__position", "type_attributes__pk").prefetch_related("choices")
    return {attribute.code: attribute for attribute in ordered}


def columns_for(attribute: Attribute, value: Value) -> dict[str, Any]:
    """The columns that hold this value of an attribute. Raises InvalidProduct for what it cannot be."""
    if attribute.kind == Attribute.Kind.NUMBER:
        return _NOTHING | {"number": _number(attribute, value)}
    if attribute.kind == Attribute.Kind.FLAG:
        if not isinstance(value, bool):
            raise _refused(attribute, "is yes (true) or no (false)")
        return _NOTHING | {"flag": value}
    text = value.strip() if isinstance(value, str) else ""
    if attribute.kind == Attribute.Kind.CHOICE:
        choices = {choice.value.lower(): choice for choice in attribute.choices.all()}
        if text.lower() not in choices:
            raise _refused(attribute, _one_of([choice.value for choice in choices.values()]))
        return _NOTHING | {"choice": choices[text.lower()]}
    if not 1 <= len(text) <= LONGEST_TEXT or "\0" in text:
        raise _refused(attribute, f"is a text of 1 to {LONGEST_TEXT} characters")
    return _NOTHING | {"text": text}


def _number(attribute: Attribute, value: Value) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= LARGEST_NUMBER or number != round(number, PLACES):
        raise _refused(attribute, f"is a number with at most {PLACES} places")
    return round(number, PLACES)


def _one_of(choices: list[str]) -> str:
    if not choices:
        return "has nothing to choose from yet"
    more = f" and {len(choices) - NAMED} more" if len(choices) > NAMED else ""
    return f"is one of: {', '.join(choices[:NAMED])}{more}"


def _is_empty(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _refused(attribute: Attribute, what: str) -> InvalidProduct:
    return InvalidProduct(f"{attribute.name} {what}.", field="attributes")
