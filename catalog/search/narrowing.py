"""Filters by brand, option or attribute, as they stand in addresses: `?brand=acme&size=m&size=l`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from catalog.search.models import FacetValue

MOST_CODES = 12
MOST_VALUES = 50
LONGEST = 160
# Parameters of the lists that mean something else; an option of such a name is written with a hyphen before it.
RESERVED = frozenset(
    [
        "q",
        "category",
        "collection",
        "min_price",
        "max_price",
        "in_stock",
        "sale",
        "sort",
        "page",
        "search",
        "ordering",
        "skip",
        "limit",
        "cursor",
        "facets",
        "variant",
    ]
)


@dataclass(frozen=True)
class Choice:
    """What is wanted of one brand, option or attribute: any of the values, whose ids these are.

    `group` and `labels` (one for each value) are what shoppers read.
    """

    code: str
    values: tuple[str, ...]
    ids: tuple[int, ...]
    group: str = ""
    labels: tuple[str, ...] = ()


def parameter_of(code: str) -> str:
    """The name of a facet in addresses."""
    return f"-{code}" if code in RESERVED else code


def read_choices(parameters: Mapping[str, Sequence[str]]) -> tuple[Choice, ...]:
    """The choices of an address; one query, and none when there is nothing to look up.

    What no product is found by is left out: addresses carry all sorts of parameters that are not ours.
    """
    asked = {
        name.removeprefix("-"): [value for value in values if 0 < len(value) <= LONGEST and "\0" not in value][
            :MOST_VALUES
        ]
        for name, values in parameters.items()
        if name not in RESERVED and len(name) <= 80 and "\0" not in name
    }
    asked = dict([(code, values) for code, values in asked.items() if values][:MOST_CODES])
    if not asked:
        return ()
    either = reduce(or_, (Q(code=code, value__in=values) for code, values in asked.items()))
    found: dict[str, list[FacetValue]] = defaultdict(list)
    for each in FacetValue.objects.filter(either).order_by("pk"):
        found[each.code].append(each)
    return tuple(_choice(code, known) for code, known in sorted(found.items()))


def _choice(code: str, known: Sequence[FacetValue]) -> Choice:
    """One value may be known twice, as an option's and as an attribute's: it is one to the shopper."""
    labels = {each.value: each.label for each in reversed(known)}
    values = tuple(dict.fromkeys(each.value for each in known))
    return Choice(
        code, values, tuple(each.pk for each in known), known[0].group, tuple(labels[value] for value in values)
    )
