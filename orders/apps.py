from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from catalog.inventory.watching import on_low
        from orders import arrivals, publishing

        arrivals.connect()
        on_low(publishing.tell_low_stock)
