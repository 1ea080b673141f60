"""One page of the product list: filtered, ordered, counted by facet; three queries whatever the number of products.

The page of ids is found first, along an index, and only its rows are dressed as cards. Nobody browses hundreds of
pages: a list ends after MAX_PAGES, which bounds what skipping can cost; how many products there are in all, and of
which kind, is told by `catalog.search.facets` in bounded time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.functional import cached_property

from catalog.cards import NEWEST, Card, card_of, with_cards
from catalog.models import Category, Product
from catalog.models.product import ProductQuerySet
from catalog.search import facets
from catalog.search.facets import ALL, Counts, Total
from catalog.search.finding import CANDIDATES, best_first, candidates, matching
from catalog.search.marks import REDUCED, band_ids, category_id
from catalog.search.narrowing import Choice
from catalog.search.reading import Query, read

PER_PAGE = 24
MAX_PAGES = 40
ORDERS: dict[str, tuple[str, ...]] = {
    "newest": NEWEST,
    "price": ("price", "pk"),
    "-price": ("-price", "-pk"),
    "name": ("name", "pk"),
}


@dataclass(frozen=True)
class Wanted:
    """What a shopper asks of the list. Prices are minor units; `order` is one of ORDERS, or "" for the usual.

    `within` is a further condition, such as a collection's.
    """

    text: str = ""
    category_path: str = ""
    within: Q | None = None
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None  # False: only what cannot be bought now
    reduced: bool = False
    order: str = ""
    choices: tuple[Choice, ...] = ()
    category_ids: tuple[int, ...] | None = None  # of the category and of all below it, found by its path

    @property
    def is_filtered(self) -> bool:
        return self != Wanted(
            self.text, self.category_path, self.within, order=self.order, category_ids=self.category_ids
        )

    def relaxed(self) -> dict[str, Wanted]:
        """For each filter that is set, the same without it: named as the parts of `catalog.search.facets`."""
        without = {
            choice.code: replace(self, choices=tuple(each for each in self.choices if each != choice))
            for choice in self.choices
        }
        if self.category_path or self.category_ids is not None:
            without[facets.CATEGORY] = replace(self, category_path="", category_ids=None)
        if self.min_price is not None or self.max_price is not None:
            without[facets.PRICE] = replace(self, min_price=None, max_price=None)
        if self.in_stock is not None:
            without[facets.IN_STOCK] = replace(self, in_stock=None)
        if self.reduced:
            without[facets.REDUCED] = replace(self, reduced=False)
        return without


@dataclass
class Found:
    """What was counted: `counts[ALL]` with every filter, and for each filter by its name without it."""

    counts: dict[str, Counts] = field(default_factory=dict)

    def of(self, name: str) -> Counts:
        """The counts that the filter of this name chooses among."""
        return self.counts.get(name) or self.counts.get(ALL) or Counts()

    @property
    def total(self) -> Total:
        return self.of(ALL).total


class Listing(Page[Card]):
    """A page of cards. Its paginator counts what the list can show, `found` all that there is.

    `spelling` is what may have been meant by words that found nothing.
    """

    found: Found
    spelling: str = ""

    @property
    def is_beyond_the_end(self) -> bool:
        return self.number > 1 and not self.object_list

    @property
    def goes_on(self) -> bool:
        """There are more products than the list shows."""
        return self.found.total.count > self.paginator.count

    @property
    def total(self) -> Total:
        return self.found.total


class _Counted(Paginator[Card]):
    def __init__(self, total: int) -> None:
        super().__init__([], PER_PAGE)
        self.total = total

    @cached_property
    def count(self) -> int:
        return self.total


def list_products(wanted: Wanted, number: int = 1) -> Listing:
    """Page `number` (from 1) of the products that are wanted, of those that lists show.

    Words that find nothing are looked for inside words, which costs one query more, and on further pages two.
    """
    wanted = _with_categories(wanted)
    reading = read(wanted.text) if wanted.text else None
    query = reading.query if reading else None
    products = narrowed(Product.objects.listed(), wanted)
    cards = _cards(products, wanted, query, number)
    if not cards and reading and reading.wider_query is not None:
        is_beyond_the_end = number > 1 and bool(_cards(products, wanted, query, 1))
        if not is_beyond_the_end:
            query = reading.wider_query
            cards = _cards(products, wanted, query, number)
    found = Found()
    if cards or wanted.is_filtered:
        found = _count(wanted, query)
    most = CANDIDATES if query is not None and not wanted.order else MAX_PAGES * PER_PAGE
    listing = Listing(cards, number, _Counted(min(found.total.count, most)))
    listing.found = found
    listing.spelling = reading.spelling if reading and not cards else ""
    return listing


def count_wanted(wanted: Wanted) -> Found:
    """The counts alone, of all that the list of `wanted` would show."""
    wanted = _with_categories(wanted)
    reading = read(wanted.text) if wanted.text else None
    found = _count(wanted, reading.query if reading else None)
    if reading and not found.total.count and reading.wider_query is not None:
        found = _count(wanted, reading.wider_query)
    return found


def _with_categories(wanted: Wanted) -> Wanted:
    if not wanted.category_path or wanted.category_ids is not None:
        return wanted
    below = Category.objects.filter(path__startswith=wanted.category_path).order_by().values_list("pk", flat=True)
    return replace(wanted, category_ids=tuple(below))


def narrowed(products: ProductQuerySet, wanted: Wanted) -> ProductQuerySet:
    """Those of the products that all filters let through (a category by its `category_ids`); words are no filter."""
    products = products.priced(at_least=wanted.min_price, at_most=wanted.max_price)
    if wanted.within is not None:
        products = products.filter(wanted.within)
    if wanted.category_ids is not None:
        products = products.filter(facet_ids__overlap=list(map(category_id, wanted.category_ids)))
    for choice in wanted.choices:
        products = products.filter(facet_ids__overlap=list(choice.ids))
    if wanted.in_stock is not None:
        products = products.in_stock(wanted.in_stock)
    if wanted.reduced:
        products = products.filter(facet_ids__contains=[REDUCED])
    return products


def narrowed_to_count(products: ProductQuerySet, wanted: Wanted) -> ProductQuerySet:
    """The same products, with their prices looked up in the index of all other filters: one look is less than two."""
    bands = band_ids(wanted.min_price, wanted.max_price)
    if not bands:
        return narrowed(products, wanted)
    products = narrowed(products, replace(wanted, min_price=None, max_price=None)).filter(facet_ids__overlap=bands)
    price = F("price") + 0  # so that PostgreSQL does not read the index of prices as well
    if wanted.min_price is not None:
        products = products.filter(GreaterThanOrEqual(price, wanted.min_price))
    if wanted.max_price is not None:
        products = products.filter(LessThanOrEqual(price, wanted.max_price))
    return products


def _cards(products: ProductQuerySet, wanted: Wanted, query: Query | None, number: int) -> list[Card]:
    if not 1 <= number <= MAX_PAGES:
        return []
    order: tuple[Any, ...] = ORDERS.get(wanted.order, ())
    if query is not None and not order:
        order = best_first(wanted.text, query)
        products = Product.objects.filter(pk__in=candidates(products, query))
    elif query is not None:
        products = matching(products, query)
    order = order or NEWEST
    start = (number - 1) * PER_PAGE
    shown = products.order_by(*order).values("pk")[start : start + PER_PAGE]
    return [card_of(row) for row in with_cards(Product.objects.filter(pk__in=shown).order_by(*order))]


def _count(wanted: Wanted, query: Query | None) -> Found:
    everything = Product.objects.listed()
    parts = {name: narrowed_to_count(everything, each) for name, each in {ALL: wanted, **wanted.relaxed()}.items()}
    return Found(facets.count_facets(parts, query))
