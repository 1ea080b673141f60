"""What an app needs to know before it lets somebody check out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.countries import country_choices
from orders.payments.gateway import PaymentMethod
from orders.payments.methods import payment_methods


class CountrySerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="ISO 3166.")
    name = serializers.CharField()


class PaymentMethodSerializer(serializers.Serializer[PaymentMethod]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the declaration of a field, not its own label
    description = serializers.CharField()


class CheckoutOptionsSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    countries = CountrySerializer(many=True)
    payment_methods = PaymentMethodSerializer(many=True)
    prices_include_tax = serializers.BooleanField()


class CheckoutOptionsView(APIView):
    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        tags=["checkout"],
        operation_id="checkout_options",
        summary="Countries and ways to pay",
        responses={200: CheckoutOptionsSerializer},
    )
    def get(self, request: Request) -> Response:
        options = {
            "currency": settings.SHOP_CURRENCY,
            "countries": [{"code": code, "name": name} for code, name in country_choices()],
            "payment_methods": payment_methods(),
            "prices_include_tax": settings.SHOP_PRICES_INCLUDE_TAX,
        }
        return Response(CheckoutOptionsSerializer(options).data)
