from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.alerts import tell_back
        from catalog.inventory.watching import on_back

        on_back(tell_back)
