"""The staff's pages; each module registers its own."""

from orders.admin import orders, webhooks

__all__ = ["orders", "webhooks"]
