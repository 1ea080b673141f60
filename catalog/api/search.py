"""Facets and suggestions over HTTP: the same as on the storefront."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import quotas
from catalog.api import selecting
from catalog.api.fields import AmountField
from catalog.api.problems import OPEN, problems
from catalog.listing import Found, count_wanted
from catalog.models import Category
from catalog.search.expressions import LONGEST
from catalog.search.facets import ALL, CATEGORY, IN_STOCK, PRICE, REDUCED, Counts
from catalog.search.prices import price_ranges
from catalog.suggesting import suggest

TOO_MANY = OpenApiResponse(description="Too many suggestions were asked for from this address.")


class ValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="For `facet=code:value`.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the label of this one
    count = serializers.IntegerField()


class FacetSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the label of this one
    values = ValueSerializer(many=True)


class CategoryCountSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField(help_text="Of this very category, without those below it.")


class PriceRangeSerializer(serializers.Serializer[Any]):
    min_price = AmountField(allow_null=True)
    max_price = AmountField(allow_null=True)
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    count_is_estimate = serializers.BooleanField(help_text="Too many to count: this and all counts are about right.")
    in_stock = serializers.IntegerField(help_text="How many can be bought now.")
    on_sale = serializers.IntegerField(help_text="How many cost less than before.")
    categories = CategoryCountSerializer(many=True)
    price_ranges = PriceRangeSerializer(many=True)
    facets = FacetSerializer(many=True)


class FacetsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="search_facets",
        tags=["search"],
        summary="Count products by facet",
        description="How many of the listed products that fit there are of each category, price range, brand, option "
        "and attribute. The counts of a facet leave its own filter out, so that they say what else could be chosen.",
        auth=OPEN,
        parameters=[selecting.FacetQuery],
        responses={200: FacetsSerializer, **problems(400, 401)},
    )
    def get(self, request: Request) -> Response:
        query = selecting.checked_facets(request)
        selecting.refuse_unknown_category(query)
        found = count_wanted(selecting.wanted_of(query))
        return Response(FacetsSerializer(_shown(found)).data)


class SuggestionQuery(serializers.Serializer[Any]):
    """What was typed so far."""

    q = serializers.CharField(max_length=LONGEST)


class SuggestedProductSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField(help_text="Its page; the last part of the address is its slug.")
    price = AmountField()


class SuggestedCategorySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    slug = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    words = serializers.ListField(
        child=serializers.CharField(),
        help_text="What was typed, with its last word completed; or the nearest spelling of what nothing is called by.",
    )
    products = SuggestedProductSerializer(many=True)
    categories = SuggestedCategorySerializer(many=True)


class SuggestionsView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="search_suggestions",
        tags=["search"],
        summary="Suggest while somebody types",
        description="A few words, products and categories for what was typed so far, at least two letters.",
        auth=OPEN,
        parameters=[SuggestionQuery],
        responses={200: SuggestionsSerializer, **problems(400, 401), 429: TOO_MANY},
    )
    def get(self, request: Request) -> Response:
        quotas.spend("suggestions", request._request)
        selecting.refuse_unknown(request, {"q"})
        query = SuggestionQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        found = suggest(query.validated_data["q"])
        shown = {
            "words": [completion.text for completion in found.words],
            "products": [
                {"name": card.name, "url": request.build_absolute_uri(card.url), "price": card.price}
                for card in found.cards
            ],
            "categories": [{"name": place.name, "slug": place.slug} for place in found.places],
        }
        return Response(SuggestionsSerializer(shown).data)


def _shown(found: Found) -> dict[str, Any]:
    everything, prices = found.of(ALL), found.of(PRICE)
    ranges = price_ranges(prices.prices)
    return {
        "count": found.total.count,
        "count_is_estimate": found.total.is_estimate,
        "in_stock": found.of(IN_STOCK).in_stock,
        "on_sale": found.of(REDUCED).reduced,
        "categories": _categories(found.of(CATEGORY)),
        "price_ranges": [
            {"min_price": each.low, "max_price": each.high, "count": prices.scaled(each.count)} for each in ranges
        ],
        "facets": [
            {
                "code": code,
                "label": group.label,
                "values": [
                    {"value": value.value, "label": value.label, "count": counts.scaled(value.count)}
                    for value in group.values
                ],
            }
            for code in dict.fromkeys([*everything.labels, *found.counts])
            for counts in [found.of(code)]
            for group in counts.groups()
            if group.code == code
        ],
    }


def _categories(counts: Counts) -> list[dict[str, Any]]:
    known = Category.objects.filter(path__in=counts.categories).order_by("path")
    return [
        {"id": each.pk, "slug": each.slug, "name": each.name, "count": counts.scaled(counts.categories[each.path])}
        for each in known
    ]
