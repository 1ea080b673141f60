"""The order summary for programs: everybody's orders for managers, their own for customers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import SLUG_PATTERN, AmountField
from orders.api.personal import Personal
from orders.models import Order
from orders.reports.access import scope_of
from orders.reports.figures import DEFINITIONS, Definition
from orders.reports.parameters import DEFAULT_DAYS, MAX_PERIODS, GroupBy, InvalidParameters, ReportForm
from orders.reports.queries import ROW_LIMIT, summarize


class OrderSummaryFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a row; an amount that belongs to whole orders is null in rows about a part of them."""

    figures_at = ""
    OPTIONAL = ("shipping", "tax", "total", "average_order_value")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {figure.name: self._field(figure) for figure in DEFINITIONS}

    def _field(self, figure: Definition) -> serializers.Field[Any, Any, Any, Any]:
        nested = f"{self.figures_at}.{figure.name}" if self.figures_at else None
        if not figure.is_money:
            return serializers.IntegerField(source=nested, help_text=figure.text)
        return AmountField(source=nested, help_text=figure.text, allow_null=figure.name in self.OPTIONAL)


class OrderSummaryRowSerializer(OrderSummaryFiguresSerializer):
    key = serializers.CharField(
        help_text="The first day of the period (also when it lies before `from`), the status, the slug, or the "
        "customer's id; empty for guests."
    )
    label = serializers.CharField(help_text="The same for people.")  # type: ignore[assignment]  # a field, as Meta takes it
    in_totals = serializers.BooleanField(
        help_text="False for cancelled orders that are shown as a row but not counted in the totals."
    )
    figures_at = "figures"


class OrderSummarySerializer(serializers.Serializer[Any]):
    group_by = serializers.ChoiceField(choices=GroupBy.choices)
    time_zone = serializers.CharField(help_text="Days begin and end in this time zone.")
    currency = serializers.CharField()
    status = serializers.CharField(help_text="Empty: every status.")
    category = serializers.CharField(help_text="Empty: every category.")
    include_cancelled = serializers.BooleanField()
    truncated = serializers.BooleanField(
        help_text=f"There are more than the {ROW_LIMIT} rows given; the totals hold all of them."
    )
    rows = OrderSummaryRowSerializer(many=True)
    totals = OrderSummaryFiguresSerializer()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {
            "from": serializers.DateField(source="start"),
            "to": serializers.DateField(source="end"),
        }


PARAMETERS = [
    OpenApiParameter(
        "group_by", enum=GroupBy.values, default="day", description="What the rows are; `customer` for managers only."
    ),
    OpenApiParameter("from", OpenApiTypes.DATE, description=f"First day; default: {DEFAULT_DAYS} days up to `to`."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Last day, included; default: today."),
    OpenApiParameter("status", enum=Order.Status.values, description="Only orders that have this status now."),
    OpenApiParameter(
        "category",
        {"type": "string", "pattern": SLUG_PATTERN, "maxLength": 140},
        description="Slug: only lines in this category and below it.",
    ),
    OpenApiParameter(
        "include_cancelled",
        OpenApiTypes.BOOL,
        default=False,
        description="Count cancelled orders; they are counted too when `status` asks for them.",
    ),
]
RESPONSES = {
    200: OrderSummarySerializer,
    400: OpenApiResponse(
        description="A parameter is not understood: a value outside its list, days in the wrong order, before 2000 or "
        f"after 2100, more than {MAX_PERIODS} periods, an unknown or repeated parameter. `errors` names it."
    ),
    403: OpenApiResponse(description="Only managers may group by customer."),
    503: OpenApiResponse(description="`report_too_slow`: choose fewer days; or the shop is busy."),
}


class OrderSummaryView(Personal):
    """Every logged-in user may ask; whose orders are counted depends on who asks."""

    http_method_names = ["get"]

    @extend_schema(
        operation_id="order_summary",
        tags=["reports"],
        summary="Orders, units and amounts per period, status, product, category or customer",
        description="Managers get all orders, everybody else their own. Cancelled orders are left out of the totals "
        "unless asked for; grouped by status they are a row of their own.",
        parameters=PARAMETERS,
        responses=RESPONSES,
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        scope = scope_of(user)
        if blank := [name for name, value in request.query_params.items() if not value]:
            raise ValidationError({name: ["Give a value, or leave the parameter out."] for name in blank})
        form = ReportForm(request.query_params)
        try:
            parameters = form.parameters()
        except InvalidParameters as error:
            raise ValidationError(error.errors)
        if parameters.group_by == GroupBy.CUSTOMER and not scope.is_everybody:
            raise PermissionDenied("Only managers may group by customer.")
        summary = summarize(parameters, scope=scope)
        asked = {name: getattr(parameters, name) for name in parameters.__slots__}
        answer = {
            "time_zone": str(parameters.zone),
            "currency": settings.SHOP_CURRENCY,
            "truncated": summary.truncated,
            "rows": summary.rows,
            "totals": summary.totals,
        }
        return Response(OrderSummarySerializer(asked | answer).data)
