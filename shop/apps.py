from __future__ import annotations

from django.apps import AppConfig
from django.core.servers.basehttp import WSGIServer


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self) -> None:
        from shop import checks  # noqa: F401  registers the system checks

        # Of a hundred clients at once, Django's development server lets ten wait; the others would see their
        # connections break.
        WSGIServer.request_queue_size = 512
