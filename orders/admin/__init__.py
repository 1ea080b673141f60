"""The staff's pages; each module registers its own."""

from orders.admin import documents, orders, returns, webhooks

__all__ = ["documents", "orders", "returns", "webhooks"]
