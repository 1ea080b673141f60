"""The reads behind the pages of the catalogue, each in as few queries as the page needs.

Pages get plain values (`Card`, `ProductDetail`, …) instead of model instances: whatever a template shows, it
cannot send another query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, JSONObject, Left, Length
from django.urls import reverse

from catalog import choosing
from catalog.inventory.models import StockMovement
from catalog.models import (
    AttributeValue,
    Category,
    Collection,
    OptionValue,
    Product,
    ProductImage,
    RelatedProduct,
    StockLevel,
    Variant,
)
from catalog.models.attributes import shown_value
from catalog.models.product import ProductQuerySet
from catalog.reductions import lowest_price
from catalog.srcset import Picture, picture

POPULAR_SECONDS, POPULAR_MOVEMENTS = 300, 2000
FEW = 5  # from here down the page says how many are left
IN_STOCK = "In stock"
NEWEST = ("-created_at", "-pk")
ROW = 4  # cards that stand beside each other on a wide screen


@dataclass(frozen=True)
class Place:
    """A category, as menus, trails and tiles show it."""

    name: str
    slug: str
    path: str
    picture: Picture | None = None
    children: tuple[Place, ...] = ()

    @property
    def url(self) -> str:
        return reverse("catalog:category", args=[self.slug])


@dataclass(frozen=True)
class Shelf:
    """A collection, as tiles show it."""

    name: str
    url: str
    picture: Picture | None


@dataclass(frozen=True)
class Navigation:
    places: list[Place]
    collections: list[Shelf]


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


@dataclass(frozen=True)
class Choice:
    """A variant on the page of its product. Amounts are minor units, `available` are there and not promised.

    With `allows_backorders` more can be bought than that.
    `values` are the ids of its option values; `image` is the one of its own picture.
    """

    id: int
    sku: str
    name: str
    price: int
    compare_at_price: int | None
    lowest_price: int | None
    available: int
    values: tuple[int, ...] = ()
    image: int | None = None
    allows_backorders: bool = False
    barcode: str = ""

    @property
    def query(self) -> str:
        """What names it in the address of its product."""
        return urlencode({"variant": self.sku})

    @property
    def is_available(self) -> bool:
        """It can be bought, if only on back-order."""
        return self.available > 0 or self.allows_backorders

    @property
    def is_scarce(self) -> bool:
        """It can be bought, and something has to be known before."""
        return self.is_available and self.availability != IN_STOCK

    @property
    def availability(self) -> str:
        if self.available <= 0:
            return "Available on back-order" if self.allows_backorders else "Sold out"
        if self.available <= FEW and self.allows_backorders:
            return f"{self.available} in stock, more on back-order"
        return f"Only {self.available} left" if self.available <= FEW else IN_STOCK

    @property
    def most(self) -> int:
        """The largest quantity worth asking for."""
        return settings.CART_MAX_QUANTITY if self.allows_backorders else min(self.available, settings.CART_MAX_QUANTITY)


@dataclass(frozen=True)
class Fact:
    """A line of the table of what is known about a product."""

    name: str
    text: str


@dataclass(frozen=True)
class ProductDetail:
    """All that the page of a product shows. `asked` is the SKU in its address; `options` are what it is chosen by."""

    product: Product
    trail: list[Place]
    pictures: list[Picture]
    choices: list[Choice]
    facts: list[Fact]
    options: list[choosing.Asked]
    picture_ids: list[int]
    asked: str = ""

    @property
    def first_choice(self) -> Choice | None:
        """The variant that is picked when nothing is asked for: the first that can be bought."""
        return next((choice for choice in self.choices if choice.is_available), next(iter(self.choices), None))

    @cached_property
    def chosen(self) -> Choice | None:
        """The variant that the address names, or else the first choice."""
        asked = (choice for choice in self.choices if choice.sku.lower() == self.asked.lower())
        return next(asked, self.first_choice)

    @cached_property
    def questions(self) -> list[choosing.Question]:
        return choosing.questions(self.options, self.choices, self.chosen) if self.chosen else []

    @property
    def gallery(self) -> list[tuple[int, Picture]]:
        """The pictures with their ids; first the one of the variant that the address names."""
        pictures = list(zip(self.picture_ids, self.pictures, strict=True))
        first = self.chosen.image if self.asked and self.chosen else None
        return sorted(pictures, key=lambda each: each[0] != first)

    @property
    def can_be_added(self) -> bool:
        """Something that is offered on the page as it stands goes into the cart."""
        if self.questions:
            return self.chosen is not None and self.chosen.is_available
        return self.is_available

    @property
    def is_available(self) -> bool:
        return any(choice.is_available for choice in self.choices)

    @property
    def sold_out(self) -> list[Choice]:
        return [choice for choice in self.choices if not choice.is_available]

    @property
    def has_several_prices(self) -> bool:
        return len({choice.price for choice in self.choices}) > 1


@dataclass(frozen=True)
class CategoryDetail:
    category: Category
    trail: list[Place]
    children: list[Place]


def navigation() -> Navigation:
    """The menu and the published collections, in the shop's order; one query."""
    columns = ("name", "slug", "path", "image", "image_width", "image_height", "image_renditions")
    places = (
        Category.objects.filter(depth__lte=2).order_by().annotate(position=Value(0)).values_list(*columns, "position")
    )
    published = Collection.objects.filter(is_published=True).order_by().annotate(path=Value(""))
    tops: dict[str, list[Place]] = {}
    collections = []
    rows = places.union(published.values_list(*columns, "position"), all=True).order_by("path", "position", "name")
    for name, slug, path, image, width, height, copies, _ in rows:
        shown = picture(name=image, alt=name, width=width, height=height, renditions=copies) if image else None
        if path:
            tops.setdefault(path[: Category.steplen], []).append(Place(name, slug, path, shown))
        else:
            collections.append(Shelf(name, reverse("catalog:collection", args=[slug]), shown))
    nested = [replace(top, children=tuple(children)) for top, *children in tops.values()]
    return Navigation(nested, collections)


