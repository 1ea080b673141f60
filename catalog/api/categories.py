"""Categories over HTTP. Reading is for all, writing for those with the catalogue's permissions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import LOCATION, OPEN, problems
from catalog.api.selecting import refuse_unknown
from catalog.api.serializers import CategoryInput, CategorySerializer
from catalog.categories import create_category, delete_category, update_category
from catalog.models import Category, Product
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once


class Surroundings:
    """The parents of some categories and the number of products on sale in and below them, in two queries."""

    def __init__(self, categories: Iterable[Category]) -> None:
        above = {self._path_above(category) for category in categories}
        parents = Category.objects.filter(path__in=above)
        self.parents = {parent.path: parent for parent in parents}
        on_sale = Product.objects.listed().order_by().values_list("category__path")
        self.counts = dict(on_sale.annotate(Count("pk")))

    def parent_of(self, category: Category) -> Category | None:
        return self.parents.get(self._path_above(category))

    def products_below(self, category: Category) -> int:
        return sum(number for path, number in self.counts.items() if path.startswith(category.path))

    def _path_above(self, category: Category) -> str:
        return str(category.path[: -Category.steplen])


class CategoryViewSet(GenericViewSet[Category]):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer
    pagination_class = SkipLimitPagination
    permission_classes = [DjangoModelPermissionsOrAnonReadOnly]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    @extend_schema(
        summary="List categories",
        auth=OPEN,
        description="The whole tree, each category after the one it belongs to.",
        responses={200: CategorySerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        page = self.paginate_queryset(Category.objects.order_by("path")) or []
        tree = Surroundings(page)
        return self.get_paginated_response([self._as_json(category, tree) for category in page])

    @extend_schema(summary="Show a category", auth=OPEN, responses={200: CategorySerializer, **problems(401, 404)})
    def retrieve(self, request: Request, slug: str) -> Response:
        return self._shown(get_object_or_404(Category, slug=slug))

    @extend_schema(
        summary="Create a category",
        request=CategoryInput,
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        responses={201: CategorySerializer, **problems(400, 401, 403, 413, 415), **KEY_REFUSALS},
    )
    def create(self, request: Request) -> Response:
        def act(_: object) -> Response:
            return self._shown(create_category(**_validated(request)), status=201)

        response = answer_once(self, request, act)
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["slug"]])
        return response

    @extend_schema(
        summary="Replace a category",
        request=CategoryInput,
        responses={200: CategorySerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def update(self, request: Request, slug: str, partial: bool = False) -> Response:
        category = self.get_object()
        changed = update_category(category_id=category.pk, **_validated(request, partial=partial))
        return self._shown(changed)

    @extend_schema(
        summary="Change a category",
        request=CategoryInput(partial=True),
        responses={200: CategorySerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        return self.update(request, slug, partial=True)

    @extend_schema(summary="Delete an empty category", responses={204: None, **problems(401, 403, 404, 409)})
    def destroy(self, request: Request, slug: str) -> Response:
        delete_category(category_id=self.get_object().pk)
        return Response(status=204)

    def _shown(self, category: Category, status: int = 200) -> Response:
        category = Category.objects.get(pk=category.pk)
        return Response(self._as_json(category, Surroundings([category])), status=status)

    def _as_json(self, category: Category, tree: Surroundings) -> Any:
        return CategorySerializer(category, context={"request": self.request, "tree": tree}).data


def _validated(request: Request, *, partial: bool = False) -> dict[str, Any]:
    serializer = CategoryInput(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
