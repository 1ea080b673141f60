"""One page of the product list: filtered, ordered, counted, in one query whatever the number of products.

The page of ids is found first and only its rows are dressed as cards, so that a deep page does not compute
pictures and badges for all that it skips. Nobody browses hundreds of pages: the list ends after MAX_PAGES,
which also bounds what counting and skipping can cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import IntegerField, Q, Subquery
from django.utils.functional import cached_property

from catalog.browsing import NEWEST, Card, card_of, with_cards
from catalog.models import Product
from catalog.models.product import ProductQuerySet
from catalog.searching import best_first, find, find_parts

PER_PAGE = 24
MAX_PAGES = 400
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
    in_stock: bool = False
    reduced: bool = False
    order: str = ""


class Listing(Page[Card]):
    """A page of cards. Its paginator knows the total, which is cut off at what the list can show."""

    @property
    def is_beyond_the_end(self) -> bool:
        return self.number > 1 and not self.object_list

    @property
    def goes_on(self) -> bool:
        """There are more products than the list shows."""
        return self.paginator.count >= MAX_PAGES * PER_PAGE


class _Counted(Paginator[Card]):
    def __init__(self, total: int) -> None:
        super().__init__([], PER_PAGE)
        self.total = total

    @cached_property
    def count(self) -> int:
        return self.total


class _CountOf(Subquery):
    """The number of rows of a subquery that looks at nothing of the outer query: computed once."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def list_products(wanted: Wanted, number: int = 1) -> Listing:
    """The cards of page `number` (from 1) of the products that shoppers can see and that are wanted.

    Words that find nothing are looked for inside names, which costs a second query.
    """
    products = _filtered(wanted)
    if not wanted.text:
        return _page(products, ORDERS.get(wanted.order, ORDERS["newest"]), number)
    order = ORDERS.get(wanted.order) or best_first(wanted.text)
    found = _page(find(products, wanted.text), order, number)
    if found or number > 1:
        return found
    return _page(find_parts(products, wanted.text), ORDERS.get(wanted.order, ORDERS["name"]), number)


def _filtered(wanted: Wanted) -> ProductQuerySet:
    products = Product.objects.listed().priced(at_least=wanted.min_price, at_most=wanted.max_price)
    if wanted.within is not None:
        products = products.filter(wanted.within)
    if wanted.category_path:
        products = products.filter(category__path__startswith=wanted.category_path)
    if wanted.in_stock:
        products = products.in_stock()
    if wanted.reduced:
        products = products.reduced()
    return products


def _page(products: ProductQuerySet, order: tuple[Any, ...], number: int) -> Listing:
    start = (number - 1) * PER_PAGE
    most = MAX_PAGES * PER_PAGE
    shown = products.order_by(*order).values("pk")[start : min(start + PER_PAGE, most)]
    total = _CountOf(products.order_by().values("pk")[:most])
    rows = list(
        with_cards(Product.objects.filter(pk__in=shown).order_by(*order)).annotate(total=total) if start < most else []
    )
    paginator = _Counted(rows[0]["total"] if rows else 0)
    return Listing([card_of(row) for row in rows], number, paginator)
