"""Products over HTTP. Reading is for all, writing for those with the catalogue's permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import DjangoModelPermissionsOrAnonReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from catalog.access import products_listed_for, products_visible_to, sees_unpublished
from catalog.api import selecting
from catalog.api.cursors import CursorPagination
from catalog.api.details import with_rows_of_their_own
from catalog.api.options import (
    NewVariantInput,
    OptionsInput,
    VariantChangesInput,
    VariantSerializer,
    wanted_options,
    with_option_rows,
)
from catalog.api.problems import LOCATION, OPEN, problems
from catalog.api.serializers import NewProductInput, ProductInput, ProductSerializer
from catalog.models import Product, ProductImage, Variant
from catalog.models.product import ProductQuerySet
from catalog.options import change_options
from catalog.products import archive_or_delete_product, create_product, update_product
from catalog.reductions import with_lowest_price
from catalog.search.misses import note_miss
from catalog.variants import NewVariant, add_variant, remove_variant, update_variant
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

OF_A_VARIANT = ("price", "sku", "compare_at_price", "weight", "stock_quantity")
VARIANT_ID = OpenApiParameter("variant_id", int, OpenApiParameter.PATH)


class ProductViewSet(GenericViewSet[Product]):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    pagination_class = CursorPagination
    permission_classes = [DjangoModelPermissionsOrAnonReadOnly]
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"

    def get_queryset(self) -> ProductQuerySet:
        return products_visible_to(self.request.user)

    @extend_schema(
        summary="List products",
        auth=OPEN,
        parameters=[selecting.ProductQuery],
        responses={200: ProductSerializer(many=True), **problems(400, 401)},
    )
    def list(self, request: Request) -> Response:
        query = selecting.checked(request)
        selected = selecting.select(products_listed_for(request.user), query)
        dressed = with_details(selected.rows, for_staff=sees_unpublished(request.user))
        paginator = cast("CursorPagination", self.paginator)
        page = paginator.page_of(replace(selected, rows=dressed), request)
        if not page:
            selecting.refuse_unknown_category(query)
        if not selected.total.count and query.keys() <= {"search", "ordering"}:
            note_miss(query.get("search", ""))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(summary="Show a product", auth=OPEN, responses={200: ProductSerializer, **problems(401, 404)})
    def retrieve(self, request: Request, slug: str) -> Response:
        product = get_object_or_404(
            with_details(self.get_queryset(), for_staff=sees_unpublished(request.user)), slug=slug
        )
        return Response(self.get_serializer(product).data)

    @extend_schema(
        summary="Create a product",
        request=NewProductInput,
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        responses={201: ProductSerializer, **problems(400, 401, 403, 413, 415), **KEY_REFUSALS},
    )
    def create(self, request: Request) -> Response:
        response = answer_once(self, request, lambda _: self._created(request))
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["slug"]])
        return response

    def _created(self, request: Request) -> Response:
        values = _validated(NewProductInput, request)
        simple = {name: values.pop(name) for name in OF_A_VARIANT if name in values}
        variants = values.pop("variants", None) or [simple]
        product = create_product(
            category=values.pop("category", None),
            variants=[NewVariant(**variant) for variant in variants],
            options=wanted_options(values.pop("options", [])),
            actor=request.user.get_username(),
            **values,
        )
        return self._shown(product.pk, status=201)

    @extend_schema(
        summary="Replace a product",
        request=ProductInput,
        responses={200: ProductSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def update(self, request: Request, slug: str, partial: bool = False) -> Response:
        product = self.get_object()
        values = _validated(ProductInput, request, partial=partial)
        update_product(product_id=product.pk, actor=request.user.get_username(), **values)
        return self._shown(product.pk)

    @extend_schema(
        summary="Change a product",
        request=ProductInput(partial=True),
        responses={200: ProductSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    def partial_update(self, request: Request, slug: str) -> Response:
        return self.update(request, slug, partial=True)

    @extend_schema(
        summary="Delete a product",
        description="A product that was ever ordered is archived: it disappears from lists, orders keep it.",
        responses={204: None, **problems(401, 403, 404)},
    )
    def destroy(self, request: Request, slug: str) -> Response:
        archive_or_delete_product(product_id=self.get_object().pk)
        return Response(status=204)

    @extend_schema(
        summary="Replace the options",
        description="Variants take the names that follow; those of a value that goes are removed.",
        request=OptionsInput,
        responses={200: ProductSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    @action(detail=True, methods=["put"], url_path="options")
    def options_of(self, request: Request, slug: str) -> Response:
        product = self.get_object()
        wanted = wanted_options(_validated(OptionsInput, request)["options"])
        change_options(product_id=product.pk, options=wanted)
        return self._shown(product.pk)

    @extend_schema(
        summary="Add a variant",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=NewVariantInput,
        responses={201: VariantSerializer, **problems(400, 401, 403, 404, 413, 415), **KEY_REFUSALS},
    )
    @action(detail=True, methods=["post"], url_path="variants", filter_backends=[], pagination_class=None)
    def variants(self, request: Request, slug: str) -> Response:
        product = self.get_object()

        def act(_: object) -> Response:
            new = NewVariant(**_validated(NewVariantInput, request))
            variant = add_variant(product_id=product.pk, new=new, actor=request.user.get_username())
            return self._variant_shown(variant.pk, status=201)

        return answer_once(self, request, act)

    @extend_schema(
        summary="Change a variant",
        parameters=[VARIANT_ID],
        request=VariantChangesInput,
        responses={200: VariantSerializer, **problems(400, 401, 403, 404, 413, 415)},
    )
    @action(detail=True, methods=["patch"], url_path="variants/(?P<variant_id>[0-9]{1,18})")
    def variant(self, request: Request, slug: str, variant_id: str) -> Response:
        variant = self._variant_of(variant_id)
        values = _validated(VariantChangesInput, request)
        update_variant(variant_id=variant.pk, actor=request.user.get_username(), **values)
        return self._variant_shown(variant.pk)

    @extend_schema(
        summary="Remove a variant",
        parameters=[VARIANT_ID],
        responses={204: None, **problems(400, 401, 403, 404)},
    )
    @variant.mapping.delete
    def remove_variant(self, request: Request, slug: str, variant_id: str) -> Response:
        remove_variant(variant_id=self._variant_of(variant_id).pk)
        return Response(status=204)

    def _shown(self, product_id: int, status: int = 200) -> Response:
        product = with_details(Product.objects.all(), for_staff=True).get(pk=product_id)
        return Response(self.get_serializer(product).data, status=status)

    def _variant_of(self, variant_id: str) -> Variant:
        return get_object_or_404(Variant.objects.live(), product=self.get_object(), pk=int(variant_id))

    def _variant_shown(self, variant_id: int, status: int = 200) -> Response:
        product = with_option_rows(Product.objects.all()).get(variants=variant_id)
        variant = with_lowest_price(product.variants.select_related("stock")).get(pk=variant_id)
        return Response(VariantSerializer(variant, context=self.get_serializer_context()).data, status=status)


def with_details(products: ProductQuerySet, *, for_staff: bool) -> ProductQuerySet:
    """What the API shows of products, in two more queries however many there are."""
    related = Product.objects.filter(archived_at=None) if for_staff else Product.objects.on_sale()
    variants = Prefetch("variants", with_lowest_price(Variant.objects.live().select_related("stock")))
    images = Prefetch("images", ProductImage.objects.stored())
    of_one_row = with_option_rows(products).select_related("category", "tax_class", "brand", "product_type")
    return with_rows_of_their_own(of_one_row, related=related).prefetch_related(variants, images)


def _validated(serializer_class: Any, request: Request, *, partial: bool = False) -> dict[str, Any]:
    serializer = serializer_class(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)
