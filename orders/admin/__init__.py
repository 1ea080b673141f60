"""The staff's pages; each module registers its own."""

from orders.admin import documents, orders, webhooks

__all__ = ["documents", "orders", "webhooks"]
