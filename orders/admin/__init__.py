"""The staff's pages; each module registers its own."""

from orders.admin import orders

__all__ = ["orders"]
