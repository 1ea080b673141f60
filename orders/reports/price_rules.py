"""What always holds of prices and their history, as SQL."""

from __future__ import annotations

from orders.reports.rule import Invariant

PRICED = Invariant(
    "a variant's prices are those that its history ends with",
    """
    SELECT format('SKU %%s: costs %%s (%%s), the history ends with %%s (%%s)', v.sku, v.price, v.compare_at_price,
                  coalesce(h.price::text, 'nothing'), h.compare_at_price)
    FROM catalog_variant v
    LEFT JOIN (
        SELECT DISTINCT ON (variant_id) variant_id, price, compare_at_price
        FROM catalog_pricechange ORDER BY variant_id, id DESC
    ) h ON h.variant_id = v.id
    WHERE (v.price, v.compare_at_price) IS DISTINCT FROM (h.price, h.compare_at_price)
    """,
)
UNBROKEN = Invariant(
    "every price in a history follows the one before it",
    """
    SELECT format('SKU %%s, entry %%s: says it was %%s, and it was %%s', v.sku, h.id,
                  coalesce(h.price_before::text, 'nothing'), coalesce(h.was::text, 'nothing'))
    FROM (
        SELECT c.*, lag(price) OVER entries AS was, lag(compare_at_price) OVER entries AS compare_at_was
        FROM catalog_pricechange c WINDOW entries AS (PARTITION BY variant_id ORDER BY id)
    ) h
    JOIN catalog_variant v ON v.id = h.variant_id
    WHERE (h.price_before, h.compare_at_price_before) IS DISTINCT FROM (h.was, h.compare_at_was)
    """,
)

PRICE_RULES = (PRICED, UNBROKEN)
