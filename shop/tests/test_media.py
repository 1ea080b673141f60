"""Where files are kept: folders, or buckets of an object store that is spoken to over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client

from catalog import images, pictures
from catalog.models import ProductImage
from catalog.tests.factories import ProductFactory
from catalog.tests.pictures import a_file
from shop.checks import media_settings, pictures_come_from_outside, refuse_unsafe_start
from shop.media import Media, media_from
from shop.testing.buckets import ObjectStore, object_store

WHOLE = {"MEDIA_STORAGE": "s3", "S3_BUCKET": "pictures", "S3_PRIVATE_BUCKET": "imports"}


def media(**values: str) -> Media:
    env = environ.Env()
    env.ENVIRON = values
    return media_from(env, private_root="/srv/private")


def address_of(found: Media) -> str:
    options = found.storages["default"]["OPTIONS"]
    return f"{options['url_protocol']}//{options['custom_domain']}"


def test_files_are_kept_in_folders_unless_something_else_is_set() -> None:
    found = media()
    assert (found.storage, found.origin, found.missing) == ("local", "", ())
    assert found.storages["private"]["OPTIONS"] == {"location": "/srv/private"}


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, "https://pictures.s3.amazonaws.com"),
        ({"S3_REGION": "eu-central-1"}, "https://pictures.s3.eu-central-1.amazonaws.com"),
        ({"S3_ENDPOINT_URL": "https://store.example.com/"}, "https://store.example.com/pictures"),
        ({"S3_PUBLIC_URL": "https://media.example.com/shop/"}, "https://media.example.com/shop"),
    ],
)
def test_pictures_have_an_address_for_everybody(values: dict[str, str], address: str) -> None:
    found = media(**WHOLE, **values)
    assert address_of(found) == address
    assert found.origin == "/".join(address.split("/")[:3])


def test_what_is_missing_is_said_and_stops_the_start(settings: Any) -> None:
    settings.MEDIA = media(MEDIA_STORAGE="s3", S3_BUCKET="pictures")
    assert [error.msg for error in media_settings()] == ["MEDIA_STORAGE is s3, and S3_PRIVATE_BUCKET is not set."]
    with pytest.raises(ImproperlyConfigured, match="S3_PRIVATE_BUCKET"):
        refuse_unsafe_start()
    settings.MEDIA = media(**WHOLE | {"S3_PRIVATE_BUCKET": "pictures"})
    assert [error.id for error in media_settings()] == ["shop.E032"]
    settings.MEDIA = media(MEDIA_STORAGE="ftp")
    assert [error.id for error in media_settings()] == ["shop.E030"]
    for good in (media(), media(**WHOLE)):
        settings.MEDIA = good
        assert media_settings() == []


def test_production_is_warned_of_fetching_from_itself(settings: Any) -> None:
    settings.DEBUG, settings.SHOP_IMAGES_ALLOW_PRIVATE = False, True
    assert [warning.id for warning in pictures_come_from_outside()] == ["shop.W004"]
    settings.SHOP_IMAGES_ALLOW_PRIVATE = False
    assert pictures_come_from_outside() == []


class TestInAnObjectStore:
    @pytest.fixture
    def store(self, settings: Any) -> Iterator[ObjectStore]:
        with object_store() as store:
            found = media(
                **WHOLE, S3_ENDPOINT_URL=store.url, S3_REGION="x", S3_ACCESS_KEY_ID="key", S3_SECRET_ACCESS_KEY="secret"
            )
            settings.MEDIA, settings.STORAGES = found, {**settings.STORAGES, **found.storages}
            yield store

    def test_what_is_private_is_in_a_bucket_of_its_own(self, store: ObjectStore) -> None:
        name = storages["private"].save("imports/products.csv", ContentFile(b"Handle,Title"))
        assert [*store.objects] == [f"imports/{name}"]
        assert "X-Amz-Signature" in storages["private"].url(name)
        with storages["private"].open(name) as file:
            assert file.read() == b"Handle,Title"

    @pytest.mark.django_db
    def test_pictures_are_stored_shown_and_removed(self, store: ObjectStore, client: Client) -> None:
        picture = pictures.checked(BytesIO(a_file((400, 400))), size=1000)
        name = default_storage.save("products/a.webp", ContentFile(picture.content))
        product = ProductFactory.create(slug="mug")
        image = ProductImage.objects.create(product=product, image=name, width=400, height=400)
        images.make_renditions(image_id=image.pk)
        image.refresh_from_db()

        kept = {key: value.headers["content-type"] for key, value in store.objects.items()}
        assert kept == {
            "pictures/products/a.webp": "image/webp",
            **{f"pictures/{each['name']}": f"image/{each['format']}" for each in image.renditions},
        }
        assert "immutable" in store.objects["pictures/products/a.webp"].headers["cache-control"]

        answer = client.get("/products/mug/")
        assert f'src="{store.url}/pictures/products/a.webp"' in answer.content.decode()
        assert f"img-src 'self' {store.url} data:" in answer["Content-Security-Policy"]

        image.delete()
        images.discard(files=images.files_of([image]))
        assert store.objects == {}

    @pytest.mark.parametrize("page", ["/", "/admin/login/"])
    @pytest.mark.django_db
    def test_without_one_pages_show_pictures_of_the_shop_alone(self, client: Client, page: str) -> None:
        assert "img-src 'self' data:" in client.get(page)["Content-Security-Policy"]
