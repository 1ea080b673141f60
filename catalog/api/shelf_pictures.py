"""The picture of a category or a collection, for the catalogue's staff. Shoppers see it with what it shows."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import images
from catalog.api.pictures import FORBIDDEN, PICTURE, Pictured, allow, validated
from catalog.api.uploads import note


class ShelfPictureUpload(serializers.Serializer[Any]):
    """The one picture of a category or a collection."""

    image = serializers.FileField(help_text=PICTURE)


class ShelfPictureSerializer(serializers.Serializer[Any]):
    image = serializers.URLField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class ShelfPictureView(Pictured):
    serializer_class = ShelfPictureSerializer
    uploads = "PUT"
    shelf: str
    folder: str

    def replace(self, request: Request, slug: str) -> Response:
        row = self.row(request, slug)
        upload = validated(ShelfPictureUpload, request)["image"]
        with images.stored(upload, size=upload.size, folder=self.folder) as picture:
            images.picture_shelf(shelf=self.shelf, pk=row.pk, picture=picture)
        note(request, row, "Changed the picture.")
        url = request.build_absolute_uri(default_storage.url(picture.name))
        return Response({"image": url, "width": picture.width, "height": picture.height})

    def remove(self, request: Request, slug: str) -> Response:
        row = self.row(request, slug)
        images.picture_shelf(shelf=self.shelf, pk=row.pk, picture=None)
        note(request, row, "Deleted the picture.")
        return Response(status=204)

    def row(self, request: Request, slug: str) -> Any:
        allow(request, f"change_{self.shelf}")
        return get_object_or_404(images.SHELVES[self.shelf], slug=slug)


@extend_schema(tags=["categories"])
class CategoryPictureView(ShelfPictureView):
    shelf, folder = "category", "categories"

    @extend_schema(
        operation_id="categories_image_update",
        summary="Give a category a picture",
        description="Instead of the one that it had.",
        request={"multipart/form-data": ShelfPictureUpload},
        responses={200: ShelfPictureSerializer, **FORBIDDEN},
    )
    def put(self, request: Request, slug: str) -> Response:
        return self.replace(request, slug)

    @extend_schema(
        operation_id="categories_image_destroy",
        summary="Take the picture of a category away",
        responses={204: None, **FORBIDDEN},
    )
    def delete(self, request: Request, slug: str) -> Response:
        return self.remove(request, slug)


@extend_schema(tags=["collections"])
class CollectionPictureView(ShelfPictureView):
    shelf, folder = "collection", "collections"

    @extend_schema(
        operation_id="collections_image_update",
        summary="Give a collection a picture",
        description="Instead of the one that it had.",
        request={"multipart/form-data": ShelfPictureUpload},
        responses={200: ShelfPictureSerializer, **FORBIDDEN},
    )
    def put(self, request: Request, slug: str) -> Response:
        return self.replace(request, slug)

    @extend_schema(
        operation_id="collections_image_destroy",
        summary="Take the picture of a collection away",
        responses={204: None, **FORBIDDEN},
    )
    def delete(self, request: Request, slug: str) -> Response:
        return self.remove(request, slug)
