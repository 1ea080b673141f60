"""The files of pictures: smaller copies are made, and what nobody shows any more is removed.

Files are written and removed outside of transactions. What a row says is true at any moment: copies are named in it
once they are there, and removed once no row names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from secrets import token_hex

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog import pictures
from catalog.models import Category, ProductImage
from catalog.srcset import Rendition


def make_renditions(*, image_id: int) -> None:
    """Make the smaller copies of a picture and name them in its row; those that are there are not made again.

    A picture that was deleted or replaced meanwhile leaves no copies behind.
    """
    image = ProductImage.objects.stored().filter(pk=image_id, renditions=[]).first()
    if image is None:
        return
    name = str(image.image.name)
    alike = ProductImage.objects.filter(image=name)  # the shop's own demo shows one file on many products
    known = alike.exclude(renditions=[]).values_list("renditions", flat=True).first()
    made = known or _made(name)
    if not alike.filter(renditions=[]).update(renditions=made) and not known:
        _remove(each["name"] for each in made)


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
