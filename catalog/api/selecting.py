"""Which products a list shows, and in which order: allow-lists, everything else is refused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, Subquery
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.api.cursors import Ordered
from catalog.api.fields import SLUG_PATTERN, AmountField, find_category
from catalog.api.pagination import PARAMETERS
from catalog.collections import condition_of, with_rules
from catalog.listing import Wanted, narrowed, narrowed_to_count
from catalog.models import Category, Collection
from catalog.models.product import ProductQuerySet
from catalog.money import InvalidAmount, parse_amount
from catalog.search.expressions import LONGEST
from catalog.search.facets import count_products
from catalog.search.finding import candidates, matching, relevance
from catalog.search.narrowing import Choice, parameter_of, read_choices
from catalog.search.reading import read

RELEVANCE = "relevance"
BEST_FIRST = ("-rank", "name", "id")
FACET = r"^[^:\x00-][^:\x00]{0,79}:[^\x00]{1,160}$"
NEWEST_FIRST = ("-created_at", "-id")
ORDERINGS: dict[str, tuple[str, ...]] = {
    "created_at": ("created_at", "id"),
    "-created_at": NEWEST_FIRST,
    "price": ("price", "id"),
    "-price": ("-price", "-id"),
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
}


class PriceBound(AmountField):
    """An amount in a query string."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", str(data)):
            raise ValidationError("This is not an amount.")
        try:
            return parse_amount(str(data), settings.SHOP_CURRENCY)
        except InvalidAmount as error:
            raise ValidationError(str(error)) from error


class ProductQuery(serializers.Serializer[Any]):
    """The parameters of the product list."""

    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST,
        help_text="Words of name, brand, type, tags, options, attributes and description, in any form, the last also "
        "as a beginning; a SKU or barcode in full. Quotes, `-` and `or` mean what they mean in web searches.",
    )
    category = serializers.RegexField(
        SLUG_PATTERN,
        required=False,
        max_length=140,
        help_text="Slug or id; products of its descendants are included.",
        error_messages={"invalid": "There is no such category."},
    )
    collection = serializers.RegexField(
        SLUG_PATTERN,
        required=False,
        max_length=140,
        help_text="Slug of a collection.",
        error_messages={"invalid": "There is no such collection."},
    )
    facet = serializers.ListField(
        child=serializers.RegexField(
            FACET, max_length=250, error_messages={"invalid": "Write a facet as code:value, such as size:m."}
        ),
        required=False,
        max_length=50,
        help_text="A brand, option or attribute as `code:value` (`brand:acme`, `size:m`), any number of times: any of "
        "the values of one code, all of the codes. What there is, `search/facets/` says.",
    )
    min_price = PriceBound(required=False, help_text="Lowest price, inclusive.")
    max_price = PriceBound(required=False, help_text="Highest price, inclusive.")
    in_stock = serializers.ChoiceField(
        choices=["true", "false"], required=False, help_text="Only what can (or cannot) be bought now."
    )
    on_sale = serializers.ChoiceField(choices=["true"], required=False, help_text="Only what costs less than before.")
    ordering = serializers.ChoiceField(
        choices=[RELEVANCE, *ORDERINGS],
        required=False,
        help_text="A field; `-` reverses. Default: best matches first, or newest first without a search. "
        "By `relevance` a search lists five hundred products at most, whatever its `count`.",
    )


class FacetQuery(ProductQuery):
    """The parameters of counting: those of the list that choose, and not those that order."""

    ordering = None  # type: ignore[assignment]  # taken away
    in_stock = serializers.ChoiceField(choices=["true"], required=False, help_text="Only what can be bought now.")


def checked(request: Request) -> dict[str, Any]:
    """The parameters of a request. Raises ValidationError for an unknown one or a bad value."""
    return _checked(request, ProductQuery, {*PARAMETERS, "cursor"})


