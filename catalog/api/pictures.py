"""The pictures of a product, for the catalogue's staff. Shoppers see them with the product."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from catalog import images
from catalog.access import products_visible_to
from catalog.api.fields import TextField
from catalog.api.images import RenditionSerializer
from catalog.api.options import LARGEST_ID, IdField
from catalog.api.pagination import PARAMETERS, SkipLimitPagination
from catalog.api.problems import LOCATION
from catalog.api.selecting import refuse_unknown
from catalog.api.uploads import UploadParser, note
from catalog.gallery import (
    ALT_LENGTH,
    MAX_PICTURES,
    MAX_POSITION,
    add_picture,
    arrange_pictures,
    change_picture,
    delete_picture,
)
from catalog.models import Product, ProductImage
from catalog.pictures import MAX_BYTES
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

FORBIDDEN: dict[Any, Any] = {403: OpenApiResponse(description="This is for staff who keep pictures.")}
PLACE = "Its place among the product's pictures, from 0 on."
PICTURE = "JPEG, PNG, WebP, AVIF or GIF, of 15 MB at most. It is looked at and encoded anew."


class PictureSerializer(serializers.Serializer[ProductImage]):
    """A picture as staff see it: also one whose file is not here."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="null as long as its file is not here.")
    alt = serializers.CharField(help_text="Empty: it is called as the product.")
    position = serializers.IntegerField(source="place", help_text=PLACE)
    variants = serializers.SerializerMethodField(help_text="The ids of the variants that it shows.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    renditions = RenditionSerializer(many=True, help_text="Copies, as soon as they have been made.")
    state = serializers.ChoiceField(ProductImage.State.choices)
    source_url = serializers.CharField(help_text="Where it is fetched from, if it was not uploaded.")
    problem = serializers.CharField(help_text="Why it could not be fetched.")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, image: ProductImage) -> str | None:
        return self.context["request"].build_absolute_uri(image.image.url) if image.image else None

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_variants(self, image: ProductImage) -> list[int]:
        return sorted(variant.pk for variant in image.variants.all() if variant.archived_at is None)


