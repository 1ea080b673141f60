"""Paying over HTTP: begin (again), and see what became of it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotAuthenticated, PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.throttles import AddressThrottle
from idempotency.api import KEY_REFUSALS, REPLAYED, REQUIRED_KEY
from orders.access import guest_payment, visible_payment
from orders.actors import GUEST, Actor, customer
from orders.api import headers
from orders.api.idempotent import answer_once
from orders.api.payment_serializers import PaymentDetailSerializer, PaymentInput
from orders.api.personal import Personal, seen_order
from orders.errors import ProviderRefused, ProviderUnavailable
from orders.models import Order, Payment
from orders.paying import change_method, news_of, start_payment

PATIENCE = timedelta(seconds=2)
REFUSED: dict[int, Any] = {
    402: OpenApiResponse(description="`provider_refused`: the payment provider said no. Nothing was charged."),
    403: OpenApiResponse(description="Only the customer pays an order."),
    409: OpenApiResponse(
        description="`payment_not_possible`: it is paid already, its time is over, or it is cancelled; or "
        "`idempotency_key_in_progress`."
    ),
    422: KEY_REFUSALS[422],
    502: OpenApiResponse(
        description="`provider_unavailable`: no answer from the payment provider. Trying again, also with the same "
        "key, never charges twice."
    ),
}
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}, OpenApiParameter.PATH)


@extend_schema(tags=["payments"])
class PaymentViewSet(Personal, GenericViewSet[Payment]):
    queryset = Payment.objects.none()
    serializer_class = PaymentDetailSerializer
    permission_classes = [AllowAny]
    throttle_classes = [AddressThrottle]
    throttle_scope = "orders"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(
        summary="Pay an order",
        description="For the first time, again, or in another way. Send the shopper to `redirect_url`; they come back "
        "to the order's page. An order has one payment at a time: as long as it is open, this is the same page.",
        parameters=[headers.ORDER, REQUIRED_KEY, REPLAYED],
        request=PaymentInput,
        responses={201: PaymentDetailSerializer, **REFUSED},
    )
    def create(self, request: Request) -> Response:
        def act(_: object) -> Response:
            form = PaymentInput(data=request.data)
            form.is_valid(raise_exception=True)
            order = _named(request, form.validated_data["order"])
            return Response(
                _pay(order, form.validated_data.get("payment_method", ""), _payer(request, order)), status=201
            )

        return answer_once(self, request, act, required=True)

    @extend_schema(
        summary="Show a payment",
        description="As long as it is open, the provider is asked how it stands, every few seconds at most.",
        parameters=[ID, headers.ORDER],
        responses={200: PaymentDetailSerializer},
    )
    def retrieve(self, request: Request, id: str) -> Response:
        payment = _seen(request, int(id))
        with contextlib.suppress(ProviderUnavailable, ProviderRefused):
            news_of(payment.order, unless_asked_within=PATIENCE)
        now = Payment.objects.select_related("order").get(pk=payment.pk)
        return Response(PaymentDetailSerializer(now).data)


def _named(request: Request, number: str) -> Order:
    """The order that the body names. To strangers, there is none."""
    try:
        return seen_order(request, number)
    except Http404 as error:
        raise ValidationError({"order": [str(error)]}) from error


def _pay(order: Order, method: str, actor: Actor) -> dict[str, Any]:
    if method and method != order.payment_method:
        change_method(order=order, method=method, actor=actor)
        order.refresh_from_db()
    started = start_payment(order=order)
    payment = order.payments.select_related("order").order_by("-pk")[0]
    return dict(PaymentDetailSerializer(payment, context={"redirect_url": started.redirect_url}).data)


def _payer(request: Request, order: Order) -> Actor:
    """As whom the request pays. Raises PermissionDenied for staff who may only look."""
    user = headers.customer(request)
    if user is None or headers.ORDER_TOKEN in request.headers:
        return GUEST
    if order.customer_id != user.pk:
        raise PermissionDenied
    return customer(user.get_username())


def _seen(request: Request, pk: int) -> Payment:
    if headers.ORDER_TOKEN in request.headers:
        return guest_payment(pk, request.headers[headers.ORDER_TOKEN])
    user = headers.customer(request)
    if user is None:
        raise NotAuthenticated
    return visible_payment(user, pk)