def checked_facets(request: Request) -> dict[str, Any]:
    """Likewise, for counting. Raises ValidationError for an unknown one or a bad value."""
    return _checked(request, FacetQuery, set())


def _checked(request: Request, serializer: type[serializers.Serializer[Any]], others: set[str]) -> dict[str, Any]:
    refuse_unknown(request, {*serializer().fields, *others})
    values: dict[str, Any] = request.query_params.dict()
    if "facet" in values:
        values["facet"] = request.query_params.getlist("facet")
    query = serializer(data=values)
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raises ValidationError naming each query parameter that is not known."""
    if unknown := sorted(set(request.query_params) - known):
        shown = {name.encode("ascii", "replace").decode()[:80]: ["Unknown parameter."] for name in unknown[:20]}
        raise ValidationError(shown)


def select(products: ProductQuerySet, query: dict[str, Any]) -> Ordered:
    """The products that fit the checked parameters, counted; collections, categories, facets and words cost a query
    each, counting one, and another where words find nothing and are looked for inside words."""
    wanted = wanted_of(query)
    products, counted = narrowed(products, wanted), narrowed_to_count(products, wanted)
    ordering = query.get("ordering", RELEVANCE)
    if not query.get("search"):
        return Ordered(products, ORDERINGS.get(ordering, NEWEST_FIRST), count_products(counted))
    reading = read(query["search"])
    words, total = reading.query, count_products(counted, reading.query)
    if not total.count and reading.wider_query is not None:
        words, total = reading.wider_query, count_products(counted, reading.wider_query)
    if ordering != RELEVANCE:
        return Ordered(matching(products, words), ORDERINGS[ordering], total)
    best = products.filter(pk__in=candidates(products, words))
    return Ordered(best.annotate(rank=relevance(query["search"], words)), BEST_FIRST, total)


def wanted_of(query: dict[str, Any]) -> Wanted:
    """What the checked parameters ask for; a category, a collection and facets cost a query each."""
    return Wanted(
        text=query.get("search", ""),
        category_ids=_category_ids(query["category"]) if "category" in query else None,
        within=in_collection(query["collection"]) if "collection" in query else None,
        min_price=query.get("min_price"),
        max_price=query.get("max_price"),
        in_stock=query["in_stock"] == "true" if "in_stock" in query else None,
        reduced="on_sale" in query,
        choices=_chosen(query.get("facet", ())),
    )


def _chosen(facets: Sequence[str]) -> tuple[Choice, ...]:
    """For each code that was asked for its values, as far as products have them; who asks for others finds nothing."""
    asked: dict[str, list[str]] = defaultdict(list)
    for code, _, value in (each.partition(":") for each in facets):
        asked[parameter_of(code)].append(value)
    known = {choice.code: choice for choice in read_choices(asked)}
    codes = [name.removeprefix("-") for name in asked]
    return tuple(known.get(code, Choice(code, (), ())) for code in codes)


def in_collection(slug: str) -> Q:
    """What products of this collection meet. Raises ValidationError when there is none."""
    collection = with_rules(Collection.objects.filter(is_published=True)).filter(slug=slug).first()
    if collection is None:
        raise ValidationError({"collection": ["There is no such collection."]})
    return condition_of(collection)


def refuse_unknown_category(query: dict[str, Any]) -> None:
    """Raises ValidationError when the category of the checked parameters does not exist."""
    if "category" in query and find_category(query["category"]) is None:
        raise ValidationError({"category": ["There is no such category."]})


def _category_ids(reference: str) -> tuple[int, ...]:
    """The ids of the category with this slug or id and of all below it."""
    wanted = Q(slug=reference)
    if reference.isdigit() and len(reference) <= 18:
        wanted |= Q(pk=int(reference))
    path = Category.objects.filter(wanted).order_by("pk").values("path")[:1]
    below = Category.objects.filter(path__startswith=Subquery(path)).order_by()
    return tuple(below.values_list("pk", flat=True))
