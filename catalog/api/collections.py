"""Collections over HTTP. Reading is for all, writing for the catalogue's staff. Products: `products/?collection=…`."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.access import collections_visible_to, keeps_collections
from catalog.api.collection_rules import RuleField
from catalog.api.fields import FlagField, PlaceField, SlugField, TextField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import LOCATION, OPEN, problems
from catalog.api.selecting import refuse_unknown
from catalog.api.serializers import HTML, HTML_INPUT, MAX_DESCRIPTION, SLUG_INPUT
from catalog.collections import (
    LENGTHS,
    MAX_RULES,
    NAME_LENGTH,
    SLUG_LENGTH,
    create_collection,
    delete_collection,
    update_collection,
)
from catalog.models import Collection, CollectionRule
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

FOR_STAFF = ("is_published", "position", "matches_any", "rules")


class CollectionSerializer(serializers.Serializer[Collection]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text=HTML)
    image = serializers.SerializerMethodField()
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    is_published = serializers.BooleanField(required=False, help_text="Shown to staff only, as all that follows.")
    position = serializers.IntegerField(required=False, help_text="In the shop's order.")
    matches_any = serializers.BooleanField(
        required=False, help_text="One rule is enough; otherwise all have to be met."
    )
    rules = serializers.ListField(child=RuleField(), source="rules.all", required=False)

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_image(self, collection: Collection) -> str | None:
        return self.context["request"].build_absolute_uri(collection.image.url) if collection.image else None

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        is_for_all = request is not None and not keeps_collections(request.user)
        return {name: field for name, field in fields.items() if not (is_for_all and name in FOR_STAFF)}


class CollectionInput(serializers.Serializer[Any]):
    """A collection to be created or replaced. Its rules are replaced together; without any it is empty."""

    name = TextField(max_length=NAME_LENGTH)
    slug = SlugField(required=False, max_length=SLUG_LENGTH, help_text=SLUG_INPUT)
    description = TextField(required=False, allow_blank=True, max_length=MAX_DESCRIPTION, help_text=HTML_INPUT)
    seo_title = TextField(required=False, allow_blank=True, max_length=LENGTHS["seo_title"])
    seo_description = TextField(required=False, allow_blank=True, max_length=LENGTHS["seo_description"])
    is_published = FlagField(required=False)
    position = PlaceField(required=False)
    matches_any = FlagField(required=False, help_text="One rule is enough; otherwise all have to be met.")
    rules = serializers.ListField(child=RuleField(), required=False, max_length=MAX_RULES)


class CollectionViewSet(GenericViewSet[Collection]):
    queryset = Collection.objects.all()
    serializer_class = CollectionSerializer
    pagination_class = SkipLimitPagination
    permission_classes = [DjangoModelPermissionsOrAnonReadOnly]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    def get_queryset(self) -> QuerySet[Collection]:
        found = collections_visible_to(self.request.user)
        return found.prefetch_related(_rules()) if keeps_collections(self.request.user) else found

    @extend_schema(
        summary="List collections",
        auth=OPEN,
        description="In the shop's order; for all but catalogue staff the published ones.",
        responses={200: CollectionSerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(summary="Show a collection", auth=OPEN, responses={200: CollectionSerializer, **problems(401, 404)})
    def retrieve(self, request: Request, slug: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Create a collection",
        request=CollectionInput,
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        responses={201: CollectionSerializer, **problems(400, 401, 403, 413, 415), **KEY_REFUSALS},
    )
    def create(self, request: Request) -> Response:
        def act(_: object) -> Response:
            return self._shown(create_collection(**_validated(request)), status=201)

        response = answer_once(self, request, act)
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["slug"]])
        return response

    @extend_schema(
        summary="Replace a collection",
        request=CollectionInput,
        responses={200: CollectionSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def update(self, request: Request, slug: str, partial: bool = False) -> Response:
        collection = self.get_object()
        return self._shown(update_collection(collection_id=collection.pk, **_validated(request, partial=partial)))

    @extend_schema(
        summary="Change a collection",
        request=CollectionInput(partial=True),
        responses={200: CollectionSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        return self.update(request, slug, partial=True)

    @extend_schema(summary="Delete a collection", responses={204: None, **problems(401, 403, 404)})
    def destroy(self, request: Request, slug: str) -> Response:
        delete_collection(collection_id=self.get_object().pk)
        return Response(status=204)

    def _shown(self, collection: Collection, status: int = 200) -> Response:
        # Whoever wrote it sees what became of it, if only this once.
        written = Collection.objects.prefetch_related(_rules()).get(pk=collection.pk)
        return Response(self.get_serializer(written).data, status=status)


def _rules() -> Prefetch[Any]:
    """The rules with all that they name."""
    return Prefetch("rules", CollectionRule.objects.select_related("product_type", "brand", "category").order_by("pk"))


def _validated(request: Request, *, partial: bool = False) -> dict[str, Any]:
    serializer = CollectionInput(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
