"""Pictures as the API shows them."""

from __future__ import annotations

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import ProductImage
from catalog.srcset import Rendition


class RenditionSerializer(serializers.Serializer[Rendition]):
    """A copy of a picture: smaller, or in another format."""

    url = serializers.SerializerMethodField()
    format = serializers.ChoiceField(choices=["avif", "webp"])
    width = serializers.IntegerField()

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, rendition: Rendition) -> str:
        return str(self.context["request"].build_absolute_uri(default_storage.url(rendition["name"])))


class ImageSerializer(serializers.Serializer[ProductImage]):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    alt = serializers.SerializerMethodField(help_text="The product's name, if the picture has no text of its own.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    renditions = RenditionSerializer(
        many=True, help_text="Copies to choose from by width and format; none as long as they have not been made."
    )

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, image: ProductImage) -> str:
        return str(self.context["request"].build_absolute_uri(image.image.url))

    def get_alt(self, image: ProductImage) -> str:
        return image.alt or image.product.name
