"""What staff add to an order: notes among themselves, and a corrected address."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.fields import TextField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.selecting import refuse_unknown
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED
from orders import editing
from orders.access import may, visible_order
from orders.actors import staff
from orders.api.idempotent import answer_once
from orders.api.personal import Personal
from orders.api.placing import shown
from orders.api.serializers import OrderSerializer, ShippingAddressInput
from orders.checkout import ShippingAddress
from orders.models import Order, OrderEvent

EDIT = "orders.change_order"
STAFF_ONLY = {403: OpenApiResponse(description="Only staff who may change orders do this.")}
REFUSED_EDIT = {
    409: OpenApiResponse(
        description="`edit_not_possible`: a parcel has left, somebody else has corrected the address meanwhile, or the "
        "order would cost something else there."
    )
}


class NoteInput(serializers.Serializer[Any]):
    text = TextField(max_length=editing.MAX_NOTE)


class AddressCorrection(ShippingAddressInput):
    """What changes of an address, and which address was looked at."""

    version = TextField(max_length=16, help_text="The order's `shipping_address_version` that you have looked at.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A region of another country means nothing, and neither does a postcode."""
        if "country" in attrs:
            missing = {name: ["Send it along with the country."] for name in ("postcode", "city") if name not in attrs}
            if missing:
                raise serializers.ValidationError(missing)
            attrs.setdefault("region", "")
        return attrs


class NoteSerializer(serializers.Serializer[OrderEvent]):
    text = serializers.CharField(source="message")
    author = serializers.CharField(source="actor")
    created_at = serializers.DateTimeField()


class StaffView(Personal, GenericAPIView[Any]):
    permission_classes = [IsAuthenticated]

    def order_to_edit(self, number: str) -> Order:
        """The order, for staff who may change it; its owner may not, to others it does not exist."""
        user: Any = self.request.user
        order = visible_order(user, number)
        if not may(user, EDIT):
            raise PermissionDenied
        return order


@extend_schema(tags=["orders"])
class NotesView(StaffView):
    queryset = OrderEvent.objects.none()
    serializer_class = NoteSerializer
    pagination_class = SkipLimitPagination

    @extend_schema(
        operation_id="orders_notes_list",
        summary="List the staff's notes",
        description="Latest first. Customers never see them.",
        responses={200: NoteSerializer(many=True), 400: None, **STAFF_ONLY},
    )
    def get(self, request: Request, number: str) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        notes = self.order_to_edit(number).events.filter(kind=OrderEvent.Kind.NOTE).order_by("-pk")
        page: Any = self.paginate_queryset(notes)
        return self.get_paginated_response(NoteSerializer(page, many=True).data)

    @extend_schema(
        operation_id="orders_notes_create",
        summary="Add a note",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=NoteInput,
        responses={201: NoteSerializer, **STAFF_ONLY, **KEY_REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        order = self.order_to_edit(number)

        def act(_: object) -> Response:
            form = NoteInput(data=request.data)
            form.is_valid(raise_exception=True)
            actor = staff(request.user.get_username())
            note = editing.add_note(order=order, text=form.validated_data["text"], actor=actor)
            return Response(NoteSerializer(note).data, status=201)

        return answer_once(self, request, act, required=False)


@extend_schema(tags=["orders"])
class OrderAddressView(StaffView):
    serializer_class = OrderSerializer

    @extend_schema(
        operation_id="orders_address_correct",
        summary="Correct the shipping address",
        description="Until the first parcel leaves, and only to where the order costs the same. `version` is required. "
        "Of the address, what is not sent stays; with a country, postcode and city are sent, too.",
        request=AddressCorrection,
        responses={200: OrderSerializer, **STAFF_ONLY, **REFUSED_EDIT},
    )
    def patch(self, request: Request, number: str) -> Response:
        order = self.order_to_edit(number)
        form = AddressCorrection(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        if "version" not in form.validated_data:
            raise serializers.ValidationError({"version": ["This field is required."]})
        version = form.validated_data.pop("version")
        current = {field.name: getattr(order, field.name) for field in fields(ShippingAddress)}
        corrected = editing.correct_address(
            order=order,
            address=ShippingAddress(**current | form.validated_data),
            version=version,
            actor=staff(request.user.get_username()),
        )
        return Response(shown(corrected, staff=True))