def menu() -> list[Place]:
    """The top categories with those right below them; one query."""
    tops: dict[str, list[Category]] = {}
    for category in Category.objects.filter(depth__lte=2).order_by("path"):
        tops.setdefault(category.path[: Category.steplen], []).append(category)
    return [place(top, children=tuple(place(child) for child in children)) for top, *children in tops.values()]


def place(category: Category, *, children: tuple[Place, ...] = ()) -> Place:
    return Place(category.name, category.slug, category.path, children=children)


def category_detail(slug: str) -> CategoryDetail:
    """A category, what is above and what is right below it; one query. Raises Category.DoesNotExist."""
    here = Subquery(Category.objects.filter(slug=slug).order_by().values("path")[:1])
    self_and_above = Q(path=Left("here", Length("path")))
    below = Q(here=Left("path", Length("here")), length=Length("here") + Category.steplen)
    family = Category.objects.alias(here=here, length=Length("path")).filter(self_and_above | below)
    relatives = list(family.order_by("path"))
    category = next((relative for relative in relatives if relative.slug == slug), None)
    if category is None:
        raise Category.DoesNotExist
    return CategoryDetail(
        category=category,
        trail=[place(relative) for relative in relatives if relative.depth < category.depth],
        children=[place(relative) for relative in relatives if relative.depth > category.depth],
    )


def product_detail(slug: str, *, asked: str = "") -> ProductDetail:
    """All that the page of a product shows, at the variant whose SKU is `asked` for; one query.

    Raises Product.DoesNotExist for what is not on sale.
    """
    product = (
        Product.objects.on_sale()
        .select_related("category", "brand")
        .defer("search_vector")
        .annotate(
            above=ArraySubquery(_ancestors(OuterRef("category__path"))),
            pictures=ArraySubquery(_pictures()),
            choices=ArraySubquery(_choices()),
            option_values=ArraySubquery(_option_values()),
            facts=ArraySubquery(_facts()),
        )
        .get(slug=slug)
    )
    found = vars(product)
    return ProductDetail(
        product=product,
        trail=[Place(**each) for each in found["above"]],
        pictures=[_picture(each, product.name) for each in found["pictures"]],
        choices=[_choice(each) for each in found["choices"]],
        options=_options(found["option_values"]),
        picture_ids=[each["id"] for each in found["pictures"]],
        asked=asked,
        facts=[Fact(each["name"], shown_value(**each["value"])) for each in found["facts"]],
    )


def newest() -> list[Card]:
    return cards(Product.objects.listed(), *NEWEST, first=2 * ROW)


def reduced(*, besides: list[Card]) -> list[Card]:
    """Some of what can be bought for less than before, other than the cards shown already."""
    products = Product.objects.listed().reduced().in_stock()
    found = cards(products, *NEWEST, first=ROW + len(besides))
    return [card for card in found if card not in besides][:ROW]


def popular() -> list[Card]:
    """What was shipped most often lately, or else the newest; looked up every few minutes."""
    found: list[Card] | None = cache.get_or_set("catalog.popular", _popular, POPULAR_SECONDS)
    return found or []


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


