"""Pictures on the page of their product, and those that could not be fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Category, Collection, ImportRun, Product, ProductImage
from catalog.products import archive_or_delete_product
from catalog.tests.factories import ProductFactory
from catalog.tests.pictures import a_file
from catalog.tests.test_admin import errors_of, filled, login, page_of
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
State = ProductImage.State
LIST = reverse("admin:catalog_productimage_changelist")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def clara() -> Client:
    return login("clara")


def upload(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("../evil.php.png", a_file() if content is None else content, "image/png")


def with_pictures(product: Product, *forms: dict[str, Any]) -> dict[str, Any]:
    """What the browser sends: a form for each picture there is, and then those that are new."""
    there = list(product.images.all())
    data = filled(product) | {"images-TOTAL_FORMS": len(forms), "images-INITIAL_FORMS": len(there)}
    for number, form in enumerate(forms):
        values: dict[str, Any] = {"position": 0, "alt": ""}
        if number < len(there):
            image = there[number]
            values = {"id": image.pk, "product": product.pk, "position": image.position, "alt": image.alt}
        data |= {f"images-{number}-{name}": value for name, value in (values | form).items()}
    return data


def save(client: Client, product: Product, *forms: dict[str, Any]) -> Any:
    return client.post(page_of(product), with_pictures(product, *forms))


def a_product(client: Client, pictures: int = 1) -> Product:
    product = ProductFactory.create()
    assert save(client, product, *[{"upload": upload()} for _ in range(pictures)]).status_code == 302
    return product


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def jobs(name: str) -> list[dict[str, Any]]:
    found = ProcrastinateJob.objects.filter(task_name=f"catalog.{name}", status="todo").order_by("pk")
    return [job.args for job in found]


def test_pictures_are_added_at_the_end_and_their_copies_ordered(clara: Client, media: Path) -> None:
    product = a_product(clara, 3)
    images = list(product.images.all())
    assert [image.position for image in images] == [0, 1, 2]
    assert {(image.state, image.width, image.height) for image in images} == {(State.STORED, 40, 30)}
    assert files(media) == sorted(str(image.image.name) for image in images)
    assert jobs("make_renditions") == [{"image_id": image.pk} for image in images]


def test_dragging_changes_the_order(clara: Client) -> None:
    product = a_product(clara, 3)
    before = [image.pk for image in product.images.all()]
    assert save(clara, product, {"position": 2}, {"position": 0}, {"position": 1}).status_code == 302
    assert [image.pk for image in product.images.all()] == [before[1], before[2], before[0]]


def test_a_text_can_be_given_and_taken_away(clara: Client) -> None:
    product = a_product(clara)
    save(clara, product, {"alt": "A mug on a table"})
    assert product.images.get().alt == "A mug on a table"
    save(clara, product, {"alt": ""})
    assert product.images.get().alt == ""


@pytest.mark.django_db(transaction=True)
def test_the_files_of_a_replaced_picture_go_and_the_new_one_gets_copies(clara: Client, media: Path) -> None:
    product = a_product(clara)
    work_off_the_queue()
    before = files(media)
    save(clara, product, {"upload": upload(a_file((500, 500)))})
    work_off_the_queue()
    image = product.images.get()
    assert (image.width, image.height) == (500, 500)
    assert [each["width"] for each in image.renditions] == [320, 320, 500]
    assert files(media) == sorted([image.image.name, *(each["name"] for each in image.renditions)])
    assert not {*files(media)} & {*before}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["picture", "product"])
def test_the_files_of_what_is_deleted_go(clara: Client, media: Path, how: str) -> None:
    product = a_product(clara, 2)
    work_off_the_queue()
    if how == "picture":
        save(clara, product, {"DELETE": "on"}, {})
    else:
        archive_or_delete_product(product_id=product.pk)
    work_off_the_queue()
    left = ProductImage.objects.all()
    assert left.count() == (1 if how == "picture" else 0)
    assert files(media) == sorted(
        name for image in left for name in [image.image.name, *(each["name"] for each in image.renditions)]
    )


def test_what_is_refused_leaves_no_file(clara: Client, media: Path) -> None:
    product = ProductFactory.create()
    assert "This is not a" in errors_of(save(clara, product, {"upload": upload(b"<svg/>")}))
    assert "empty" in errors_of(save(clara, product, {"upload": upload(b"")}))
    assert "Choose a file" in errors_of(save(clara, product, {"alt": "Nothing"}))
    # The picture is fine, something else is not.
    data = with_pictures(product, {"upload": upload()}) | {"name": ""}
    assert errors_of(clara.post(page_of(product), data))
    assert files(media) == []
    assert jobs("make_renditions") == []


def test_nothing_is_stored_for_who_may_not(media: Path) -> None:
    product = ProductFactory.create()
    for name in ("otto", "charlie"):
        login(name).post(page_of(product), with_pictures(product, {"upload": upload()}))
    assert files(media) == []
    assert not product.images.exists()


@pytest.mark.parametrize("kind", ["category", "collection"])
def test_the_picture_of_a_category_or_collection_is_replaced_without_a_trace(
    clara: Client, media: Path, kind: str
) -> None:
    add = reverse(f"admin:catalog_{kind}_add")
    rules = {"rules-TOTAL_FORMS": 0, "rules-INITIAL_FORMS": 0} if kind == "collection" else {}
    data = {"name": "Summer", "slug": "summer", "description": "", "position": 0, **rules}
    assert clara.post(add, data | {"image": upload()}).status_code == 302
    row: Any = (Category if kind == "category" else Collection).objects.get(slug="summer")
    assert files(media) == [row.image.name]
    assert (row.image_width, row.image_height) == (40, 30)
    first = row.image.name

    change = reverse(f"admin:catalog_{kind}_change", args=[row.pk])
    assert clara.post(change, data | {"image": upload(b"nothing")}).status_code == 200
    assert files(media) == [first]
    assert clara.post(change, data | {"image": upload(a_file((60, 60)))}).status_code == 302
    row.refresh_from_db()
    assert (row.image_width, row.image_renditions) == (60, [])
    assert jobs("discard_files") == [{"files": [[first]]}]
    assert jobs("make_shelf_renditions") == [{"shelf": kind, "pk": row.pk}] * 2

    assert clara.post(reverse(f"admin:catalog_{kind}_delete", args=[row.pk]), {"post": "yes"}).status_code == 302
    assert jobs("discard_files")[1:] == [{"files": [[row.image.name]]}]


class TestFetched:
    """Pictures that came, or shall come, from elsewhere."""

    @pytest.fixture
    def product(self) -> Product:
        return ProductFactory.create(name="Stone mug")

    @pytest.fixture
    def failed(self, product: Product) -> ProductImage:
        return ProductImage.objects.create(
            product=product,
            source_url="https://old.example.com/mug.jpg",
            state=State.FAILED,
            tries=5,
            problem="It answered 404.",
        )

    def test_the_page_says_why_it_is_missing(self, clara: Client, product: Product, failed: ProductImage) -> None:
        page = clara.get(page_of(product)).content.decode()
        assert "Could not be fetched: It answered 404." in page
        assert "https://old.example.com/mug.jpg" in page

    def test_it_is_fetched_again_when_asked_for(self, clara: Client, product: Product, failed: ProductImage) -> None:
        assert save(clara, product, {"again": "on"}).status_code == 302
        failed.refresh_from_db()
        assert (failed.state, failed.tries, failed.problem) == (State.WAITING, 0, "")
        assert jobs("fetch_images") == [{"image_ids": [failed.pk]}]

    def test_saving_the_page_alone_changes_nothing(self, clara: Client, product: Product, failed: ProductImage) -> None:
        assert save(clara, product, {}).status_code == 302
        failed.refresh_from_db()
        assert (failed.state, failed.tries) == (State.FAILED, 5)
        assert jobs("fetch_images") == []

    def test_a_file_can_be_uploaded_in_its_place(self, clara: Client, product: Product, failed: ProductImage) -> None:
        assert save(clara, product, {"upload": upload()}).status_code == 302
        failed.refresh_from_db()
        assert (failed.state, failed.problem, failed.width) == (State.STORED, "", 40)
        assert failed.source_url == "https://old.example.com/mug.jpg"  # so that it is not imported once more

    def test_the_list_shows_them_to_those_who_keep_the_catalogue(self, clara: Client, failed: ProductImage) -> None:
        page = clara.get(LIST).content.decode()
        for words in ("Stone mug", "Could not be fetched: It answered 404.", "https://old.example.com/mug.jpg"):
            assert words in page
        assert login("otto").get(LIST).status_code == 403

    def test_many_are_fetched_again_from_there(self, clara: Client, failed: ProductImage) -> None:
        chosen = {"action": "fetch_again", "_selected_action": [failed.pk]}
        page = clara.post(LIST, chosen, follow=True).content.decode()
        assert "1 will be fetched again." in page
        failed.refresh_from_db()
        assert failed.state == State.WAITING

    def test_start_page_and_report_of_an_import_count_them(self, clara: Client, failed: ProductImage) -> None:
        run = ImportRun.objects.create(kind="products", file_name="mine.csv", state=ImportRun.State.DONE)
        ProductImage.objects.create(product=failed.product, source_url="https://x.example.com/", state=State.WAITING)
        ProductImage.objects.update(import_run=run)
        ProductImage.objects.create(product=failed.product, source_url="https://y.example.com/", state=State.WAITING)
        start = " ".join(clara.get(reverse("admin:index")).content.decode().split())
        assert "pictures could not be fetched" in start
        report = " ".join(clara.get(reverse("admin:catalog_importrun_change", args=[run.pk])).content.decode().split())
        assert "1 picture</a> of this import is still to be fetched." in report
        assert "1 could not be fetched</a>" in report
