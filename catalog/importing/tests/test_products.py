"""Files that Shopify exported come in completely; they lie beside the project, where there are any."""

from __future__ import annotations

import io

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.models import ImportRun, Product

FILES = settings.BASE_DIR.parent / "shared" / "data"
PRODUCTS = {"shopify-apparel.csv": 20, "shopify-home-and-garden.csv": 20}

# Without them there is nothing to test here: samples of every kind of row are in the other files.
if FILES.is_dir():

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", PRODUCTS)
    def test_a_file_comes_in_completely_and_changes_nothing_the_second_time(name: str) -> None:
        for _ in range(2):
            call_command("import_products", FILES / name, verbosity=0, stdout=io.StringIO())

        second, first = ImportRun.objects.all()
        assert (first.created, first.updated, first.refused) == (PRODUCTS[name], 0, 0)
        assert (second.created, second.updated, second.unchanged, second.refused) == (0, 0, PRODUCTS[name], 0)
        assert Product.objects.count() == PRODUCTS[name]
