"""All that the page of a product shows, in two queries: the product itself, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, TextField, When
from django.db.models.functions import Cast, JSONObject, Left, Length

from catalog import choosing
from catalog.browsing import Place
from catalog.cards import NEWEST, ROW, Card, card_of, picture_of, pictures_of_product, with_cards
from catalog.models import AttributeValue, Category, OptionValue, Product, RelatedProduct, Variant
from catalog.models.attributes import shown_value
from catalog.reductions import lowest_price
from catalog.srcset import Picture

FEW = 5  # from here down the page says how many are left
IN_STOCK = "In stock"


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
    def first_picture(self) -> Picture | None:
        return next((picture for _, picture in self.gallery), None)

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
            pictures=ArraySubquery(pictures_of_product()),
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
        pictures=[picture_of(each, product.name) for each in found["pictures"]],
        choices=[_choice(each) for each in found["choices"]],
        options=_options(found["option_values"]),
        picture_ids=[each["id"] for each in found["pictures"]],
        asked=asked,
        facts=[Fact(each["name"], shown_value(**each["value"])) for each in found["facts"]],
    )


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
