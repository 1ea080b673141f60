"""Brands over HTTP. Reading is for all, writing for those with the catalogue's permissions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.api.details import BrandSerializer
from catalog.api.fields import SlugField, TextField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import LOCATION, OPEN, problems
from catalog.api.selecting import refuse_unknown
from catalog.brands import NAME_LENGTH, SLUG_LENGTH, create_brand, delete_brand, update_brand
from catalog.models import Brand
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once


class BrandInput(serializers.Serializer[Any]):
    """A brand to be created or replaced."""

    name = TextField(max_length=NAME_LENGTH)
    slug = SlugField(required=False, max_length=SLUG_LENGTH, help_text="Made from the name when left out.")


class BrandViewSet(GenericViewSet[Brand]):
    queryset = Brand.objects.order_by("name", "pk")
    serializer_class = BrandSerializer
    pagination_class = SkipLimitPagination
    permission_classes = [DjangoModelPermissionsOrAnonReadOnly]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    @extend_schema(
        summary="List brands",
        auth=OPEN,
        description="By name. Products of one: `products/?facet=brand:slug`.",
        responses={200: BrandSerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page: Any = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(BrandSerializer(page, many=True).data)

    @extend_schema(summary="Show a brand", auth=OPEN, responses={200: BrandSerializer, **problems(401, 404)})
    def retrieve(self, request: Request, slug: str) -> Response:
        return Response(BrandSerializer(self.get_object()).data)

    @extend_schema(
        summary="Create a brand",
        request=BrandInput,
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        responses={201: BrandSerializer, **problems(400, 401, 403, 413, 415), **KEY_REFUSALS},
    )
    def create(self, request: Request) -> Response:
        def act(_: object) -> Response:
            return Response(BrandSerializer(create_brand(**_validated(request))).data, status=201)

        response = answer_once(self, request, act)
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["slug"]])
        return response

    @extend_schema(
        summary="Replace a brand",
        request=BrandInput,
        responses={200: BrandSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def update(self, request: Request, slug: str, partial: bool = False) -> Response:
        brand = self.get_object()
        return Response(BrandSerializer(update_brand(brand_id=brand.pk, **_validated(request, partial=partial))).data)

    @extend_schema(
        summary="Change a brand",
        request=BrandInput(partial=True),
        responses={200: BrandSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        return self.update(request, slug, partial=True)

    @extend_schema(
        summary="Delete a brand that no product bears", responses={204: None, **problems(401, 403, 404, 409)}
    )
    def destroy(self, request: Request, slug: str) -> Response:
        delete_brand(brand_id=self.get_object().pk)
        return Response(status=204)


def _validated(request: Request, *, partial: bool = False) -> dict[str, Any]:
    serializer = BrandInput(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
