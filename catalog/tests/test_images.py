"""The files of pictures: smaller copies, and what happens to files that nobody shows any more."""

from __future__ import annotations

import io
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import images, pictures
from catalog.models import Collection, ProductImage
from catalog.tests.factories import CategoryFactory, ProductFactory
from catalog.tests.pictures import a_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def stored(size: tuple[int, int] = (1000, 500), mode: str = "RGB", **values: Any) -> ProductImage:
    """A picture with its file."""
    upload = a_file(size, mode=mode)
    encoded = pictures.checked(BytesIO(upload), size=len(upload))
    name = values.pop("image", None) or default_storage.save("products/it.webp", ContentFile(encoded.content))
    return ProductImage.objects.create(
        product=values.pop("product", None) or ProductFactory.create(),
        image=name,
        width=encoded.width,
        height=encoded.height,
        **values,
    )


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def copies_of(image: ProductImage) -> list[tuple[str, int]]:
    image.refresh_from_db()
    return [(each["format"], each["width"]) for each in image.renditions]


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((1600, 900), [320, 640, 960, 1600]),
        ((1000, 1500), [320, 640, 960, 1000]),
        ((640, 640), [320, 640]),
        ((200, 10), [200]),
        ((1, 1), [1]),
        ((1600, 1), [320, 640, 960, 1600]),
    ],
)
def test_copies_are_made_in_two_formats_and_never_larger_than_the_picture(
    size: tuple[int, int], widths: list[int], media: Path
) -> None:
    image = stored(size)
    images.make_renditions(image_id=image.pk)
    # The picture itself is its largest WebP.
    assert copies_of(image) == [
        (format, width) for width in widths for format in ("avif", "webp") if (format, width) != ("webp", widths[-1])
    ]
    for each in image.renditions:
        with Image.open(media / each["name"]) as copy:
            assert (copy.format, copy.width) == (each["format"].upper(), each["width"])
            assert copy.height == max(1, round(size[1] * copy.width / size[0]))
    assert names(media) == {str(image.image.name), *(each["name"] for each in image.renditions)}


def test_what_shines_through_still_does_in_the_copies(media: Path) -> None:
    image = stored((400, 400), mode="RGBA")
    images.make_renditions(image_id=image.pk)
    image.refresh_from_db()
    for each in image.renditions:
        with Image.open(media / each["name"]) as copy:
            assert copy.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]  # four bands


def test_making_them_twice_makes_them_once(media: Path) -> None:
    image = stored()
    images.make_renditions(image_id=image.pk)
    before = names(media)
    images.make_renditions(image_id=image.pk)
    assert names(media) == before


def test_a_picture_without_a_file_has_no_copies_yet() -> None:
    image = ProductImage.objects.create(product=ProductFactory.create(), source_url="https://example.com/a.png")
    images.make_renditions(image_id=image.pk)
    images.make_renditions(image_id=image.pk + 1)
    assert copies_of(image) == []


def test_rows_that_show_one_file_share_its_copies(media: Path) -> None:
    first = stored()
    second, third = (stored(image=first.image.name) for _ in range(2))
    images.make_renditions(image_id=second.pk)
    assert copies_of(first) == copies_of(second) == copies_of(third) != []
    late = stored(image=first.image.name)
    before = names(media)
    images.make_renditions(image_id=late.pk)
    assert copies_of(late) == copies_of(first)
    assert names(media) == before