def beside(product: Product) -> tuple[list[Card], list[Card]]:
    """What the merchant relates to a product, and other products of its category or around it; one query."""
    listed = Product.objects.listed().exclude(pk=product.pk)
    place = Subquery(RelatedProduct.objects.filter(product=product.pk, other=OuterRef("pk")).values("position")[:1])
    related = listed.filter(related_links_from__product=product.pk).order_by("related_links_from__position")
    others = listed.exclude(related_links_from__product=product.pk).order_by(*NEWEST)
    alike = others.filter(category=product.category_id)
    around = others.filter(category__path__startswith=product.category.path[: Category.steplen])
    strangers_last = Case(When(category=product.category_id, then=0), default=1)
    # Each along its index, the newest first; sorted together, they would all have to be read.
    ids = related.values("pk")[: 2 * ROW].union(alike.values("pk")[:ROW], around.values("pk")[:ROW])
    found = Product.objects.filter(pk__in=ids).alias(place=place)
    rows = list(with_cards(found.order_by("place", strangers_last, *NEWEST)).annotate(related_place=place))
    cards_of = [(card_of(row), row["related_place"] is not None) for row in rows]
    return [card for card, is_related in cards_of if is_related], [
        card for card, is_related in cards_of if not is_related
    ][:ROW]


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
        picture=Subquery(_pictures()[:1]),
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
        picture=_picture(row["picture"], row["name"]) if row["picture"] else None,
        lowest_price=row["lowest_price"],
    )


def _picture(stored: Mapping[str, Any], product: str) -> Picture:
    """A picture without a text of its own is called as its product."""
    stated = {name: value for name, value in stored.items() if name != "id"}
    return picture(**{**stated, "alt": stored["alt"] or product})


def _pictures() -> QuerySet[ProductImage, Any]:
    """The pictures of the outer product, the merchant's first one first, as JSON."""
    pictures = ProductImage.objects.stored().filter(product=OuterRef("pk")).order_by("position", "pk")
    shown = JSONObject(id="pk", name="image", alt="alt", width="width", height="height", renditions="renditions")
    return pictures.values(data=shown)


def _choices() -> QuerySet[Variant, Any]:
    """The live variants of the outer product, as JSON."""
    return (
        Variant.objects.live()
        .filter(product=OuterRef("pk"))
        .order_by("position", "pk")
        .values(
            data=JSONObject(
                id="pk",
                sku="sku",
                name="name",
                price="price",
                compare_at_price="compare_at_price",
                lowest_price=lowest_price(),
                available=F("stock__on_hand") - F("stock__reserved"),
                allows_backorders="stock__allows_backorders",
                value_1="value_1_id",
                value_2="value_2_id",
                value_3="value_3_id",
                image="image_id",
                barcode="barcode",
            )
        )
    )


def _choice(stored: Mapping[str, Any]) -> Choice:
    values = (stored["value_1"], stored["value_2"], stored["value_3"])
    own = {name: value for name, value in stored.items() if not name.startswith("value_")}
    return Choice(**own, values=tuple(value for value in values if value is not None))


def _option_values() -> QuerySet[OptionValue, Any]:
    """The values of the outer product's options, in order, as JSON."""
    values = OptionValue.objects.filter(option__product=OuterRef("pk"))
    return values.order_by("option__position", "position", "pk").values(
        data=JSONObject(id="pk", text="value", option="option__name")
    )


def _options(stored: Iterable[Mapping[str, Any]]) -> list[choosing.Asked]:
    grouped: dict[str, list[tuple[int, str]]] = {}
    for each in stored:
        grouped.setdefault(each["option"], []).append((each["id"], each["text"]))
    return [choosing.Asked(name, tuple(values)) for name, values in grouped.items()]


def _facts() -> QuerySet[AttributeValue, Any]:
    """What the type of the outer product asks for and the product tells, in the type's order, as JSON."""
    of_its_type = AttributeValue.objects.filter(
        product=OuterRef("pk"), attribute__type_attributes__product_type=OuterRef("product_type")
    )
    value = JSONObject(
        text="text",
        number=Cast("number", TextField()),
        flag="flag",
        choice=F("choice__value"),
        unit=F("attribute__unit"),
    )
    return of_its_type.order_by("attribute__type_attributes__position", "attribute__type_attributes__pk").values(
        data=JSONObject(name=F("attribute__name"), value=value)
    )


def _ancestors(path: OuterRef) -> QuerySet[Category, Any]:
    """The categories on the way down to `path`, itself included, as JSON."""
    ancestors: QuerySet[Category, Any] = (
        Category.objects.filter(path=Left(path, Length("path")))
        .order_by("path")
        .values(data=JSONObject(name="name", slug="slug", path="path"))
    )
    return ancestors
