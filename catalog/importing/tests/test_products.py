"""Products of a file become products of the shop."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.models import ImportRun, Product

SHARED = Path("/work/shared/data")


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "products", "variants"), [("shopify-apparel.csv", 20, 22), ("shopify-home-and-garden.csv", 20, 21)]
)
def test_files_as_shopify_exports_them_come_in_completely_and_change_nothing_the_second_time(
    name: str, products: int, variants: int
) -> None:
    call_command("import_products", shared(name), verbosity=0, stdout=io.StringIO())

    first = ImportRun.objects.get()
    assert (first.created, first.updated, first.refused) == (products, 0, 0)
    assert Product.objects.count() == products

    call_command("import_products", shared(name), verbosity=0, stdout=io.StringIO())
    second = ImportRun.objects.first()
    assert second is not None
    assert (second.created, second.updated, second.unchanged, second.refused) == (0, 0, products, 0)
