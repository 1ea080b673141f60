"""Which products a list shows, and in which order: allow-lists, everything else is refused."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db.models import Q, Subquery
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.api.fields import SLUG_PATTERN, AmountField, find_category
from catalog.api.pagination import PARAMETERS
from catalog.collections import condition_of, with_rules
from catalog.models import Category, Collection
from catalog.models.product import ProductQuerySet
from catalog.money import InvalidAmount, parse_amount
from catalog.search.expressions import LONGEST
from catalog.search.finding import best_first, candidates, matching
from catalog.search.reading import read

RELEVANCE = "relevance"
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
        required=False, allow_blank=True, max_length=LONGEST, help_text="Words in name and description."
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
    min_price = PriceBound(required=False, help_text="Lowest price, inclusive.")
    max_price = PriceBound(required=False, help_text="Highest price, inclusive.")
    in_stock = serializers.ChoiceField(
        choices=["true", "false"], required=False, help_text="Only what can (or cannot) be bought now."
    )
    ordering = serializers.ChoiceField(
        choices=[RELEVANCE, *ORDERINGS],
        required=False,
        help_text="A field; `-` reverses. Default: best matches first, or newest first without a search.",
    )


def checked(request: Request) -> dict[str, Any]:
    """The parameters of a request. Raises ValidationError for an unknown one or a bad value."""
    refuse_unknown(request, {*ProductQuery().fields, *PARAMETERS})
    query = ProductQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raises ValidationError naming each query parameter that is not known."""
    if unknown := sorted(set(request.query_params) - known):
        shown = {name.encode("ascii", "replace").decode()[:80]: ["Unknown parameter."] for name in unknown[:20]}
        raise ValidationError(shown)


def select(products: ProductQuerySet, query: dict[str, Any]) -> ProductQuerySet:
    """The products that fit the checked parameters, in their order; collections and words cost a query."""
    if "collection" in query:
        products = products.filter(_in_collection(query["collection"]))
    if "category" in query:
        products = products.filter(category__in=_descendants(query["category"]))
    products = products.priced(at_least=query.get("min_price"), at_most=query.get("max_price"))
    if "in_stock" in query:
        products = products.in_stock(query["in_stock"] == "true")
    ordering = query.get("ordering", RELEVANCE)
    if not query.get("search"):
        return products.order_by(*ORDERINGS.get(ordering, NEWEST_FIRST))
    words = read(query["search"]).query
    if ordering == RELEVANCE:
        found = products.filter(pk__in=candidates(products, words))
        return found.order_by(*best_first(query["search"], words))
    return matching(products, words).order_by(*ORDERINGS[ordering])


def _in_collection(slug: str) -> Q:
    """What products of this collection meet. Raises ValidationError when there is none."""
    collection = with_rules(Collection.objects.filter(is_published=True)).filter(slug=slug).first()
    if collection is None:
        raise ValidationError({"collection": ["There is no such collection."]})
    return condition_of(collection)


def refuse_unknown_category(query: dict[str, Any]) -> None:
    """Raises ValidationError when the category of the checked parameters does not exist."""
    if "category" in query and find_category(query["category"]) is None:
        raise ValidationError({"category": ["There is no such category."]})


def _descendants(reference: str) -> Any:
    """The category with this slug or id and all below it, as a subquery."""
    wanted = Q(slug=reference)
    if reference.isdigit() and len(reference) <= 18:
        wanted |= Q(pk=int(reference))
    path = Category.objects.filter(wanted).order_by("pk").values("path")[:1]
    return Category.objects.filter(path__startswith=Subquery(path)).order_by().values("pk")
