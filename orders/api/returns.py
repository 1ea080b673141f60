"""Sending things back over HTTP: customers ask, staff answer, take in and refund."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.throttles import AddressThrottle
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED
from orders import aftersales
from orders.access import may, returns_visible_to, visible_return
from orders.actors import GUEST, Actor, customer, staff
from orders.aftersales import Arrived
from orders.api import headers
from orders.api.idempotent import answer_once
from orders.api.personal import Personal, seen_order
from orders.api.return_serializers import (
    AcceptInput,
    CloseInput,
    ReceiveInput,
    RefundInput,
    RefuseInput,
    ReturnInput,
    ReturnQuery,
    ReturnSerializer,
    StaffReturnSerializer,
)
from orders.models import Order, Return
from orders.returns.reading import returns_of, with_lines

FULFIL, REFUND = "orders.fulfil_order", "orders.refund_order"
NOT_THEIRS = {403: OpenApiResponse(description="Only the customer, or staff who fulfil orders, may do this.")}
STAFF_ONLY = {403: OpenApiResponse(description="Only staff who fulfil orders may do this; for refunds, who refund.")}
REFUSED = {409: OpenApiResponse(description="`return_not_possible`: the state of order or return does not allow it.")}
NO_REFUND = {422: OpenApiResponse(description="`refund_not_possible`: so much cannot be given back.")}
REFUSED_ASKING = {
    409: OpenApiResponse(
        description="`return_not_possible`: not delivered, too late, another return is open, or more than there is to "
        "send back; or `idempotency_key_in_progress`."
    ),
    422: KEY_REFUSALS[422],
}


def asker(request: Request, order: Order) -> Actor:
    """As whom the request acts on the order that it may see. Raises PermissionDenied for who may only look."""
    user = headers.customer(request)
    if user is None or headers.ORDER_TOKEN in request.headers:
        return GUEST
    if order.customer_id == user.pk:
        return customer(user.get_username())
    if may(user, FULFIL):
        return staff(user.get_username())
    raise PermissionDenied


@extend_schema(tags=["returns"])
class OrderReturnsView(Personal):
    permission_classes = [AllowAny]
    throttle_scope = "orders"

    def get_throttles(self) -> list[Any]:
        return [AddressThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="orders_returns_list",
        summary="List an order's returns",
        description="Latest first.",
        parameters=[headers.ORDER],
        responses={200: ReturnSerializer(many=True)},
    )
    def get(self, request: Request, number: str) -> Response:
        returns: Any = returns_of(seen_order(request, number))
        return Response(ReturnSerializer(returns, many=True).data)

    @extend_schema(
        operation_id="orders_returns_create",
        summary="Ask to send something back",
        description="Of a delivered order, within the shop's days. The staff answer; then the parcel can be sent.",
        parameters=[headers.ORDER, OPTIONAL_KEY, REPLAYED],
        request=ReturnInput,
        responses={201: ReturnSerializer, **NOT_THEIRS, **REFUSED_ASKING},
    )
    def post(self, request: Request, number: str) -> Response:
        order = seen_order(request, number)
        actor = asker(request, order)

        def act(_: object) -> Response:
            asked = _read(ReturnInput, request)
            back = aftersales.request_return(
                order=order,
                pieces={each["line"]: each["quantity"] for each in asked["lines"]},
                reason=asked.get("reason", ""),
                actor=actor,
            )
            return Response(ReturnSerializer(_fresh(back)).data, status=201)

        return answer_once(self, request, act, required=False)


@extend_schema(tags=["returns"])
class WithdrawReturnView(Personal):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="orders_returns_withdraw",
        summary="Withdraw the return",
        description="The one that waits for an answer.",
        parameters=[headers.ORDER],
        request=None,
        responses={200: ReturnSerializer, **NOT_THEIRS, **REFUSED},
    )
    def post(self, request: Request, number: str) -> Response:
        order = seen_order(request, number)
        back = aftersales.withdraw_return(order=order, actor=asker(request, order))
        return Response(ReturnSerializer(_fresh(back)).data)


@extend_schema(tags=["returns"])
class ReturnViewSet(Personal, GenericViewSet[Return]):
    """For the staff; to others there are no returns here."""

    queryset = Return.objects.none()
    serializer_class = StaffReturnSerializer
    pagination_class = SkipLimitPagination
    permission_classes = [IsAuthenticated]
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(
        summary="List returns",
        description="For staff who may view returns, latest first; empty for others.",
        parameters=[ReturnQuery],
        responses={200: StaffReturnSerializer(many=True), 400: None},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*ReturnQuery().fields, *PARAMETERS})
        query = ReturnQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        user: Any = request.user
        wanted = {"state": "state", "order": "order__number__iexact"}
        chosen = {wanted[name]: value for name, value in query.validated_data.items()}
        page: Any = self.paginate_queryset(with_lines(returns_visible_to(user).filter(**chosen)))
        return self.get_paginated_response(StaffReturnSerializer(page, many=True).data)

    @extend_schema(summary="Show a return", responses={200: StaffReturnSerializer})
    def retrieve(self, request: Request, id: str) -> Response:
        user: Any = request.user
        return Response(StaffReturnSerializer(_fresh(visible_return(user, int(id)))).data)

    @extend_schema(
        summary="Accept a return",
        description="The customer is told where to send the parcel.",
        request=AcceptInput,
        responses={200: StaffReturnSerializer, **STAFF_ONLY, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, id: str) -> Response:
        def act(back: Return, actor: Actor) -> Return:
            answer = _read(AcceptInput, request).get("answer", "")
            return aftersales.accept_return(of_return=back, answer=answer, actor=actor)

        return self._take(id, FULFIL, act)

    @extend_schema(
        summary="Refuse a return",
        description="Also one that was accepted and of which nothing arrived. Its pieces are free again.",
        request=RefuseInput,
        responses={200: StaffReturnSerializer, **STAFF_ONLY, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: str) -> Response:
        def act(back: Return, actor: Actor) -> Return:
            answer = _read(RefuseInput, request)["answer"]
            return aftersales.refuse_return(of_return=back, answer=answer, actor=actor)

        return self._take(id, FULFIL, act)

    @extend_schema(
        summary="Take a return in",
        description="What came back, once; restocked pieces can be sold again at once.",
        request=ReceiveInput,
        responses={200: StaffReturnSerializer, **STAFF_ONLY, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, id: str) -> Response:
        def act(back: Return, actor: Actor) -> Return:
            came = _read(ReceiveInput, request)["lines"]
            arrived = {
                each["line"]: Arrived(each["received"], each.get("restocked", each["received"])) for each in came
            }
            return aftersales.receive_return(of_return=back, arrived=arrived, actor=actor)

        return self._take(id, FULFIL, act)

    @extend_schema(
        summary="Refund a return",
        description="What was paid for the pieces that came back, once.",
        request=RefundInput,
        responses={200: StaffReturnSerializer, **STAFF_ONLY, **REFUSED, **NO_REFUND},
    )
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, id: str) -> Response:
        def act(back: Return, actor: Actor) -> Return:
            return aftersales.refund_return(of_return=back, **_read(RefundInput, request), actor=actor)

        return self._take(id, REFUND, act)

    @extend_schema(
        summary="Close a return",
        description="One that was received and is not to be refunded: its money went back in another way, was never "
        "paid, or stays.",
        request=CloseInput,
        responses={200: StaffReturnSerializer, **STAFF_ONLY, **REFUSED},
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: str) -> Response:
        def act(back: Return, actor: Actor) -> Return:
            return aftersales.close_return(of_return=back, answer=_read(CloseInput, request)["answer"], actor=actor)

        return self._take(id, FULFIL, act)

    def _take(self, id: str, permission: str, act: Callable[[Return, Actor], Return]) -> Response:
        user: Any = self.request.user
        back = visible_return(user, int(id))
        if not may(user, permission):
            raise PermissionDenied
        return Response(StaffReturnSerializer(_fresh(act(back, staff(user.get_username())))).data)


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def _fresh(back: Return) -> Return:
    """The return with all that is shown of it."""
    return with_lines(Return.objects.filter(pk=back.pk)).get()
