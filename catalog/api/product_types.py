"""Product types over HTTP, to read: which attributes products of each have, and what these can be."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import OPEN, problems
from catalog.api.selecting import refuse_unknown
from catalog.models import Attribute, ProductType, TypeAttribute

TYPE_ID = OpenApiParameter("id", int, OpenApiParameter.PATH, description="Id of a product type.")


class AttributeSerializer(serializers.Serializer[Attribute]):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Attribute.Kind.choices)
    unit = serializers.CharField(help_text="Of a number, else empty.")
    is_filter = serializers.BooleanField(help_text="Lists can be narrowed by it.")
    choices = serializers.SerializerMethodField(help_text="What a `choice` can be, in order; else empty.")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_choices(self, attribute: Attribute) -> list[str]:
        return [choice.value for choice in attribute.choices.all()]


class ProductTypeSerializer(serializers.Serializer[ProductType]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    attributes = serializers.SerializerMethodField(help_text="In the order in which products show them.")

    @extend_schema_field(AttributeSerializer(many=True))
    def get_attributes(self, product_type: ProductType) -> Any:
        asked: Any = [each.attribute for each in product_type.type_attributes.all()]
        return AttributeSerializer(asked, many=True).data


class ProductTypeViewSet(GenericViewSet[ProductType]):
    queryset = ProductType.objects.prefetch_related(
        Prefetch("type_attributes", TypeAttribute.objects.select_related("attribute")),
        "type_attributes__attribute__choices",
    ).order_by("name", "pk")
    serializer_class = ProductTypeSerializer
    pagination_class = SkipLimitPagination
    permission_classes = [AllowAny]
    lookup_value_regex = "[0-9]{1,9}"

    @extend_schema(
        summary="List product types",
        auth=OPEN,
        responses={200: ProductTypeSerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Show a product type",
        auth=OPEN,
        parameters=[TYPE_ID],
        responses={200: ProductTypeSerializer, **problems(401, 404)},
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        found: Any = get_object_or_404(self.get_queryset(), pk=int(pk))
        return Response(self.get_serializer(found).data)
