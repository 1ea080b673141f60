"""Shoppers put into their carts what staff take off the shelf at the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db.models.sql import DeleteQuery
from psycopg import errors as postgres

from catalog import retrying
from catalog.errors import ProductGone
from catalog.models import Product, Variant
from catalog.options import WantedOption, change_options, generate_missing
from catalog.tests.factories import ProductFactory
from orders import cart as carts
from orders.models import CartLine
from orders.tests.auditing import broken_rules
from shop.testing.races import run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def two_sizes() -> Product:
    product = ProductFactory.create(name="Shirt", sku="SHIRT")
    change_options(product_id=product.pk, options=[WantedOption(name="Size", values=["S", "M"])])
    generate_missing(product_id=product.pk, price=1000, stock_quantity=5)
    return product


def take_away_while_it_is_put_into_a_cart(product: Product, monkeypatch: pytest.MonkeyPatch) -> object:
    """The size M goes; when it is out of all carts, and before it is gone, it is put into one. What came of it."""
    medium, delete = Variant.objects.get(product=product, name="M").pk, DeleteQuery.delete_batch
    shoppers: list[Any] = [lambda: carts.add(user=None, token=None, variant_id=medium, quantity=1)]

    def late(self: DeleteQuery, pk_list: list[int], using: str) -> int:
        if shoppers and pk_list == [medium]:
            thread = threading.Thread(target=run_parallel, args=[[shoppers.pop()]])
            thread.start()
            thread.join(20)
        return delete(self, pk_list, using)

    monkeypatch.setattr(DeleteQuery, "delete_batch", late)
    small = WantedOption(name="Size", values=["S"])
    [outcome] = run_parallel([lambda: change_options(product_id=product.pk, options=[small])])
    assert not shoppers
    return outcome


def test_a_size_that_goes_leaves_the_cart_it_was_just_put_into(monkeypatch: pytest.MonkeyPatch) -> None:
    product = two_sizes()
    assert take_away_while_it_is_put_into_a_cart(product, monkeypatch) == ["M"]
    assert list(product.variants.values_list("name", flat=True)) == ["S"]
    assert not CartLine.objects.exists()
    assert broken_rules() == []


def test_control_without_another_look_nothing_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    outcome = take_away_while_it_is_put_into_a_cart(two_sizes(), monkeypatch)
    assert isinstance(outcome, ProductGone)
    assert outcome.__cause__ is not None
    assert isinstance(outcome.__cause__.__cause__, postgres.ForeignKeyViolation)
    assert CartLine.objects.count() == 1
