"""Uploaded pictures, checked and stored before a page's transaction begins: decoding one, or sending it to an object
store, must keep no row locked.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from catalog import images
from catalog.errors import InvalidProduct
from catalog.pictures import Encoded, checked, new_name


class StoredPicture(UploadedFile[bytes]):
    """An upload that was found to be a picture, and that the media storage has already."""

    def __init__(self, picture: Encoded, stored_as: str) -> None:
        super().__init__(BytesIO(picture.content), name="picture.webp", size=len(picture.content))
        self.picture, self.stored_as = picture, stored_as

    @property
    def stored(self) -> images.Stored:
        return images.Stored(self.stored_as, self.picture.width, self.picture.height)


class StoresPicturesFirst(ModelAdmin):
    """Stores the pictures of a form before it is looked at; those that nothing shows afterwards are removed again."""

    uploads = re.compile(r"image|images-[0-9]{1,4}-upload")
    folder = "products"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        is_allowed = self.has_change_permission(request) if object_id else self.has_add_permission(request)
        stored = self._store_pictures(request) if request.method == "POST" and is_allowed else []
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        finally:
            if stored:
                images.discard(files=[[name] for name in stored])

    def _store_pictures(self, request: HttpRequest) -> list[str]:
        stored = []
        for field, upload in list(request.FILES.items()):
            if self.uploads.fullmatch(field) and isinstance(upload, UploadedFile):
                try:
                    picture = checked(upload, size=upload.size or 0)
                except InvalidProduct:
                    continue  # the form says why
                name = default_storage.save(f"{self.folder}/{new_name()}", ContentFile(picture.content))
                request.FILES[field] = StoredPicture(picture, name)
                stored.append(name)
        return stored