class PictureUpload(serializers.Serializer[Any]):
    """A picture to be shown with a product."""

    image = serializers.FileField(help_text=PICTURE)
    alt = serializers.CharField(required=False, allow_blank=True, max_length=ALT_LENGTH)
    position = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_POSITION, help_text=f"{PLACE} Left out: the last."
    )
    variant = serializers.IntegerField(
        source="variant_id",
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="The id of a variant that it shows.",
    )


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_POSITION, "description": PLACE})
class PositionField(serializers.Field[int, Any, int, Any]):
    """A place; no text, no fraction, no true."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole or not 0 <= data <= MAX_POSITION:
            raise serializers.ValidationError(f"This must be a whole number between 0 and {MAX_POSITION}.")
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


class PictureChangesInput(serializers.Serializer[Any]):
    """What changes on a picture."""

    alt = TextField(required=False, allow_blank=True, max_length=ALT_LENGTH)
    position = PositionField(required=False)


class PictureOrderInput(serializers.Serializer[Any]):
    """All pictures of a product, in order."""

    images = serializers.ListField(child=IdField(), max_length=MAX_PICTURES * 10)


class Pictured(GenericAPIView[Any]):
    """What the doors to pictures have in common. A picture comes as a form; everything else is JSON."""

    queryset = ProductImage.objects.none()
    serializer_class: Any = PictureSerializer
    permission_classes = [IsAuthenticated]
    pagination_class = None
    largest_file = MAX_BYTES
    uploads = "POST"

    def get_parsers(self) -> list[BaseParser]:
        if getattr(self.request, "method", "") == self.uploads:
            return [UploadParser()]
        return super().get_parsers()

    def product(self, request: Request, slug: str, permission: str) -> Product:
        allow(request, f"{permission}_productimage")
        return get_object_or_404(products_visible_to(request.user), slug=slug)

    def gallery(self, product: Product) -> QuerySet[ProductImage]:
        """All its pictures in order, each with its `place`."""
        place = Window(RowNumber(), order_by=["position", "pk"]) - Value(1)
        images = ProductImage.objects.filter(product=product).annotate(place=place)
        return images.order_by("position", "pk").prefetch_related("variants")

    def shown(self, product: Product, image_id: int, status: int = 200) -> Response:
        image = next((image for image in self.gallery(product) if image.pk == image_id), None)
        if image is None:
            raise Http404
        return Response(self.get_serializer(image).data, status=status)


@extend_schema(tags=["products"])
class PicturesView(Pictured):
    pagination_class = SkipLimitPagination  # type: ignore[assignment]

    @extend_schema(
        operation_id="products_images_list",
        summary="List the pictures of a product",
        description="All of them, also those that are still to be fetched.",
        responses={200: PictureSerializer(many=True), 400: None, **FORBIDDEN},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request, {*PARAMETERS})
        product = self.product(request, slug, "view")
        page: Any = self.paginate_queryset(self.gallery(product))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="products_images_create",
        summary="Add a picture to a product",
        parameters=[OPTIONAL_KEY, LOCATION, REPLAYED],
        request={"multipart/form-data": PictureUpload},
        responses={201: PictureSerializer, **FORBIDDEN, **KEY_REFUSALS},
    )
    def post(self, request: Request, slug: str) -> Response:
        product = self.product(request, slug, "add")

        def act(_: object) -> Response:
            values = validated(PictureUpload, request)
            upload = values.pop("image")
            if "variant_id" in values:
                allow(request, "change_variant")
            with images.stored(upload, size=upload.size, folder="products") as picture:
                image = add_picture(product_id=product.pk, picture=picture, **values)
            note(request, product, f"Added picture “{image}”.")
            return self.shown(product, image.pk, status=201)

        response = answer_once(self, request, act)
        if response.status_code == 201:
            response["Location"] = reverse("api-product-image", args=[slug, response.data["id"]], request=request)
        return response

    @extend_schema(
        operation_id="products_images_update",
        summary="Put the pictures of a product in order",
        request=PictureOrderInput,
        responses={200: PictureSerializer(many=True), **FORBIDDEN},
    )
    def put(self, request: Request, slug: str) -> Response:
        product = self.product(request, slug, "change")
        arrange_pictures(product_id=product.pk, image_ids=validated(PictureOrderInput, request)["images"])
        note(request, product, "Changed the order of the pictures.")
        page: Any = self.paginate_queryset(self.gallery(product))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@extend_schema(tags=["products"])
class PictureView(Pictured):
    @extend_schema(
        operation_id="products_images_retrieve",
        summary="Show a picture of a product",
        responses={200: PictureSerializer, **FORBIDDEN},
    )
    def get(self, request: Request, slug: str, image_id: int) -> Response:
        return self.shown(self.product(request, slug, "view"), image_id)

    @extend_schema(
        operation_id="products_images_partial_update",
        summary="Change a picture of a product",
        description="Its text, or its place among the others.",
        request=PictureChangesInput,
        responses={200: PictureSerializer, **FORBIDDEN},
    )
    def patch(self, request: Request, slug: str, image_id: int) -> Response:
        product, image = self.picture(request, slug, image_id, "change")
        change_picture(image_id=image.pk, **validated(PictureChangesInput, request))
        note(request, product, f"Changed picture “{image}”.")
        return self.shown(product, image.pk)

    @extend_schema(
        operation_id="products_images_destroy",
        summary="Delete a picture of a product",
        responses={204: None, **FORBIDDEN},
    )
    def delete(self, request: Request, slug: str, image_id: int) -> Response:
        product, image = self.picture(request, slug, image_id, "delete")
        delete_picture(image_id=image.pk)
        note(request, product, f"Deleted picture “{image}”.")
        return Response(status=204)

    def picture(self, request: Request, slug: str, image_id: int, permission: str) -> tuple[Product, ProductImage]:
        product = self.product(request, slug, permission)
        return product, get_object_or_404(ProductImage, product=product, pk=image_id)


def allow(request: Request, permission: str) -> None:
    """Raises PermissionDenied."""
    if not request.user.has_perm(f"catalog.{permission}"):
        raise PermissionDenied


def validated(serializer_class: Any, request: Request) -> dict[str, Any]:
    form = serializer_class(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
