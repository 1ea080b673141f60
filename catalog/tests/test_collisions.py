"""Acts that meet somebody else's transaction are run again, on real connections; with the control that ends raw."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction
from psycopg import errors as postgres

from catalog import options, retrying, variants
from catalog.errors import ProductGone
from catalog.models import Product, ProductImage, StockLevel
from catalog.options import WantedOption, change_options, generate_missing
from catalog.tests.factories import ProductFactory
from shop.testing.races import run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SMALL = WantedOption(name="Size", values=["S"])


def a_shirt() -> Product:
    product = ProductFactory.create(name="Shirt", sku="SHIRT")
    change_options(product_id=product.pk, options=[WantedOption(name="Size", values=["S", "M"])])
    generate_missing(product_id=product.pk, price=1000)
    return product


def collide(product: Product, monkeypatch: pytest.MonkeyPatch) -> object:
    """A size goes, which locks product and stock, while somebody locks them the other way round; what came of it.

    The other one waits patiently, so that it is the act that PostgreSQL ends.
    """
    stock_is_taken, product_is_taken = threading.Event(), threading.Event()
    lock = variants.lock_product

    def lock_and_tell(product_id: int) -> Product:
        held = lock(product_id)
        product_is_taken.set()
        return held

    def act() -> object:
        stock_is_taken.wait(20)
        return change_options(product_id=product.pk, options=[SMALL])

    def other() -> object:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '60s'; SET LOCAL lock_timeout = '60s'")
            list(StockLevel.objects.select_for_update().filter(variant__product=product).order_by("pk"))
            stock_is_taken.set()
            product_is_taken.wait(20)
            list(Product.objects.select_for_update().filter(pk=product.pk))
        return None

    monkeypatch.setattr(options, "lock_product", lock_and_tell)
    outcome, others = run_parallel([act, other])
    assert others is None
    return outcome


def sizes(product: Product) -> list[str]:
    return list(product.variants.live().values_list("name", flat=True))


def test_the_victim_of_a_deadlock_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    product = a_shirt()
    assert collide(product, monkeypatch) == ["M"]
    assert sizes(product) == ["S"]


def test_control_without_another_try_the_act_ends_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    product = a_shirt()
    outcome = collide(product, monkeypatch)
    assert isinstance(outcome, OperationalError)
    assert isinstance(outcome.__cause__, postgres.DeadlockDetected)
    assert sizes(product) == ["S", "M"]


def test_what_names_something_that_stays_gone_is_told_so() -> None:
    @retrying.retried
    @transaction.atomic(durable=True)
    def act() -> None:
        ProductImage.objects.create(product_id=1, image="products/a.webp", width=1, height=1)

    Product.objects.all().delete()
    with pytest.raises(ProductGone):
        act()
    assert not ProductImage.objects.exists()
