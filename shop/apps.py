from __future__ import annotations

from django.apps import AppConfig
from django.core.servers.basehttp import WSGIServer


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self) -> None:
        from shop import checks, seams  # noqa: F401  the former registers the system checks

        seams.connect()

        # Of a hundred clients at once, Django's development server lets ten wait; the others would see their
        # connections break.
        WSGIServer.request_queue_size = 512
