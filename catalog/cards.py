"""Products as they stand in lists: the cards of a page in one query.

Pages get plain values instead of model instances: whatever a template shows, it cannot send another query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Case, Count, Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import JSONObject
from django.urls import reverse

from catalog.inventory.models import StockMovement
from catalog.models import Product, ProductImage, StockLevel, Variant
from catalog.models.product import ProductQuerySet
from catalog.reductions import lowest_price
from catalog.srcset import Picture, picture

POPULAR_SECONDS, POPULAR_MOVEMENTS = 300, 2000
NEWEST = ("-created_at", "-pk")
ROW = 4  # cards that stand beside each other on a wide screen


@dataclass(frozen=True)
class Card:
    """A product in a list. `starts_at` says that other variants cost more than `price` (minor units)."""

    name: str
    url: str
    price: int
    compare_at_price: int | None
    starts_at: bool
    is_available: bool
    picture: Picture | None
    lowest_price: int | None = None


def newest() -> list[Card]:
    return cards(Product.objects.listed(), *NEWEST, first=2 * ROW)


def reduced(*, besides: list[Card]) -> list[Card]:
    """Some of what can be bought for less than before, other than the cards shown already."""
    products = Product.objects.listed().reduced().in_stock()
    found = cards(products, *NEWEST, first=ROW + len(besides))
    return [card for card in found if card not in besides][:ROW]


def popular() -> list[Card]:
    """What was shipped most often lately, or else the newest; looked up every few minutes."""
    found: list[Card] = cache.get("catalog.popular") or []
    if not found and (found := _popular()):
        cache.set("catalog.popular", found, POPULAR_SECONDS)
    return found


def _popular() -> list[Card]:
    """The last entries of the ledger tell it, however long it is; one query."""
    lately = StockMovement.objects.order_by("-pk").values("pk")[:POPULAR_MOVEMENTS]
    shipped = StockMovement.objects.filter(pk__in=lately, reason=StockMovement.Reason.SHIPPED)
    counted = shipped.order_by().values("level__variant__product").annotate(times=Count("pk"))
    often = counted.order_by("-times", "-level__variant__product").values("level__variant__product")[: 2 * ROW]
    listed = Product.objects.listed().in_stock()
    ids = often.union(listed.order_by(*NEWEST).values("pk")[:ROW])
    place = Func(ArraySubquery(often), F("pk"), function="array_position", output_field=IntegerField())
    found = listed.filter(pk__in=ids).order_by(place.asc(nulls_last=True), *NEWEST)
    return [card_of(row) for row in with_cards(found)[:ROW]]


def cards(products: ProductQuerySet, *order: str | Case, first: int) -> list[Card]:
    """The first of the products as they stand in a list; one query.

    Their ids are found first: otherwise PostgreSQL prepares to look up stock and pictures of all products.
    """
    shown = products.order_by(*order).values("pk")[:first]
    return [card_of(row) for row in with_cards(Product.objects.filter(pk__in=shown).order_by(*order))]


def with_cards(products: ProductQuerySet) -> QuerySet[Product, Any]:
    """The columns that `card_of` reads."""
    live = Variant.objects.live().filter(product=OuterRef("pk"))
    return products.annotate(
        is_available=Exists(live.filter(stock__in=StockLevel.objects.buyable())),
        starts_at=Exists(live.filter(price__gt=OuterRef("price"))),
        picture=Subquery(pictures_of_product()[:1]),
        lowest_price=Case(When(compare_at_price__isnull=False, then=Subquery(_lowest_price_of_the_cheapest()))),
    ).values("name", "slug", "price", "compare_at_price", "is_available", "starts_at", "picture", "lowest_price")


def _lowest_price_of_the_cheapest() -> QuerySet[Variant, Any]:
    """Before its reduction, the cheapest live variant of the outer product: the one whose prices a list shows."""
    cheapest = Variant.objects.live().filter(product=OuterRef("pk")).order_by("price", "position", "pk")
    return cheapest.values(lowest=lowest_price())[:1]


def card_of(row: Mapping[str, Any]) -> Card:
    return Card(
        name=row["name"],
        url=reverse("catalog:product", args=[row["slug"]]),
        price=row["price"],
        compare_at_price=row["compare_at_price"],
        starts_at=row["starts_at"],
        is_available=row["is_available"],
        picture=picture_of(row["picture"], row["name"]) if row["picture"] else None,
        lowest_price=row["lowest_price"],
    )


def picture_of(stored: Mapping[str, Any], product: str) -> Picture:
    """A picture without a text of its own is called as its product."""
    stated = {name: value for name, value in stored.items() if name != "id"}
    return picture(**{**stated, "alt": stored["alt"] or product})


def pictures_of_product() -> QuerySet[ProductImage, Any]:
    """The pictures of the outer product, the merchant's first one first, as JSON."""
    pictures = ProductImage.objects.stored().filter(product=OuterRef("pk")).order_by("position", "pk")
    shown = JSONObject(id="pk", name="image", alt="alt", width="width", height="height", renditions="renditions")
    return pictures.values(data=shown)
