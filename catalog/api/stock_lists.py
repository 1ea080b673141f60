"""All of the stock over HTTP, for those who keep the catalogue: which levels there are, and what they are worth."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Lower
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import AmountField, TextField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from catalog.api.stock import StockSerializer
from catalog.inventory.value import Worth, stock_value
from catalog.models import StockLevel, Variant

LOW, OUT, PROMISED, AWAITED = "low", "out", "promised", "awaited"


class StockQuery(serializers.Serializer[Any]):
    """Which levels are listed."""

    state = serializers.ChoiceField(
        [
            (LOW, "fewer can be promised than staff want to be warned of"),
            (OUT, "nothing is there that could be promised"),
            (PROMISED, "orders wait for their parcels"),
            (AWAITED, "orders wait for goods"),
        ],
        required=False,
    )
    code = TextField(required=False, max_length=64, help_text="A SKU or barcode, as a scanner reads it.")


class WorthSerializer(serializers.Serializer[Worth]):
    pieces = serializers.IntegerField(help_text="On hand.")
    at_cost = AmountField(help_text="As far as costs are known.")
    at_price = AmountField(help_text="What they would be sold for today.")
    without_cost = serializers.IntegerField(help_text="Variants on hand of which no cost is known.")


class WorthOfCategorySerializer(WorthSerializer):
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="1 for the top of the tree.")


class StockValueSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    total = WorthSerializer()
    categories = WorthOfCategorySerializer(many=True, help_text="In the order of the tree, each without those below.")


@extend_schema(tags=["stock"])
class StockLevelsView(GenericAPIView[StockLevel]):
    queryset = StockLevel.objects.none()
    serializer_class = StockSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = SkipLimitPagination

    @extend_schema(
        operation_id="stock_list",
        summary="List the stock of all variants",
        description="All that is for sale, what is low, sold out, promised or awaited, or what a scanner reads.",
        parameters=[StockQuery],
        responses={
            200: StockSerializer(many=True),
            400: None,
            403: OpenApiResponse(description="Only catalogue staff."),
        },
    )
    def get(self, request: Request) -> Response:
        if not request.user.has_perm("catalog.view_stocklevel"):
            raise PermissionDenied
        refuse_unknown(request, {*PARAMETERS, *StockQuery().fields})
        query = StockQuery(data={name: request.query_params[name] for name in request.query_params})
        query.is_valid(raise_exception=True)
        levels = _asked_for(**query.validated_data).select_related("variant").order_by("variant__sku")
        page: Any = self.paginate_queryset(levels)
        return self.get_paginated_response(StockSerializer(page, many=True).data)


@extend_schema(tags=["stock"])
class StockValueView(GenericAPIView[Any]):
    queryset = StockLevel.objects.none()
    serializer_class = StockValueSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = None

    @extend_schema(
        operation_id="stock_value_retrieve",
        summary="Show what the stock is worth",
        description="Pieces on hand, of archived products, too, by category and in all.",
        responses={200: StockValueSerializer, 403: OpenApiResponse(description="Only catalogue staff and managers.")},
    )
    def get(self, request: Request) -> Response:
        if not request.user.has_perm("catalog.view_stock_value"):
            raise PermissionDenied
        found = stock_value()
        shown: Any = {"currency": settings.SHOP_CURRENCY, "total": found.total, "categories": found.categories}
        return Response(StockValueSerializer(shown).data)


def _asked_for(*, state: str = "", code: str = "") -> QuerySet[StockLevel]:
    levels = StockLevel.objects.live()
    if state == LOW:
        levels = StockLevel.objects.low()
    elif state == OUT:
        levels = StockLevel.objects.sold_out()
    elif state == AWAITED:
        levels = StockLevel.objects.awaited()
    elif state == PROMISED:
        levels = StockLevel.objects.filter(reserved__gt=0)
    if not code:
        return levels
    # Each by its index.
    by_sku = Variant.objects.alias(sku_lower=Lower("sku")).filter(sku_lower=code.lower()).values("pk")
    return levels.filter(variant__in=by_sku.union(Variant.objects.filter(barcode=code).values("pk")))
