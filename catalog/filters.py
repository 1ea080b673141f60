"""What a list can be narrowed down by, as its page shows it: facets with counts, chips to take off, ways out.

Everything is an address: a filter is a form that is sent by GET, a chip is a link to the same list without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict

from catalog.browsing import Place
from catalog.listing import Listing, Wanted
from catalog.money import format_amount, to_string
from catalog.search.facets import ALL, CATEGORY, IN_STOCK, PRICE, REDUCED, Counts, Value
from catalog.search.narrowing import Choice, parameter_of
from catalog.search.prices import price_ranges

SHOWN = 8  # values of a facet; the others are behind "Show more"
MOST_FACETS = 15
MOST_VALUES = 60  # of a facet: nobody reads more; those that most products have


@dataclass(frozen=True)
class Option:
    """A value that can be chosen; `key` makes its element's id."""

    value: str
    label: str
    count: int
    is_chosen: bool
    key: str
    depth: int = 0
    url: str = ""


@dataclass(frozen=True)
class Facet:
    """A group of values; `parameter` is its name in addresses."""

    parameter: str
    label: str
    options: tuple[Option, ...]

    @property
    def first(self) -> tuple[Option, ...]:
        return self.options[:SHOWN]

    @property
    def more(self) -> tuple[Option, ...]:
        return self.options[SHOWN:]

    @property
    def is_open(self) -> bool:
        """Something is chosen among those that are behind "Show more"."""
        return any(option.is_chosen for option in self.more)


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the list's address without it; `count` is what there would be then."""

    label: str
    url: str
    count: int = 0


@dataclass(frozen=True)
class Range:
    """A range of prices, and the list's address with it."""

    label: str
    url: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Filters:
    """All that stands beside a list."""

    categories: tuple[Option, ...] = ()
    facets: tuple[Facet, ...] = ()
    ranges: tuple[Range, ...] = ()
    chips: tuple[Chip, ...] = ()
    in_stock: int = 0
    reduced: int = 0
    is_estimate: bool = False
    clear_url: str = ""

    @property
    def ways_out(self) -> tuple[Chip, ...]:
        """Each filter that alone keeps the list empty."""
        return tuple(chip for chip in self.chips if chip.count)


@dataclass
class Shelf:
    """Where the list stands: the categories that can be chosen, or, on a category's own page, those below it."""

    path: str
    parameters: QueryDict
    places: Sequence[Place] = ()
    chosen: Place | None = None
    children: Sequence[Place] = ()

    def url(self, *, without: Iterable[str] = (), value: str = "", **more: str) -> str:
        """The list's address with other parameters; of the one named in `without` only `value` is left out."""
        query = QueryDict(mutable=True)
        for name, values in self.parameters.lists():
            dropped = (value or None) if name in without else ""
            kept = [] if dropped is None or name == "page" else [each for each in values if each and each != dropped]
            if kept:
                query.setlist(name, kept)
        for name, wanted in more.items():
            query[name] = wanted
        return f"{self.path}?{query.urlencode()}" if query else self.path


def filters_of(listing: Listing, wanted: Wanted, shelf: Shelf) -> Filters:
    """What the list can be narrowed down by, and by what it is."""
    found = listing.found
    everything = found.of(ALL)
    return Filters(
        categories=_categories(found.of(CATEGORY if shelf.places else ALL), shelf),
        facets=_facets(listing, wanted),
        ranges=_ranges(found.of(PRICE), wanted, shelf),
        chips=_chips(listing, wanted, shelf),
        in_stock=found.of(IN_STOCK).in_stock,
        reduced=found.of(REDUCED).reduced,
        is_estimate=everything.is_estimate,
        clear_url=_clear_url(shelf),
    )


def _clear_url(shelf: Shelf) -> str:
    """The list's address with nothing but the words and the order."""
    return shelf.url(without=[name for name in shelf.parameters if name not in ("q", "sort")])


def _facets(listing: Listing, wanted: Wanted) -> tuple[Facet, ...]:
    chosen = {choice.code: choice for choice in wanted.choices}
    groups = {group.code: group for group in listing.found.of(ALL).groups()}
    for code in chosen:  # as it would be without its own selection
        groups.update({group.code: group for group in listing.found.of(code).groups() if group.code == code})
    facets = []
    for code, group in groups.items():
        counts = listing.found.of(code)
        facets.append(
            Facet(parameter_of(code), group.label, _options(code, group.values, counts, chosen.pop(code, None)))
        )
    facets += [
        Facet(parameter_of(code), choice.group, _options(code, (), Counts(), choice)) for code, choice in chosen.items()
    ]
    facets = [facet for facet in facets if len(facet.options) > 1 or any(each.is_chosen for each in facet.options)]
    return tuple(sorted(facets, key=lambda facet: (facet.parameter != "brand", facet.label))[:MOST_FACETS])


