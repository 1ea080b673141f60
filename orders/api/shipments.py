"""The parcels of an order over HTTP: listed for whoever may see the order, sent by staff."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED
from idempotency.keys import KeyedRequest
from orders import lifecycle
from orders.access import may, visible_order
from orders.actors import staff
from orders.api import headers
from orders.api.idempotent import answer_once
from orders.api.orders import FULFIL, STAFF_ONLY
from orders.api.personal import Personal, seen_order
from orders.api.shipment_serializers import ShipmentInput, ShipmentSerializer
from orders.models import Order, Shipment
from orders.shipping.parcels import parcel_with, with_contents

REFUSED = {
    409: OpenApiResponse(
        description="`illegal_move`: nothing of this order is to be shipped; or `idempotency_key_in_progress`."
    ),
    422: KEY_REFUSALS[422],
}


class ShipmentsView(Personal):
    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(
        tags=["orders"],
        operation_id="orders_shipments_list",
        summary="List an order's parcels",
        parameters=[headers.ORDER],
        responses={200: ShipmentSerializer(many=True)},
    )
    def get(self, request: Request, number: str) -> Response:
        shipments: Any = with_contents(seen_order(request, number).shipments.all())
        return Response(ShipmentSerializer(shipments, many=True).data)

    @extend_schema(
        tags=["orders"],
        operation_id="orders_shipments_create",
        summary="Send a parcel",
        description="With some or all of the pieces that are open. They leave the stock and the customer is told; "
        "with the last of them the order is shipped.",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=ShipmentInput,
        responses={201: ShipmentSerializer, **STAFF_ONLY, **REFUSED},
    )
    def post(self, request: Request, number: str) -> Response:
        user: Any = request.user
        order = visible_order(user, number)
        if not may(user, FULFIL):
            raise PermissionDenied

        def act(keyed: KeyedRequest | None) -> Response:
            shipment = _send(request, order, keyed)
            return Response(ShipmentSerializer(shipment).data, status=201)

        return answer_once(self, request, act, required=False)


def _send(request: Request, order: Order, keyed: KeyedRequest | None) -> Shipment:
    form = ShipmentInput(data=request.data)
    form.is_valid(raise_exception=True)
    asked = form.validated_data
    sent = lifecycle.send_parcel(
        order=order,
        actor=staff(request.user.get_username()),
        pieces={each["line"]: each["quantity"] for each in asked["lines"]} if "lines" in asked else None,
        parcel=parcel_with(asked.get("carrier", ""), asked.get("tracking_number", ""), asked.get("tracking_url", "")),
        key=keyed.digest if keyed else None,
    )
    return with_contents(order.shipments.filter(pk=sent.pk)).get()
