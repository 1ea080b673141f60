"""Collections over HTTP, to read. Their products are `products/?collection=…`."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import OPEN, problems
from catalog.api.selecting import refuse_unknown
from catalog.models import Collection


class CollectionSerializer(serializers.Serializer[Collection]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text="HTML of a few harmless tags.")
    image = serializers.SerializerMethodField()
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_image(self, collection: Collection) -> str | None:
        return self.context["request"].build_absolute_uri(collection.image.url) if collection.image else None


class CollectionViewSet(GenericViewSet[Collection]):
    queryset = Collection.objects.filter(is_published=True)
    serializer_class = CollectionSerializer
    pagination_class = SkipLimitPagination
    permission_classes = [AllowAny]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    @extend_schema(
        summary="List collections",
        auth=OPEN,
        description="The published ones, in the shop's order.",
        responses={200: CollectionSerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(summary="Show a collection", auth=OPEN, responses={200: CollectionSerializer, **problems(401, 404)})
    def retrieve(self, request: Request, slug: str) -> Response:
        found: Any = get_object_or_404(self.get_queryset(), slug=slug)
        return Response(self.get_serializer(found).data)
