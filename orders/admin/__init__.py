"""The staff's pages; each module registers its own."""

from orders.admin import coupons, documents, imports, orders, provider_events, refunds, returns, taxes, webhooks, zones

__all__ = [
    "coupons", "documents", "imports", "orders", "provider_events", "refunds", "returns", "taxes", "webhooks", "zones",
]  # fmt: skip
