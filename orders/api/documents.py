"""Invoices and credit notes of an order over HTTP, as a list and as PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from catalog.api.fields import AmountField
from orders.access import document_of
from orders.api import headers
from orders.api.personal import Personal, seen_order
from orders.downloads import as_download
from orders.models import Invoice


class DocumentSerializer(serializers.Serializer[Invoice]):
    kind = serializers.ChoiceField(choices=Invoice.Kind.choices)
    number = serializers.CharField()
    issued_at = serializers.DateTimeField()
    currency = serializers.CharField(source="order.currency")
    total = AmountField(source="amount", help_text="What was charged, or given back.")
    url = serializers.SerializerMethodField(help_text="Where its PDF is, for whoever may see the order.")

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, document: Invoice) -> str:
        return reverse(
            "api-order-document",
            args=[self.context["order"].number, document.number],
            request=self.context["request"],
        )


class DocumentsView(Personal):
    permission_classes = [AllowAny]

    @extend_schema(
        summary="List an order's documents",
        description="The invoice of a paid order and the credit notes of its refunds, in the order of their issue. "
        "They are issued in the background, moments after the money has arrived.",
        parameters=[headers.ORDER],
        responses={200: DocumentSerializer(many=True)},
        operation_id="orders_documents_list",
    )
    def get(self, request: Request, number: str) -> Response:
        order = seen_order(request, number)
        context = {"request": request, "order": order}
        documents: Any = order.invoices.select_related("order", "refund").defer("content")
        return Response(DocumentSerializer(documents, many=True, context=context).data)


class DocumentView(Personal):
    permission_classes = [AllowAny]

    @extend_schema(
        summary="Download a document",
        parameters=[headers.ORDER],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        operation_id="orders_documents_retrieve",
    )
    def get(self, request: Request, number: str, document: str) -> HttpResponse:
        return as_download(document_of(seen_order(request, number), document))
