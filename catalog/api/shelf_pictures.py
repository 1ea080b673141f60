"""The picture of a category or a collection, for the catalogue's staff. Shoppers see it with what it shows."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
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

    def put(self, request: Request, slug: str) -> Response:
        row = self.row(request, slug)
        upload = validated(ShelfPictureUpload, request)["image"]
        with images.stored(upload, size=upload.size, folder=self.folder) as picture:
            images.picture_shelf(shelf=self.shelf, pk=row.pk, picture=picture)
        note(request, row, "Changed the picture.")
        url = request.build_absolute_uri(default_storage.url(picture.name))
        return Response({"image": url, "width": picture.width, "height": picture.height})

    def delete(self, request: Request, slug: str) -> Response:
        row = self.row(request, slug)
        images.picture_shelf(shelf=self.shelf, pk=row.pk, picture=None)
        note(request, row, "Deleted the picture.")
        return Response(status=204)

    def row(self, request: Request, slug: str) -> Any:
        allow(request, f"change_{self.shelf}")
        return get_object_or_404(images.SHELVES[self.shelf], slug=slug)


def _described(view: type[ShelfPictureView]) -> type[ShelfPictureView]:
    """Say in the OpenAPI file what the view is about."""
    put = extend_schema(
        tags=[view.folder],
        operation_id=f"{view.folder}_image_update",
        summary=f"Give a {view.shelf} a picture",
        description="Instead of the one that it had.",
        request={"multipart/form-data": ShelfPictureUpload},
        responses={200: ShelfPictureSerializer, **FORBIDDEN},
    )
    delete = extend_schema(
        tags=[view.folder],
        operation_id=f"{view.folder}_image_destroy",
        summary=f"Take the picture of a {view.shelf} away",
        responses={204: None, **FORBIDDEN},
    )
    described: type[ShelfPictureView] = extend_schema_view(put=put, delete=delete)(view)
    return described


@_described
class CategoryPictureView(ShelfPictureView):
    shelf, folder = "category", "categories"


@_described
class CollectionPictureView(ShelfPictureView):
    shelf, folder = "collection", "collections"
