"""Orders over HTTP: placing them, looking at them, moving them along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.throttles import AddressThrottle
from catalog.api.pagination import SkipLimitPagination
from idempotency.api import REPLAYED, REQUIRED_KEY
from idempotency.keys import KeyedRequest
from orders import actors, lifecycle, refunds, settlement
from orders.access import may, orders_visible_to, visible_order
from orders.api import headers
from orders.api.idempotent import answer_once
from orders.api.listing import checked, select
from orders.api.personal import Personal, seen_order
from orders.api.placing import place, shown
from orders.api.serializers import ListedOrderSerializer, OrderInput, OrderQuery, OrderSerializer
from orders.models import Order

FULFIL, REFUND = "orders.fulfil_order", "orders.refund_order"
Move = Callable[..., Order]
REFUSED_PLACING = {
    409: OpenApiResponse(
        description="`out_of_stock` (`lines` names each short one with `requested` and `available`), "
        "`price_changed` (with the new numbers), `coupon_refused` (with those without the coupon), `cart_changed`, or "
        "`idempotency_key_in_progress`."
    ),
    422: OpenApiResponse(description="`idempotency_key_reused` with another body, or `cart_empty`."),
}
ILLEGAL_MOVE = {409: OpenApiResponse(description="`illegal_move`: the order's status does not allow it.")}
STAFF_ONLY = {403: OpenApiResponse(description="Only staff who fulfil orders may do this.")}
MOVE: dict[str, Any] = {"request": None, "responses": {200: OrderSerializer, **STAFF_ONLY, **ILLEGAL_MOVE}}


class OrderViewSet(Personal, GenericViewSet[Order]):
    queryset = Order.objects.none()
    serializer_class = OrderSerializer
    pagination_class = SkipLimitPagination
    lookup_field = "number"
    throttle_scope = "orders"

    def get_permissions(self) -> list[Any]:
        for_guests = self.action in {"create", "retrieve", "cancel"}
        return [AllowAny() if for_guests else IsAuthenticated()]

    def get_throttles(self) -> list[Any]:
        return [AddressThrottle()] if self.action == "create" else []

    @extend_schema(
        summary="List orders",
        description="A customer's own orders; staff who may view orders see all.",
        parameters=[OrderQuery],
        responses={200: ListedOrderSerializer(many=True), 400: None},
    )
    def list(self, request: Request) -> Response:
        user: Any = request.user
        orders = select(orders_visible_to(user), checked(request))
        page: Any = self.paginate_queryset(orders.select_related("redemption").prefetch_related("lines"))
        return self.get_paginated_response(ListedOrderSerializer(page, many=True).data)

    @extend_schema(
        summary="Place an order",
        description="As a guest or with a token. The stock is reserved when this is answered with 201.",
        parameters=[REQUIRED_KEY, headers.CART, headers.LOCATION, REPLAYED],
        request=OrderInput,
        responses={201: OrderSerializer, **REFUSED_PLACING},
    )
    def create(self, request: Request) -> Response:
        def act(keyed: KeyedRequest | None) -> Response:
            return Response(place(request, keyed), status=201)

        response = answer_once(self, request, act, required=True)
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["number"]])
        return response

    @extend_schema(summary="Show an order", parameters=[headers.ORDER], responses={200: OrderSerializer})
    def retrieve(self, request: Request, number: str) -> Response:
        return self._shown(self._order(number))

    @extend_schema(
        summary="Cancel an order",
        description="Customers and guests may while it is neither shipped nor paid; staff while it is not shipped.",
        parameters=[headers.ORDER],
        request=None,
        responses={200: OrderSerializer, **STAFF_ONLY, **ILLEGAL_MOVE},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, number: str) -> Response:
        order, user = self._order(number), headers.customer(request)
        if user is not None and may(user, FULFIL):
            return self._shown(lifecycle.cancel(order=order, actor=actors.staff(user.get_username())))
        if not self._as_guest and user is not None and order.customer_id != user.pk:
            raise PermissionDenied
        actor = actors.GUEST if self._as_guest or user is None else actors.customer(user.get_username())
        return self._shown(lifecycle.cancel(order=order, actor=actor, by_customer=True))

    @extend_schema(summary="Accept an order that is paid later", **MOVE)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, number: str) -> Response:
        return self._move(number, lifecycle.accept)

    @extend_schema(
        summary="Mark an order as paid",
        description="The whole amount has arrived outside of any provider. An order that had expired goes on if its "
        "stock is still there; of one that is off, the money is noted as to be given back.",
        **MOVE,
    )
    @action(detail=True, methods=["post"], url_path="mark-paid")
    def mark_paid(self, request: Request, number: str) -> Response:
        return self._move(number, settlement.take_transfer)

    @extend_schema(summary="Ship an order", **MOVE)
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, number: str) -> Response:
        return self._move(number, lifecycle.ship)

    @extend_schema(summary="Mark an order as delivered", **MOVE)
    @action(detail=True, methods=["post"])
    def deliver(self, request: Request, number: str) -> Response:
        return self._move(number, lifecycle.deliver)

    @extend_schema(summary="Mark a cancelled order as refunded", **MOVE)
    @action(detail=True, methods=["post"], url_path="mark-refunded")
    def mark_refunded(self, request: Request, number: str) -> Response:
        return self._move(number, refunds.mark_refunded, REFUND)

    @property
    def _as_guest(self) -> bool:
        return headers.ORDER_TOKEN in self.request.headers

    def _order(self, number: str) -> Order:
        return seen_order(self.request, number)

    def _move(self, number: str, move: Move, permission: str = FULFIL) -> Response:
        user: Any = self.request.user
        order = visible_order(user, number)
        if not may(user, permission):
            raise PermissionDenied
        return self._shown(move(order=order, actor=actors.staff(user.get_username())))

    def _shown(self, order: Order) -> Response:
        user = headers.customer(self.request)
        is_staff = not self._as_guest and user is not None and may(user, "orders.view_order")
        return Response(shown(order, guest=self._as_guest, staff=is_staff))
