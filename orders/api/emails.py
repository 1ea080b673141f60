"""The e-mails of an order, for the staff: which were sent, and sending one again."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.throttles import AddressThrottle
from catalog.api.fields import TextField
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED
from orders import editing
from orders.actors import staff
from orders.api.editing import STAFF_ONLY, StaffView
from orders.api.idempotent import answer_once
from orders.emails import SentMessage, sent_messages

REFUSED_RESENDING = {
    409: OpenApiResponse(
        description="`edit_not_possible`: this e-mail has not been sent, or the copy is not the next one; or "
        "`idempotency_key_in_progress`."
    ),
    422: KEY_REFUSALS[422],
}


MOST_COPIES = 999_999


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MOST_COPIES})
class CopyField(serializers.Field[int, Any, int, Any]):
    """Which copy: a whole number, no text, no fraction, no `true`."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole or not 1 <= data <= MOST_COPIES:
            raise serializers.ValidationError("This must be a whole number, at least 1.")
        return int(data)


class SentEmailSerializer(serializers.Serializer[SentMessage]):
    name = serializers.CharField(help_text="Such as `confirmation`, or `shipped-12` for the parcel 12.")
    copies = serializers.IntegerField(help_text="How many times it was sent, or is about to be.")


class ResendInput(serializers.Serializer[Any]):
    name = TextField(max_length=60, help_text="The `name` of an e-mail that was sent.")
    copy = CopyField(
        required=False,
        help_text="Which copy this is to be: one more than `copies`, also when left out. Asking twice for the same "
        "copy sends one.",
    )


@extend_schema(tags=["orders"])
class EmailsView(StaffView):
    serializer_class = SentEmailSerializer
    throttle_scope = "orders"
    pagination_class = None

    def get_throttles(self) -> list[Any]:
        return [AddressThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        operation_id="orders_emails_list",
        summary="List the e-mails that were sent",
        description="The first one first.",
        responses={200: SentEmailSerializer(many=True), **STAFF_ONLY},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(SentEmailSerializer(sent_messages(self.order_to_edit(number)), many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="orders_emails_resend",
        summary="Send an e-mail again",
        description="To the order's address, as the order is now. It leaves in the background, a moment later.",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=ResendInput,
        responses={202: SentEmailSerializer, **STAFF_ONLY, **REFUSED_RESENDING},
    )
    def post(self, request: Request, number: str) -> Response:
        order = self.order_to_edit(number)

        def act(_: object) -> Response:
            form = ResendInput(data=request.data)
            form.is_valid(raise_exception=True)
            name: str = form.validated_data["name"]
            copies = {sent.name: sent.copies for sent in sent_messages(order)}.get(name, 1)
            copy: int = form.validated_data.get("copy", copies + 1)
            editing.resend_message(order=order, name=name, copy=copy, actor=staff(request.user.get_username()))
            return Response({"name": name, "copies": max(copy, copies)}, status=202)

        return answer_once(self, request, act, required=False)