def _options(code: str, values: Sequence[Value], counts: Counts, choice: Choice | None) -> tuple[Option, ...]:
    picked = dict(zip(choice.values, choice.labels, strict=True)) if choice else {}
    common = {each.value for each in sorted(values, key=lambda each: -each.count)[:MOST_VALUES]} | picked.keys()
    options = [
        Option(each.value, each.label, counts.scaled(each.count), each.value in picked, _key(code, each.value))
        for each in values
        if each.value in common
    ]
    missing = picked.keys() - {each.value for each in values}
    options += [Option(value, picked[value], 0, True, _key(code, value)) for value in picked if value in missing]
    return tuple(options)


def _key(code: str, value: str) -> str:
    """What can stand in an id, whatever the value is made of."""
    name = f"{code}-{value}"
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else name.encode().hex()


def _categories(counts: Counts, shelf: Shelf) -> tuple[Option, ...]:
    """The categories that have something, each with all that is below it."""
    offered = [*shelf.places, *shelf.children]
    if not offered or not counts.categories:
        return ()

    def option(place: Place, depth: int) -> Option:
        count = sum(number for path, number in counts.categories.items() if path.startswith(place.path))
        url = ""
        if shelf.children:
            query = shelf.url(without=["category"]).partition("?")[2]
            url = place.url + (f"?{query}" if query else "")
        is_chosen = shelf.chosen is not None and place.slug == shelf.chosen.slug
        return Option(place.slug, place.name, counts.scaled(count), is_chosen, _key("category", place.slug), depth, url)

    shown = []
    for top in offered:
        shown.append(option(top, 0))
        if shelf.chosen is not None and shelf.chosen.path.startswith(top.path):
            shown += [option(child, 1) for child in top.children]
    return tuple(each for each in shown if each.count or each.is_chosen)


def _ranges(counts: Counts, wanted: Wanted, shelf: Shelf) -> tuple[Range, ...]:
    found = []
    for each in price_ranges(counts.prices):
        bounds = {"min_price": each.low, "max_price": each.high}
        asked = {name: to_string(bound, settings.SHOP_CURRENCY) for name, bound in bounds.items() if bound is not None}
        is_chosen = (wanted.min_price, wanted.max_price) == (each.low, each.high)
        url = shelf.url(without=["min_price", "max_price"], **({} if is_chosen else asked))
        found.append(Range(price_label(each.low, each.high), url, counts.scaled(each.count), is_chosen))
    return tuple(found)


def price_label(low: int | None, high: int | None) -> str:
    """A range of prices in words."""
    low_text, high_text = (
        "" if bound is None else format_amount(bound, settings.SHOP_CURRENCY, settings.SHOP_LOCALE)
        for bound in (low, high)
    )
    if low is not None and high is not None:
        return f"{low_text} – {high_text}"
    return f"{low_text} and more" if low is not None else f"Up to {high_text}"


def _chips(listing: Listing, wanted: Wanted, shelf: Shelf) -> tuple[Chip, ...]:
    """One for each value that is chosen; what a list without it would have is known of whole facets only."""
    found = listing.found.counts

    def count(name: str) -> int:
        return found[name].total.count if name in found else 0

    chips = []
    if shelf.chosen is not None:
        chips.append(Chip(shelf.chosen.name, shelf.url(without=["category"]), count(CATEGORY)))
    for choice in wanted.choices:
        alone = count(choice.code) if len(choice.values) == 1 else 0
        name = parameter_of(choice.code)
        chips += [
            Chip(f"{choice.group}: {label}", shelf.url(without=[name], value=value), alone)
            for value, label in zip(choice.values, choice.labels, strict=True)
        ]
    if wanted.min_price is not None or wanted.max_price is not None:
        label = price_label(wanted.min_price, wanted.max_price)
        chips.append(Chip(label, shelf.url(without=["min_price", "max_price"]), count(PRICE)))
    if wanted.in_stock:
        chips.append(Chip("In stock only", shelf.url(without=["in_stock"]), count(IN_STOCK)))
    if wanted.reduced:
        chips.append(Chip("Reduced only", shelf.url(without=["sale"]), count(REDUCED)))
    return tuple(chips)