@pytest.mark.parametrize("what", ["deleted", "replaced", "made by another job"])
def test_copies_of_a_picture_that_changed_meanwhile_go(what: str, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = stored()
    other = [{"format": "avif", "width": 320, "name": "products/other.avif"}]
    rows, make = ProductImage.objects.filter(pk=image.pk), pictures.renditions

    def meanwhile(original: Any) -> Any:
        yield from make(original)
        if what == "deleted":
            rows.delete()
        elif what == "replaced":
            rows.update(image="products/new.webp")
        else:
            rows.update(renditions=other)

    monkeypatch.setattr(pictures, "renditions", meanwhile)
    images.make_renditions(image_id=image.pk)
    assert names(media) == {"products/it.webp"}
    if what == "made by another job":
        image.refresh_from_db()
        assert image.renditions == other


def test_a_picture_that_cannot_be_read_leaves_nothing_half_done(media: Path) -> None:
    image = stored()
    (media / str(image.image.name)).write_bytes(b"RIFF\x00\x00\x00\x00WEBPVP8 broken")
    with pytest.raises(OSError):  # noqa: PT011  # the job is tried again
        images.make_renditions(image_id=image.pk)
    assert names(media) == {"products/it.webp"}
    assert copies_of(image) == []


class TestDiscarding:
    def test_the_files_of_a_picture_that_is_gone_are_removed(self, media: Path) -> None:
        image = stored()
        images.make_renditions(image_id=image.pk)
        image.refresh_from_db()
        files = images.files_of([image])
        image.delete()
        images.discard(files=files)
        assert names(media) == set()
        images.discard(files=files)

    def test_those_that_another_product_shows_stay(self, media: Path) -> None:
        image = stored()
        other = stored(image=image.image.name)
        images.make_renditions(image_id=image.pk)
        image.refresh_from_db()
        before = names(media)
        image.delete()
        images.discard(files=images.files_of([image]))
        assert names(media) == before
        assert copies_of(other)

    def test_so_do_those_of_a_category(self, media: Path) -> None:
        default_storage.save("categories/it.webp", ContentFile(b"x"))
        CategoryFactory.create(image="categories/it.webp")
        images.discard(files=[["categories/it.webp"]])
        assert names(media) == {"categories/it.webp"}


class TestOfShelves:
    """Categories and collections have one picture each."""

    @pytest.mark.parametrize("kind", ["category", "collection"])
    def test_their_pictures_have_copies_too(self, kind: str, media: Path) -> None:
        row = a_shelf(kind)
        images.make_shelf_renditions(shelf=kind, pk=row.pk)
        before = names(media)
        images.make_shelf_renditions(shelf=kind, pk=row.pk)
        row.refresh_from_db()
        assert [each["width"] for each in row.image_renditions] == [320, 320, 500]
        assert names(media) == before == {"it.webp", *(each["name"] for each in row.image_renditions)}

    @pytest.mark.parametrize("kind", ["category", "collection"])
    def test_of_a_replaced_one_nothing_stays(self, kind: str, media: Path) -> None:
        row = a_shelf(kind)
        images.make_shelf_renditions(shelf=kind, pk=row.pk)
        former = images.files_of_shelf(row)
        row.image = "other.webp"
        images.shelf_changed(row, former)
        images.discard(files=[former])
        assert len(names(media)) == 4  # a row still names it
        type(row)._default_manager.filter(pk=row.pk).update(image="other.webp")
        images.discard(files=[former])
        assert names(media) == set()
        jobs = ProcrastinateJob.objects.filter(task_name="catalog.make_shelf_renditions")
        assert [job.args for job in jobs] == [{"shelf": kind, "pk": row.pk}]

    def test_the_home_page_offers_them(self, client: Client) -> None:
        for kind in ("category", "collection"):
            images.make_shelf_renditions(shelf=kind, pk=a_shelf(kind).pk)
        page = client.get("/").content.decode()
        assert page.count('type="image/avif"') == 2
        assert 'width="500" height="500"' in page


def a_shelf(kind: str) -> Any:
    upload = a_file((500, 500))
    content = pictures.checked(io.BytesIO(upload), size=len(upload)).content
    name = default_storage.save("it.webp", ContentFile(content))
    values = {"image": name, "image_width": 500, "image_height": 500}
    if kind == "category":
        return CategoryFactory.create(**values)
    return Collection.objects.create(name="Summer", slug="summer", **values)


class TestTheCommand:
    def test_it_has_made_what_is_missing_once_for_each_file(self, media: Path) -> None:
        first, other, done = stored(), stored(), stored()
        stored(image=first.image.name)
        images.make_renditions(image_id=done.pk)
        out = io.StringIO()
        call_command("make_renditions", stdout=out)
        assert "Copies of 2 pictures are to be made" in out.getvalue()
        jobs = ProcrastinateJob.objects.filter(task_name="catalog.make_renditions").order_by("pk")
        assert [job.args["image_id"] for job in jobs] == [first.pk, other.pk]

    def test_it_does_without_the_worker_and_names_what_cannot_be_read(self, media: Path) -> None:
        image, lost = stored(), stored()
        (media / str(lost.image.name)).unlink()
        out, err = io.StringIO(), io.StringIO()
        call_command("make_renditions", "--here", stdout=out, stderr=err)
        assert "Copies of 1 pictures have been made, 1 could not be read." in out.getvalue()
        assert f"Picture {lost.pk}:" in err.getvalue()
        assert copies_of(image)
