"""Giving money back over HTTP, and taking what was authorized: for staff with the permission to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from idempotency.api import KEY_REFUSALS, REPLAYED, REQUIRED_KEY
from idempotency.keys import KeyedRequest
from orders import refunds
from orders.access import may, visible_order, visible_refund
from orders.actors import Actor, staff
from orders.api.idempotent import answer_once
from orders.api.payment_serializers import OrderRefundInput, RefundSerializer
from orders.api.personal import Personal
from orders.api.placing import shown
from orders.api.serializers import OrderSerializer
from orders.models import Order, Refund
from orders.refunds import RefundTerms
from orders.settlement import capture_order

Row = TypeVar("Row", Order, Refund)
REFUND, FULFIL = "orders.refund_order", "orders.fulfil_order"
STAFF_ONLY = {403: OpenApiResponse(description="Only staff who give money back may do this.")}
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}, OpenApiParameter.PATH)
REFUSED = {
    409: KEY_REFUSALS[409],
    422: OpenApiResponse(
        description="`refund_not_possible`: more than is left to give back (`refundable`), or not paid at all; or "
        "`idempotency_key_reused` with another body."
    ),
}
NOT_NOW = {422: OpenApiResponse(description="`refund_not_possible`: the state of the refund does not allow it.")}


class StaffView(Personal):
    permission_classes = [IsAuthenticated]

    def order_to_refund(self, number: str) -> Order:
        """The order, for staff with the permission; its owner may not, to others it does not exist."""
        user: Any = self.request.user
        return self._allowed(visible_order(user, number))

    def refund_to_take(self, pk: int) -> Refund:
        user: Any = self.request.user
        return self._allowed(visible_refund(user, pk))

    def actor(self) -> Actor:
        user: Any = self.request.user
        return staff(user.get_username())

    def _allowed(self, row: Row) -> Row:
        user: Any = self.request.user
        if not may(user, REFUND):
            raise PermissionDenied
        return row


@extend_schema(tags=["refunds"])
class OrderRefundsView(StaffView):
    @extend_schema(
        operation_id="orders_refunds_list",
        summary="List an order's refunds",
        responses={200: RefundSerializer(many=True), **STAFF_ONLY},
    )
    def get(self, request: Request, number: str) -> Response:
        found: Any = self.order_to_refund(number).refunds.select_related("order").prefetch_related("lines")
        return Response(RefundSerializer(found, many=True).data)

    @extend_schema(
        operation_id="orders_refunds_create",
        summary="Give money back",
        description="The money is promised when this is answered, and sent in the background. Pieces that were not "
        "shipped are called off; when nothing is left to ship, the order is shipped or cancelled.",
        parameters=[REQUIRED_KEY, REPLAYED],
        request=OrderRefundInput,
        responses={201: RefundSerializer, **STAFF_ONLY, **REFUSED},
    )
    def post(self, request: Request, number: str) -> Response:
        order = self.order_to_refund(number)

        def act(keyed: KeyedRequest | None) -> Response:
            form = OrderRefundInput(data=request.data)
            form.is_valid(raise_exception=True)
            terms = _terms(form.validated_data, keyed)
            refund = refunds.request_refund(order=order, terms=terms, actor=self.actor())
            return Response(RefundSerializer(refund).data, status=201)

        return answer_once(self, request, act, required=True)


class RefundView(StaffView):
    def take(self, pk: int, act: Callable[..., Refund]) -> Response:
        refund = act(refund=self.refund_to_take(pk), actor=self.actor())
        return Response(RefundSerializer(refund).data)


@extend_schema(tags=["refunds"])
class RetryRefundView(RefundView):
    @extend_schema(
        operation_id="refunds_retry",
        summary="Try a refund that failed again",
        description="Under the same name at the provider: it never gives back twice.",
        parameters=[ID],
        request=None,
        responses={200: RefundSerializer, **STAFF_ONLY, **NOT_NOW},
    )
    def post(self, request: Request, id: int) -> Response:
        return self.take(id, refunds.retry_refund)


@extend_schema(tags=["refunds"])
class ConfirmRefundView(RefundView):
    @extend_schema(
        operation_id="refunds_confirm",
        summary="Confirm a refund by hand",
        description="You have sent the money: for ways to pay without a provider, and when the provider failed.",
        parameters=[ID],
        request=None,
        responses={200: RefundSerializer, **STAFF_ONLY, **NOT_NOW},
    )
    def post(self, request: Request, id: int) -> Response:
        return self.take(id, refunds.confirm_refund)


@extend_schema(tags=["orders"])
class CaptureView(StaffView):
    @extend_schema(
        operation_id="orders_capture",
        summary="Take authorized money",
        description="Before it is shipped; a parcel that leaves takes it by itself.",
        request=None,
        responses={
            200: OrderSerializer,
            402: OpenApiResponse(description="`provider_refused`: the money cannot be taken (any more)."),
            409: OpenApiResponse(description="`illegal_move`: no money of this order is authorized."),
            502: OpenApiResponse(description="`provider_unavailable`: no answer from the provider. Try again."),
            **STAFF_ONLY,
        },
    )
    def post(self, request: Request, number: str) -> Response:
        user: Any = request.user
        order = visible_order(user, number)
        if not may(user, FULFIL):
            raise PermissionDenied
        return Response(shown(capture_order(order=order, actor=self.actor()), staff=True))


def _terms(asked: dict[str, Any], keyed: KeyedRequest | None) -> RefundTerms:
    lines = asked.get("lines", [])
    return RefundTerms(
        pieces={each["line"]: each["quantity"] for each in lines},
        restock=frozenset(each["line"] for each in lines if each["restock"]),
        shipping=asked["shipping"],
        amount=asked.get("amount"),
        reason=asked.get("reason", ""),
        key=UUID(keyed.digest[:32]) if keyed is not None else None,
    )
