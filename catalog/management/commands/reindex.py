"""`python manage.py reindex`: what products are found by, written anew for all of them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.search.indexing import reindex_all


class Command(BaseCommand):
    help = "Write anew what search finds products by, such as after SHOP_SEARCH_LANGUAGE was changed."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{reindex_all()} products are indexed.")
