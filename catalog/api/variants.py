"""What concerns one variant: waiting until it is back, and the history of its prices."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from catalog import quotas
from catalog.alerts import ask_for_alert
from catalog.api.fields import AmountField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from catalog.forms_alert import usable_mailbox
from catalog.models import PriceChange, Variant
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once


class QuotaThrottle(BaseThrottle):
    """Counts what is posted against the quota `throttle_scope` of the view, together with the pages."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.method == "POST":
            quotas.spend(view.throttle_scope, request._request)  # type: ignore[attr-defined]
        return True


class EmailInput(serializers.EmailField):
    """An address to write to; a number is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, validators=[usable_mailbox], **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This must be a text.")
        return super().to_internal_value(data)


class AlertInput(serializers.Serializer[Any]):
    """Where to write when the variant is back."""

    email = EmailInput()


class AlertSerializer(serializers.Serializer[Any]):
    variant = serializers.IntegerField()
    email = serializers.EmailField()


class PriceChangeSerializer(serializers.Serializer[PriceChange]):
    price_before = AmountField(allow_null=True, help_text="null in the first entry.")
    price = AmountField()
    compare_at_price_before = AmountField(allow_null=True)
    compare_at_price = AmountField(allow_null=True)
    actor = serializers.CharField(help_text="Who did it, by name.")
    created_at = serializers.DateTimeField()


@extend_schema(tags=["variants"])
class StockAlertsView(GenericAPIView[Any]):
    serializer_class = AlertSerializer
    permission_classes = [AllowAny]
    throttle_classes = [QuotaThrottle]
    throttle_scope = "stock_alerts"
    pagination_class = None

    @extend_schema(
        operation_id="variants_stock_alerts_create",
        summary="Be told when a variant is back",
        description="One e-mail is sent to the address when the sold-out variant can be bought again. The answer does "
        "not tell whether the address waits already.",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=AlertInput,
        responses={
            202: AlertSerializer,
            409: OpenApiResponse(
                description="`not_sold_out`: it can be bought right now; or `idempotency_key_in_progress`."
            ),
            422: KEY_REFUSALS[422],
        },
    )
    def post(self, request: Request, variant_id: int) -> Response:
        def act(_: object) -> Response:
            form = AlertInput(data=request.data)
            form.is_valid(raise_exception=True)
            ask_for_alert(variant_id=variant_id, **form.validated_data)
            return Response({"variant": variant_id, **form.validated_data}, status=202)

        return answer_once(self, request, act)


@extend_schema(tags=["variants"])
class VariantPricesView(GenericAPIView[Any]):
    queryset = PriceChange.objects.none()
    serializer_class = PriceChangeSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = SkipLimitPagination

    @extend_schema(
        operation_id="variants_prices_list",
        summary="List what a variant cost",
        description="Every change of its prices, the latest first: before and after, who and when.",
        responses={
            200: PriceChangeSerializer(many=True),
            400: None,
            403: OpenApiResponse(description="Only catalogue staff see this."),
        },
    )
    def get(self, request: Request, variant_id: int) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        if not request.user.has_perm("catalog.view_pricechange"):
            raise PermissionDenied
        variant = get_object_or_404(Variant, pk=variant_id)
        page: Any = self.paginate_queryset(variant.price_changes.order_by("-pk"))
        return self.get_paginated_response(PriceChangeSerializer(page, many=True).data)
