"""The pictures of a product, as acts and at the same moment."""

from __future__ import annotations

import threading

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import gallery
from catalog.errors import InvalidProduct, ProductGone
from catalog.gallery import add_picture, arrange_pictures, change_picture, delete_picture
from catalog.images import Stored
from catalog.models import Product, ProductImage
from catalog.products import archive_or_delete_product
from catalog.tests.factories import ProductFactory, ProductImageFactory
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def stored(number: int = 0) -> Stored:
    return Stored(f"products/{number}.webp", 40, 30)


def positions(product: Product) -> list[int]:
    return list(product.images.order_by("position", "pk").values_list("position", flat=True))


def test_pictures_that_came_with_gaps_and_ties_are_counted_through_once_one_is_moved() -> None:
    product = ProductFactory.create()
    first, second, third = (ProductImageFactory.create(product=product, position=n) for n in (3, 3, 9))
    change_picture(image_id=third.pk, position=1)
    order = list(product.images.order_by("position", "pk").values_list("pk", flat=True))
    assert (order, positions(product)) == ([first.pk, third.pk, second.pk], [0, 1, 2])


def test_a_place_beyond_the_last_is_the_last() -> None:
    product = ProductFactory.create()
    first, second = (ProductImageFactory.create(product=product, position=n) for n in range(2))
    change_picture(image_id=first.pk, position=30_000)
    assert list(product.images.order_by("position").values_list("pk", flat=True)) == [second.pk, first.pk]


def test_what_changes_is_seen_by_those_who_ask_whether_the_product_did() -> None:
    product = ProductFactory.create()
    before = product.updated_at
    add_picture(product_id=product.pk, picture=stored())
    product.refresh_from_db(fields=["updated_at"])
    assert product.updated_at > before


def test_files_that_another_row_shows_stay_with_it() -> None:
    image = ProductImageFactory.create(image="products/shared.webp")
    ProductImageFactory.create(image="products/shared.webp")
    delete_picture(image_id=image.pk)
    job = ProcrastinateJob.objects.filter(task_name="catalog.discard_files").latest("pk")
    assert job.args == {"files": [["products/shared.webp"]]}  # the job asks who shows it still


def test_what_is_gone_or_belongs_elsewhere_is_refused_and_nothing_changes() -> None:
    product, image = ProductFactory.create(), ProductImageFactory.create()
    with pytest.raises(InvalidProduct):
        arrange_pictures(product_id=product.pk, image_ids=[image.pk])
    with pytest.raises(InvalidProduct):
        add_picture(product_id=product.pk, picture=stored(), variant_id=image.product.variants.get().pk)
    archive_or_delete_product(product_id=product.pk)
    ProductImage.objects.filter(pk=image.pk).delete()
    for act in (
        lambda: add_picture(product_id=product.pk, picture=stored()),
        lambda: change_picture(image_id=image.pk, alt="x"),
        lambda: delete_picture(image_id=image.pk),
        lambda: arrange_pictures(product_id=product.pk, image_ids=[]),
    ):
        with pytest.raises(ProductGone):
            act()
    assert not ProductImage.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_pictures_added_at_once_each_get_a_place_and_no_product_gets_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MAX_PICTURES", 5)
    product = ProductFactory.create()
    outcomes = at_once(8, lambda n: add_picture(product_id=product.pk, picture=stored(n)))
    assert sum(isinstance(each, InvalidProduct) for each in outcomes) == 3
    assert positions(product) == [0, 1, 2, 3, 4]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_control_without_the_lock_of_the_product_two_stand_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MAX_PICTURES", 1)
    product, both_have_looked, end = ProductFactory.create(), threading.Barrier(2), gallery._end

    def late(product: Product) -> int:
        found = end(product)
        both_have_looked.wait(20)
        return found

    monkeypatch.setattr(gallery, "lock_product", lambda _: product)
    monkeypatch.setattr(gallery, "_end", late)
    at_once(2, lambda n: add_picture(product_id=product.pk, picture=stored(n)))
    assert positions(product) == [0, 0]
