"""Pictures over the API. Clara keeps the catalogue, Otto the orders, Charlie shops."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Category, Product, ProductImage
from catalog.pictures import MAX_BYTES
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, CollectionFactory, ProductFactory, ProductImageFactory
from catalog.tests.pictures import a_file
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
CUP = "/api/v1/products/cup/"
URL = f"{CUP}images/"
TOO_MANY_PIXELS = a_file((5001, 5001), "GIF")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def cup() -> Product:
    return ProductFactory.create(name="Cup", slug="cup", sku="CUP")


@pytest.fixture
def clara() -> Any:
    return client_of("clara")


def picture(content: bytes | None = None, name: str = "../evil.php.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_file() if content is None else content, "image/png")


def upload(client: Any, content: bytes | None = None, url: str = URL, key: str = "", **fields: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(url, {"image": picture(content)} | fields, format="multipart", headers=headers)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def jobs(name: str) -> list[dict[str, Any]]:
    found = ProcrastinateJob.objects.filter(task_name=f"catalog.{name}", status="todo").order_by("pk")
    return [job.args for job in found]


def order(product: Product) -> list[int]:
    return [image.pk for image in product.images.order_by("position", "pk")]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_uploaded_picture_is_ours_and_shown_with_the_product(clara: Any, cup: Product, media: Path) -> None:
    variant = cup.variants.get()
    answer = upload(clara, a_file((800, 600)), alt="A cup", variant=variant.pk)

    assert answer.status_code == 201, answer.content
    image = ProductImage.objects.get()
    assert answer.json() == {
        "id": image.pk,
        "url": f"http://testserver{image.image.url}",
        "alt": "A cup",
        "position": 0,
        "variants": [variant.pk],
        "width": 800,
        "height": 600,
        "renditions": [],
        "state": "stored",
        "source_url": "",
        "problem": "",
    }
    assert answer["Location"] == f"http://testserver{URL}{image.pk}/"
    assert files(media) == [image.image.name]
    assert "evil" not in str(image.image.name)
    assert jobs("make_renditions") == [{"image_id": image.pk}]

    work_off_the_queue()
    [shown] = client_of(None).get(CUP).json()["images"]
    assert (shown["id"], shown["alt"]) == (image.pk, "A cup")
    assert {each["width"] for each in shown["renditions"]} == {320, 640, 800}
    assert client_of(None).get(CUP).json()["variants"][0]["image"] == image.pk
    assert clara.get(f"{URL}{image.pk}/").json()["renditions"] == shown["renditions"]


def test_pictures_stand_at_the_end_or_where_they_are_put(clara: Any, cup: Product) -> None:
    first, second = upload(clara).json(), upload(clara).json()
    third = upload(clara, position=1).json()
    assert [each["position"] for each in (first, second, third)] == [0, 1, 1]
    assert order(cup) == [first["id"], third["id"], second["id"]]

    moved = clara.patch(f"{URL}{second['id']}/", {"position": 0}, format="json")
    assert (moved.status_code, moved.json()["position"]) == (200, 0)
    assert order(cup) == [second["id"], first["id"], third["id"]]

    arranged = clara.put(URL, {"images": [third["id"], first["id"], second["id"]]}, format="json")
    assert arranged.status_code == 200
    listed = [(each["id"], each["position"]) for each in arranged.json()["results"]]
    assert listed == [(third["id"], 0), (first["id"], 1), (second["id"], 2)]
    assert clara.get(URL).json() == arranged.json()
    assert [each["id"] for each in clara.get(f"{URL}?skip=1&limit=1").json()["results"]] == [first["id"]]


def test_the_text_changes_and_nothing_else(clara: Any, cup: Product) -> None:
    image = ProductImageFactory.create(product=cup, alt="old", position=7)
    answer = clara.patch(f"{URL}{image.pk}/", {"alt": "<b>new</b>"}, format="json")
    assert answer.status_code == 200
    assert [*cup.images.values_list("alt", "position")] == [("<b>new</b>", 7)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_deleted_picture_takes_its_files_along(clara: Any, cup: Product, media: Path) -> None:
    image_id = upload(clara, variant=cup.variants.get().pk).json()["id"]
    work_off_the_queue()
    assert len(files(media)) > 1

    assert clara.delete(f"{URL}{image_id}/").status_code == 204

    work_off_the_queue()
    assert files(media) == []
    assert client_of(None).get(CUP).json()["images"] == []
    assert cup.variants.get().image_id is None
    assert clara.delete(f"{URL}{image_id}/").status_code == 404


def test_what_is_still_to_be_fetched_is_shown_to_staff_alone(clara: Any, cup: Product) -> None:
    ProductImage.objects.create(
        product=cup, source_url="https://example.com/a.png", state="failed", problem="It was not there."
    )
    [seen] = clara.get(URL).json()["results"]
    assert (seen["url"], seen["state"], seen["problem"]) == (None, "failed", "It was not there.")
    assert seen["source_url"] == "https://example.com/a.png"
    assert client_of(None).get(CUP).json()["images"] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?php",
        a_file()[:60],
        a_file(format="BMP"),
        TOO_MANY_PIXELS,
    ],
)
def test_what_is_no_picture_or_a_bomb_is_refused(clara: Any, cup: Product, media: Path, content: bytes) -> None:
    answer = upload(clara, content)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert set(answer.json()["errors"]) == {"image"}
    assert not cup.images.exists()
    assert files(media) == []
    assert not LogEntry.objects.exists()


def test_too_large_a_file_is_refused_unread(clara: Any, cup: Product, media: Path) -> None:
    answer = upload(clara, b"x" * (MAX_BYTES + 200_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
    just = upload(clara, a_file() + b"x" * MAX_BYTES)
    assert (just.status_code, just.json()["errors"]) == (400, {"image": ["This file is larger than 15 MB."]})
    assert files(media) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"alt": "a" * 501}, "alt"),
        ({"alt": "nul\0"}, "alt"),
        ({"position": -1}, "position"),
        ({"position": 2**31}, "position"),
        ({"position": "first"}, "position"),
        ({"variant": 0}, "variant"),
        ({"variant": 2**63}, "variant"),
    ],
)
def test_bad_fields_are_named_and_leave_nothing(
    clara: Any, cup: Product, media: Path, fields: dict[str, Any], field: str
) -> None:
    answer = upload(clara, **fields)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert not cup.images.exists()
    assert files(media) == []


def test_a_variant_of_another_product_is_refused_and_no_file_stays(clara: Any, cup: Product, media: Path) -> None:
    other = ProductFactory.create().variants.get()
    answer = upload(clara, variant=other.pk)
    assert (answer.status_code, answer.json()["errors"]) == (400, {"variant": ["This is no variant of the product."]})
    assert not cup.images.exists()
    assert files(media) == []
    other.refresh_from_db()
    assert other.image_id is None


def test_a_product_has_a_hundred_pictures_at_most(clara: Any, cup: Product, media: Path) -> None:
    ProductImageFactory.create_batch(100, product=cup)
    answer = upload(clara)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"image"})
    assert files(media) == []


@pytest.mark.parametrize("body", [{"images": []}, {"images": [1, 1]}, {"images": "all"}, {}, {"images": [True]}])
def test_an_order_names_each_picture_once(clara: Any, cup: Product, body: dict[str, Any]) -> None:
    ProductImageFactory.create_batch(2, product=cup)
    before = order(cup)
    answer = clara.put(URL, body, format="json")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"images"})
    assert order(cup) == before


@pytest.mark.parametrize("changes", [{"position": "1"}, {"position": True}, {"position": 1.5}, {"alt": 5}])
def test_changes_are_read_strictly(clara: Any, cup: Product, changes: dict[str, Any]) -> None:
    image = ProductImageFactory.create(product=cup)
    answer = clara.patch(f"{URL}{image.pk}/", changes, format="json")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, set(changes))


def test_a_picture_comes_as_a_form_and_changes_as_json(clara: Any, cup: Product) -> None:
    assert clara.post(URL, {"image": "x"}, format="json").status_code == 415
    assert clara.put(URL, {"images": [1]}, format="multipart").status_code == 415
    garbage = clara.generic("POST", URL, b"garbage", "multipart/form-data")
    assert (garbage.status_code, garbage.json()["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_others_see_and_change_nothing(cup: Product, media: Path, who: str | None, status: int) -> None:
    image = ProductImageFactory.create(product=cup)
    category = CategoryFactory.create(slug="cups")
    client = client_of(who)
    for answer in (
        client.get(URL),
        client.get(f"{URL}{image.pk}/"),
        upload(client, key="k"),
        client.put(URL, {"images": [image.pk]}, format="json"),
        client.patch(f"{URL}{image.pk}/", {"alt": "mine"}, format="json"),
        client.delete(f"{URL}{image.pk}/"),
        client.put("/api/v1/categories/cups/image/", {"image": picture()}, format="multipart"),
        client.delete("/api/v1/categories/cups/image/"),
        client.put("/api/v1/collections/cups/image/", {"image": picture()}, format="multipart"),
        client.delete("/api/v1/collections/cups/image/"),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    category.refresh_from_db()
    assert [each.alt for each in cup.images.all()] == ["The thing on a table"]
    assert (bool(category.image), files(media)) == (False, [])


def test_a_picture_belongs_to_the_product_of_its_address(clara: Any, cup: Product) -> None:
    image = ProductImageFactory.create()
    assert clara.get(f"{URL}{image.pk}/").status_code == 404
    assert clara.patch(f"{URL}{image.pk}/", {"alt": "x"}, format="json").status_code == 404
    assert clara.delete(f"{URL}{image.pk}/").status_code == 404
    assert upload(clara, url="/api/v1/products/nothing/images/").status_code == 404
    assert ProductImage.objects.filter(pk=image.pk).exists()


def test_the_same_upload_again_is_one_picture_and_another_file_another_request(
    clara: Any, cup: Product, media: Path
) -> None:
    first = upload(clara, key="a-key")
    again = upload(clara, key="a-key")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert again["Location"] == first["Location"]
    other = upload(clara, a_file(colour=(9, 9, 9)), key="a-key")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (cup.images.count(), len(files(media))) == (1, 1)


def test_who_did_it_is_written_down(clara: Any, cup: Product) -> None:
    image_id = upload(clara, alt="Blue").json()["id"]
    clara.patch(f"{URL}{image_id}/", {"alt": "Red"}, format="json")
    clara.put(URL, {"images": [image_id]}, format="json")
    clara.delete(f"{URL}{image_id}/")
    entries = LogEntry.objects.order_by("pk")
    assert {(entry.user.get_username(), entry.object_id) for entry in entries} == {("clara", str(cup.pk))}
    assert [entry.change_message for entry in entries] == [
        "Added picture “Blue”.",
        "Changed picture “Blue”.",
        "Changed the order of the pictures.",
        "Deleted picture “Red”.",
    ]


def test_a_list_costs_the_same_for_one_picture_and_for_many(
    clara: Any, cup: Product, django_assert_num_queries: Any
) -> None:
    for number in (1, 30):
        ProductImageFactory.create_batch(number, product=cup)
        clara.get(URL)
        with django_assert_num_queries(4):  # the product, how many, the pictures, their variants
            assert clara.get(f"{URL}?limit=100").status_code == 200


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("kind", ["categories", "collections"])
def test_a_shelf_is_given_a_picture_another_and_none(clara: Any, media: Path, kind: str) -> None:
    shelf: Any = CategoryFactory if kind == "categories" else CollectionFactory
    row = shelf.create(slug="cups", name="Cups")
    url = f"/api/v1/{kind}/cups/image/"

    first = clara.put(url, {"image": picture(a_file((400, 300)))}, format="multipart")
    assert first.status_code == 200, first.content
    assert (first.json()["width"], first.json()["height"]) == (400, 300)
    assert client_of(None).get(f"/api/v1/{kind}/cups/").json()["image"] == first.json()["image"]
    work_off_the_queue()
    before = files(media)
    assert len(before) > 1

    assert clara.put(url, {"image": picture()}, format="multipart").status_code == 200
    work_off_the_queue()
    assert not {*before} & {*files(media)}
    row.refresh_from_db()
    assert (row.image_width, row.image_height) == (40, 30)
    refused = clara.put(url, {"image": picture(b"none")}, format="multipart")
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"image"})

    assert clara.delete(url).status_code == 204
    work_off_the_queue()
    assert files(media) == []
    assert client_of(None).get(f"/api/v1/{kind}/cups/").json()["image"] is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_deleted_category_takes_its_picture_along(clara: Any, media: Path) -> None:
    CategoryFactory.create(slug="cups")
    clara.put("/api/v1/categories/cups/image/", {"image": picture()}, format="multipart")
    work_off_the_queue()
    assert files(media)
    assert clara.delete("/api/v1/categories/cups/").status_code == 204
    work_off_the_queue()
    assert not Category.objects.filter(slug="cups").exists()
    assert files(media) == []


def test_a_category_that_stays_keeps_its_picture(clara: Any, media: Path) -> None:
    category = CategoryFactory.create(slug="cups")
    ProductFactory.create(category=category)
    clara.put("/api/v1/categories/cups/image/", {"image": picture()}, format="multipart")
    assert clara.delete("/api/v1/categories/cups/").status_code == 409
    assert jobs("discard_files") == []
    assert files(media)


def test_pictures_added_here_are_those_of_the_admin(clara: Any, cup: Product, admin_client: Any) -> None:
    upload(clara, BytesIO(a_file()).getvalue(), alt="From afar")
    page = admin_client.get(reverse("admin:catalog_product_change", args=[cup.pk])).content.decode()
    assert "From afar" in page
