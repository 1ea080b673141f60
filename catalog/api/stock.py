"""The stock of a variant over HTTP, for those who keep the catalogue: what is there, its ledger, and what moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import CountField, FlagField, TextField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from catalog.inventory import stock
from catalog.inventory.stock import CORRECTIONS, MAX_ON_HAND
from catalog.models import StockLevel, StockMovement
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

STAFF_ONLY = {403: OpenApiResponse(description="Only catalogue staff."), 404: None}
REFUSED = {
    400: None,
    **STAFF_ONLY,
    409: OpenApiResponse(
        description="`stock_too_low`: less would be left than is promised to orders (`on_hand`, `reserved`); "
        "or `idempotency_key_in_progress`."
    ),
    422: KEY_REFUSALS[422],
}


@extend_schema_field({"type": "integer", "minimum": -MAX_ON_HAND, "maximum": MAX_ON_HAND, "not": {"enum": [0]}})
class ChangeField(serializers.Field[int, Any, int, Any]):
    """So many pieces more, or fewer; never none."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            raise serializers.ValidationError("This must be a whole number.")
        if not 1 <= abs(data) <= MAX_ON_HAND:
            raise serializers.ValidationError(f"Change it by 1 to {MAX_ON_HAND} pieces, up or down.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MAX_ON_HAND})
class PiecesField(CountField):
    """At least one piece."""

    def to_internal_value(self, data: Any) -> int:
        number = super().to_internal_value(data)
        if number < 1:
            raise serializers.ValidationError("This must be at least 1.")
        return number


class StockSerializer(serializers.Serializer[StockLevel]):
    variant = serializers.IntegerField(source="variant_id")
    sku = serializers.CharField(source="variant.sku")
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="Promised to orders that have not been shipped.")
    available = serializers.IntegerField(help_text="The difference; negative when orders wait for goods.")
    low_at = serializers.IntegerField(allow_null=True, help_text="null: the shop's own number.")
    is_low = serializers.BooleanField()
    allows_backorders = serializers.BooleanField()


class StockMovementSerializer(serializers.Serializer[StockMovement]):
    id = serializers.IntegerField()
    quantity = serializers.IntegerField(help_text="Positive when stock came in, negative when it left.")
    on_hand_before = serializers.IntegerField()
    on_hand_after = serializers.IntegerField()
    reason = serializers.ChoiceField(StockMovement.Reason.choices)
    note = serializers.CharField()
    reference = serializers.CharField(help_text="Such as an order number.")
    actor = serializers.CharField(help_text="Who did it, by name.")
    created_at = serializers.DateTimeField()


class StockRulesInput(serializers.Serializer[Any]):
    """When staff are warned, and whether more may be sold than is there."""

    low_at = CountField(required=False, allow_null=True)
    allows_backorders = FlagField(required=False)


class NotedInput(serializers.Serializer[Any]):
    note = TextField(required=False, allow_blank=True, max_length=200, help_text="For the ledger.")


class DeliveryInput(NotedInput):
    quantity = PiecesField()


class CorrectionInput(NotedInput):
    quantity = ChangeField(help_text="So many more, or, negative, fewer.")
    reason = serializers.ChoiceField(
        [(reason.value, reason.label) for reason in CORRECTIONS],
        required=False,
        help_text="`adjusted` when left out; the others take pieces away.",
    )


class StockCountInput(NotedInput):
    counted = CountField(help_text="So many pieces are there, the promised ones included.")


class Keeping(GenericAPIView[Any]):
    """For the catalogue's staff."""

    queryset = StockLevel.objects.none()
    serializer_class: Any = StockSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = None

    def level(self, request: Request, variant_id: int, permission: str) -> StockLevel:
        if not request.user.has_perm(f"catalog.{permission}"):
            raise PermissionDenied
        return get_object_or_404(StockLevel.objects.select_related("variant"), variant=variant_id)

    def move(self, request: Request, variant_id: int, form: Any, act: Callable[..., StockLevel]) -> Response:
        """Do it once per key, and show what is there afterwards."""
        level = self.level(request, variant_id, "change_stocklevel")

        def moved(_: object) -> Response:
            form.is_valid(raise_exception=True)
            values = dict(form.validated_data)
            if "reason" in values:
                values["reason"] = StockMovement.Reason(values["reason"])
            changed = act(variant_id=level.variant_id, actor=request.user.get_username(), **values)
            return Response(StockSerializer(changed).data)

        return answer_once(self, request, moved)


@extend_schema(tags=["variants"])
class StockView(Keeping):
    @extend_schema(
        operation_id="variants_stock_retrieve",
        summary="Show the stock of a variant",
        responses={200: StockSerializer, **STAFF_ONLY},
    )
    def get(self, request: Request, variant_id: int) -> Response:
        return Response(StockSerializer(self.level(request, variant_id, "view_stocklevel")).data)

    @extend_schema(
        operation_id="variants_stock_partial_update",
        summary="Change the rules of a variant's stock",
        description="Below how many pieces it is low, and whether it can be back-ordered.",
        request=StockRulesInput,
        responses={
            200: StockSerializer,
            400: None,
            **STAFF_ONLY,
            409: OpenApiResponse(description="`stock_too_low`: orders wait for goods, so back-orders cannot end yet."),
        },
    )
    def patch(self, request: Request, variant_id: int) -> Response:
        level = self.level(request, variant_id, "change_stocklevel")
        form = StockRulesInput(data=request.data)
        form.is_valid(raise_exception=True)
        rules = {"low_at": level.low_at, "allows_backorders": level.allows_backorders} | form.validated_data
        return Response(StockSerializer(stock.set_rules(variant_id=level.variant_id, **rules)).data)


@extend_schema(tags=["variants"])
class ReceiveView(Keeping):
    @extend_schema(
        operation_id="variants_stock_receive",
        summary="Take in pieces of a variant",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=DeliveryInput,
        responses={200: StockSerializer, **REFUSED},
    )
    def post(self, request: Request, variant_id: int) -> Response:
        return self.move(request, variant_id, DeliveryInput(data=request.data), stock.receive)


@extend_schema(tags=["variants"])
class AdjustView(Keeping):
    @extend_schema(
        operation_id="variants_stock_adjust",
        summary="Correct the stock of a variant",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=CorrectionInput,
        responses={200: StockSerializer, **REFUSED},
    )
    def post(self, request: Request, variant_id: int) -> Response:
        return self.move(request, variant_id, CorrectionInput(data=request.data), stock.adjust)


@extend_schema(tags=["variants"])
class CountView(Keeping):
    @extend_schema(
        operation_id="variants_stock_count",
        summary="Say how many pieces of a variant were counted",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=StockCountInput,
        responses={200: StockSerializer, **REFUSED},
    )
    def post(self, request: Request, variant_id: int) -> Response:
        return self.move(request, variant_id, StockCountInput(data=request.data), stock.recount)


@extend_schema(tags=["variants"])
class MovementsView(Keeping):
    serializer_class = StockMovementSerializer
    pagination_class = SkipLimitPagination  # type: ignore[assignment]

    @extend_schema(
        operation_id="variants_movements_list",
        summary="List the stock movements of a variant",
        description="The ledger, the latest entry first: before and after, who and when.",
        responses={200: StockMovementSerializer(many=True), 400: None, **STAFF_ONLY},
    )
    def get(self, request: Request, variant_id: int) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        level = self.level(request, variant_id, "view_stockmovement")
        page: Any = self.paginate_queryset(StockMovement.objects.filter(level=level).order_by("-pk"))
        return self.get_paginated_response(StockMovementSerializer(page, many=True).data)
