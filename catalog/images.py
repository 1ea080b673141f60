"""The files of pictures: smaller copies are made, and what nobody shows any more is removed.

Files are written and removed outside of transactions. What a row says is true at any moment: copies are named in it
once they are there, and removed once no row names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from secrets import token_hex
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog import pictures
from catalog.errors import ProductGone
from catalog.jobs import enqueue_discard, enqueue_shelf_renditions
from catalog.models import Category, Collection, ProductImage
from catalog.retrying import retried
from catalog.srcset import Rendition

SHELVES: dict[str, type[Category] | type[Collection]] = {"category": Category, "collection": Collection}


@dataclass(frozen=True)
class Stored:
    """A checked picture that the media storage has, and its size in pixels."""

    name: str
    width: int
    height: int


@contextmanager
def stored(upload: IO[bytes], *, size: int, folder: str) -> Iterator[Stored]:
    """An uploaded picture, checked and stored before the transaction that shows it; removed again if none does.

    Raises InvalidProduct for what is no picture, or too large.
    """
    picture = pictures.checked(upload, size=size)
    name = default_storage.save(f"{folder}/{pictures.new_name()}", ContentFile(picture.content))
    try:
        yield Stored(name, picture.width, picture.height)
    finally:
        discard(files=[[name]])


def make_renditions(*, image_id: int) -> None:
    """Make the smaller copies of a picture and name them in its row; those that are there are not made again.

    A picture that was deleted or replaced meanwhile leaves no copies behind.
    """
    _complete(ProductImage.objects.all(), image_id, "renditions")


def make_shelf_renditions(*, shelf: str, pk: int) -> None:
    """The same for the picture of a category or a collection."""
    _complete(SHELVES[shelf]._default_manager.all(), pk, "image_renditions")


def _complete(rows: QuerySet[Any], pk: int, column: str) -> None:
    missing = Q(**{column: []})
    name = rows.filter(missing, pk=pk).exclude(image="").values_list("image", flat=True).first()
    if name is None:
        return
    alike = rows.filter(image=name)  # the shop's own demo shows one file on many products
    known = alike.exclude(missing).values_list(column, flat=True).first()
    made = known or _made(name)
    if not alike.filter(missing).update(**{column: made}) and not known:
        _remove(each["name"] for each in made)


@retried
@transaction.atomic(durable=True)
def picture_shelf(*, shelf: str, pk: int, picture: Stored | None) -> None:
    """Show a picture, stored already, on the page of a category or a collection, or none. Raises ProductGone."""
    rows: QuerySet[Any] = SHELVES[shelf]._default_manager.select_for_update(no_key=True, of=("self",))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise ProductGone(f"This {shelf} no longer exists.")
    former = files_of_shelf(row)
    row.image = picture.name if picture else ""
    row.image_width, row.image_height = (picture.width, picture.height) if picture else (0, 0)
    row.image_renditions = []
    row.save(update_fields=["image", "image_width", "image_height", "image_renditions"])
    shelf_changed(row, former)


def shelf_changed(row: Category | Collection, former: Sequence[str]) -> None:
    """Have copies made of the picture that a category or collection has now, and the files of the former removed.

    Part of the caller's transaction."""
    enqueue_discard([former])
    if row.image:
        enqueue_shelf_renditions(row._meta.model_name or "", row.pk)


def files_of_shelf(row: Category | Collection) -> list[str]:
    """The files of the picture as it is stored, whatever has been put on the row since."""
    rows = type(row)._default_manager.filter(pk=row.pk).exclude(image="")
    for name, copies in rows.values_list("image", "image_renditions"):
        return [name, *(copy["name"] for copy in copies)]
    return []


def shelves_without_renditions() -> list[tuple[str, int]]:
    """The categories and collections whose picture has no copies yet: kind and id."""
    return [
        (kind, pk)
        for kind, model in SHELVES.items()
        for pk in model._default_manager.filter(image_renditions=[]).exclude(image="").values_list("pk", flat=True)
    ]


def without_renditions() -> Iterator[int]:
    """Ids of pictures whose copies have not been made: one for each file, since its rows share them."""
    missing = ProductImage.objects.stored().filter(renditions=[]).order_by("image", "pk").distinct("image")
    return missing.values_list("pk", flat=True).iterator()


def discard(*, files: Iterable[Sequence[str]]) -> None:
    """Remove pictures that nobody shows any more: of each its file and then its copies. Those that a row still names,
    or names again, stay."""
    by_original = {original: copies for original, *copies in files}
    kept = {
        *ProductImage.objects.filter(image__in=by_original).values_list("image", flat=True),
        *Category.objects.filter(image__in=by_original).values_list("image", flat=True),
        *Collection.objects.filter(image__in=by_original).values_list("image", flat=True),
    }
    for original, copies in by_original.items():
        if original not in kept:
            _remove([original, *copies])


def files_of(images: Iterable[ProductImage]) -> list[list[str]]:
    """What `enqueue_discard` is to be told when these pictures are deleted or replaced."""
    return [[str(each.image.name), *(copy["name"] for copy in each.renditions)] for each in images if each.image]


def _made(name: str) -> list[Rendition]:
    with default_storage.open(name) as file:
        original = BytesIO(file.read())
    made: list[Rendition] = []
    try:
        for copy in pictures.renditions(original):
            stored = default_storage.save(_copy_name(name, copy), ContentFile(copy.content))
            made.append({"format": copy.format, "width": copy.width, "name": stored})
    except BaseException:
        _remove(each["name"] for each in made)
        raise
    return made


def _copy_name(name: str, copy: pictures.Encoded) -> str:
    """Never used before: who makes copies twice must not throw away those of the first time."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-{copy.width}-{token_hex(3)}.{copy.format}"))


def _remove(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
