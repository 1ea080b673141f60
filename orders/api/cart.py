"""The cart over HTTP. Customers have one; guests hold theirs by its token."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.throttles import AddressThrottle
from catalog.models import Variant
from idempotency.api import OPTIONAL_KEY, REPLAYED
from idempotency.keys import KeyedRequest
from orders import cart as carts
from orders.access import find_cart
from orders.api import headers
from orders.api.cart_serializers import (
    CartItemInput,
    CartSerializer,
    CouponInput,
    MergeInput,
    QuantityInput,
    shown_cart,
)
from orders.api.idempotent import answer_once
from orders.api.personal import Personal
from orders.errors import EmptyCart
from orders.models import Cart, CartLine

REFUSED = {
    409: OpenApiResponse(
        description="`out_of_stock` (with `requested` and `available`), `cart_full`, or `cart_changed` when it "
        "was ordered meanwhile."
    )
}
COUPON_REFUSED = {
    409: OpenApiResponse(
        description="`coupon_refused`: the sentence says why it does not count for this cart; a code that is unknown "
        "and one that is switched off are told alike. Or `cart_changed` when it was ordered meanwhile."
    ),
    422: OpenApiResponse(description="`cart_empty`: there is nothing for a coupon yet."),
}
KEY_REUSED = {422: OpenApiResponse(description="`idempotency_key_reused` with another body.")}
VARIANT = OpenApiParameter("variant_id", int, OpenApiParameter.PATH, description="Id of a variant in the cart.")


class CartView(Personal):
    permission_classes = [AllowAny]

    def cart(self) -> Cart | None:
        """The open cart of who asks."""
        return find_cart(user=headers.customer(self.request), token=headers.cart_token(self.request))

    def shown(self, cart: Cart | None, status: int = 200) -> Response:
        return Response(CartSerializer(shown_cart(cart), context={"request": self.request}).data, status=status)

    def changed(self, cart: Cart, status: int = 200) -> Response:
        """The cart after a change. Its prices have been shown now, so the next answer does not repeat them."""
        response = self.shown(cart, status)
        carts.acknowledge_prices(cart, carts.shown_lines(cart))
        return response


class CartDetailView(CartView):
    @extend_schema(
        tags=["cart"],
        operation_id="cart_retrieve",
        summary="Show the cart",
        parameters=[headers.CART],
        responses={200: CartSerializer, 400: None},
    )
    def get(self, request: Request) -> Response:
        return self.shown(self.cart())


class CartItemsView(CartView):
    @extend_schema(
        tags=["cart"],
        operation_id="cart_items_create",
        summary="Put something into the cart",
        description="A guest without a cart gets one; its `token` is in the answer.",
        parameters=[headers.CART, OPTIONAL_KEY, REPLAYED],
        request=CartItemInput,
        responses={201: CartSerializer, **REFUSED, **KEY_REUSED},
    )
    def post(self, request: Request) -> Response:
        def act(keyed: KeyedRequest | None) -> Response:
            asked = validated(CartItemInput, request)
            cart = carts.add(
                user=headers.customer(request),
                token=headers.cart_token(request),
                variant_id=_variant_id(asked["variant"]),
                quantity=asked["quantity"],
            )
            return self.changed(cart, status=201)

        return answer_once(self, request, act, required=False)


class CartItemView(CartView):
    @extend_schema(
        tags=["cart"],
        operation_id="cart_items_update",
        summary="Change a quantity",
        description="0 removes the line.",
        parameters=[headers.CART, VARIANT],
        request=QuantityInput,
        responses={200: CartSerializer, **REFUSED},
    )
    def patch(self, request: Request, variant_id: int) -> Response:
        asked = validated(QuantityInput, request)
        return self._set(variant_id, asked["quantity"])

    @extend_schema(
        tags=["cart"],
        operation_id="cart_items_destroy",
        summary="Take something out of the cart",
        parameters=[headers.CART, VARIANT],
        responses={200: CartSerializer, 400: None, **REFUSED},
    )
    def delete(self, request: Request, variant_id: int) -> Response:
        return self._set(variant_id, 0)

    def _set(self, variant_id: int, quantity: int) -> Response:
        cart = self.cart()
        if cart is None or not CartLine.objects.filter(cart=cart, variant_id=variant_id).exists():
            raise Http404
        carts.change_quantity(cart=cart, variant_id=variant_id, quantity=quantity)
        return self.changed(cart)


class CartCouponView(CartView):
    throttle_scope = "coupons"

    def get_throttles(self) -> list[Any]:
        return [AddressThrottle()]

    @extend_schema(
        tags=["cart"],
        operation_id="cart_coupon_update",
        summary="Use a coupon",
        description="Instead of any other. It is checked again when the cart is shown or ordered.",
        parameters=[headers.CART],
        request=CouponInput,
        responses={200: CartSerializer, **COUPON_REFUSED},
    )
    def put(self, request: Request) -> Response:
        asked, cart = validated(CouponInput, request), self.cart()
        if cart is None:
            raise EmptyCart("Put something into the cart first.")
        carts.put_coupon(cart=cart, code=asked["code"])
        return self.shown(self.cart())

    @extend_schema(
        tags=["cart"],
        operation_id="cart_coupon_destroy",
        summary="Take the coupon off",
        parameters=[headers.CART],
        responses={200: CartSerializer, 400: None, 409: OpenApiResponse(description="`cart_changed`: it was ordered.")},
    )
    def delete(self, request: Request) -> Response:
        cart = self.cart()
        if cart is not None:
            carts.take_coupon_off(cart=cart)
        return self.shown(self.cart())


class CartMergeView(CartView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["cart"],
        operation_id="cart_merge",
        summary="Take over a guest's cart after login",
        description="Quantities are capped by stock. A token that holds no open guest cart changes nothing, so "
        "that trying again is harmless.",
        request=MergeInput,
        responses={200: CartSerializer},
    )
    def post(self, request: Request) -> Response:
        user: Any = request.user
        merged = carts.merge(user=user, token=validated(MergeInput, request)["token"])
        return self.shown(merged or self.cart())


def validated(serializer_class: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body in the form that the serializer describes. Raises ValidationError."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _variant_id(reference: int | str) -> int:
    """The id of the variant that is named by id or SKU. Raises ValidationError when there is none."""
    if isinstance(reference, int):
        return reference
    found = Variant.objects.by_reference(ids=[], skus=[reference]).values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError({"variant": [f"There is no variant {reference!r}."]})
    return found
