"""The attributes that a file gives products of a batch, made when missing, and what its cells mean for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q
from django.db.models.functions import Lower

from catalog.attributes import columns_for
from catalog.errors import InvalidProduct
from catalog.importing import cells
from catalog.importing.cells import Misfit
from catalog.importing.metafields import Metafield
from catalog.importing.shapes import WantedProduct
from catalog.models import Attribute, AttributeChoice, TypeAttribute

CHOICE_LENGTH = 80
Columns = dict[str, Any]
_NOTHING: Columns = {"text": "", "number": None, "flag": None, "choice_id": None}


class Traits:
    """Attributes by code, their choices, and which types have them.

    A type gets what its products are given; a choice that is not there yet comes after the others. Part of the
    caller's transaction, before it locks any product.
    """

    def __init__(
        self, columns: Sequence[Metafield], products: Collection[WantedProduct], type_of: Mapping[str, int | None]
    ) -> None:
        self.attributes = _attributes(columns) if columns else {}
        given = [
            (type_of.get(product.handle), self.attributes[code], text)
            for product in products
            for code, text in product.attributes
            if text and code in self.attributes
        ]
        self._choices = _choices((attribute, text) for _, attribute, text in given)
        self._asked = _asked((type_id, attribute.pk) for type_id, attribute, _ in given if type_id is not None)

    def is_asked(self, attribute: Attribute, type_id: int) -> bool:
        """Products of this type have the attribute."""
        return (type_id, attribute.pk) in self._asked

    def columns(self, attribute: Attribute, text: str) -> Columns:
        """The columns that hold what a cell says. Raises Misfit."""
        kind = attribute.kind
        if kind == Attribute.Kind.CHOICE:
            if len(text) > CHOICE_LENGTH:
                raise Misfit(f"A choice has at most {CHOICE_LENGTH} characters.")
            choice_id = self._choices.get((attribute.pk, text.lower()))
            if choice_id is None:
                raise Misfit(f"This is none of the choices of {attribute.name}.")
            return _NOTHING | {"choice_id": choice_id}
        if kind == Attribute.Kind.FLAG:
            return _NOTHING | {"flag": cells.flag(text)}
        value = _number(attribute.unit, text) if kind == Attribute.Kind.NUMBER else text
        try:
            found = columns_for(attribute, value)
        except InvalidProduct as error:
            raise Misfit(str(error)) from error
        return _NOTHING | {"text": found["text"], "number": found["number"]}


def _number(unit: str, text: str) -> Decimal:
    """The number, before its unit if that stands there. Raises Misfit."""
    try:
        return cells.number(text)
    except Misfit:
        if not unit or not text.lower().endswith(unit.lower()):
            raise
    return cells.number(text[: -len(unit)].rstrip())


def _attributes(columns: Sequence[Metafield]) -> dict[str, Attribute]:
    def stored() -> dict[str, Attribute]:
        rows = Attribute.objects.filter(code__in=[column.code for column in columns])
        return {attribute.code: attribute for attribute in rows}

    found = stored()
    missing = [column for column in columns if column.kind and column.code not in found]
    if missing:
        # After those that are here, in the order of the file, also when their first value comes much later.
        first = _next(Attribute.objects.aggregate(last=Max("position"))["last"])
        rows = [
            Attribute(code=column.code, name=column.name, kind=column.kind, unit=column.unit, position=first + number)
            for number, column in enumerate(missing)
        ]
        Attribute.objects.bulk_create(sorted(rows, key=lambda row: row.code), ignore_conflicts=True)
        found = stored()
    return found


def _choices(given: Iterable[tuple[Attribute, str]]) -> dict[tuple[int, str], int]:
    """The ids of choices by their attribute and value in lower case."""
    wanted: dict[tuple[int, str], str] = {}
    for attribute, text in given:
        if attribute.kind == Attribute.Kind.CHOICE and len(text) <= CHOICE_LENGTH:
            wanted.setdefault((attribute.pk, text.lower()), text)

    def stored() -> dict[tuple[int, str], int]:
        # PostgreSQL's lower() may differ from ours for a letter here and there.
        alike = Q(key__in={key for _, key in wanted}) | Q(value__in=set(wanted.values()))
        choices = AttributeChoice.objects.filter(attribute__in={pk for pk, _ in wanted})
        rows = choices.annotate(key=Lower("value")).filter(alike)
        return {(row.attribute_id, row.value.lower()): row.pk for row in rows}

    found = stored() if wanted else {}
    missing = [key for key in wanted if key not in found]
    if missing:
        lasts = AttributeChoice.objects.filter(attribute__in={pk for pk, _ in missing}).order_by().values("attribute")
        places = {row["attribute"]: _next(row["last"]) for row in lasts.annotate(last=Max("position"))}
        rows = []
        for pk, key in missing:
            place = places.get(pk, 0)
            places[pk] = place + 1
            rows.append(AttributeChoice(attribute_id=pk, value=wanted[pk, key], position=place))
        rows.sort(key=lambda row: (row.attribute_id, row.value.lower()))
        AttributeChoice.objects.bulk_create(rows, ignore_conflicts=True)
        found = stored()
    return found


def _asked(given: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Which types have which attributes, with those that they get now."""
    wanted = list(dict.fromkeys(given))

    def stored() -> dict[tuple[int, int], int]:
        rows = TypeAttribute.objects.filter(product_type__in={type_id for type_id, _ in wanted})
        return {(row.product_type_id, row.attribute_id): row.position for row in rows}

    found = stored() if wanted else {}
    missing = [pair for pair in wanted if pair not in found]
    if missing:
        places: dict[int, int] = {}
        for (type_id, _), position in found.items():
            places[type_id] = max(places.get(type_id, 0), position + 1)
        rows = []
        for type_id, attribute_id in missing:
            place = places.get(type_id, 0)
            places[type_id] = place + 1
            rows.append(TypeAttribute(product_type_id=type_id, attribute_id=attribute_id, position=place))
        rows.sort(key=lambda row: (row.product_type_id, row.attribute_id))
        TypeAttribute.objects.bulk_create(rows, ignore_conflicts=True)
        found = stored()
    return set(found)


def _next(last: int | None) -> int:
    return 0 if last is None else last + 1
