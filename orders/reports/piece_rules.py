"""What always holds of the pieces that have left the house, as SQL."""

from __future__ import annotations

from orders.reports.rule import Invariant

# Orders from before this shop have neither parcels nor movements of their own here.
SHIPPED = Invariant(
    "shipped pieces have left with a parcel, each with one",
    """
    SELECT format('order %%s, SKU %%s: %%s shipped, %%s in parcels', o.number, l.sku, l.shipped, coalesce(s.pieces, 0))
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN (
        SELECT s.order_id, c.line_id, sum(c.quantity) AS pieces
        FROM orders_shipmentline c JOIN orders_shipment s ON s.id = c.shipment_id
        GROUP BY s.order_id, c.line_id
    ) s ON s.line_id = l.id AND s.order_id = l.order_id
    WHERE l.shipped <> coalesce(s.pieces, 0)
      AND (o.channel <> 'imported' OR EXISTS (SELECT FROM orders_shipment p WHERE p.order_id = o.id))
    """,
)
SHIPPED_IN_LEDGER = Invariant(
    "what was shipped is in the stock's ledger, once",
    """
    SELECT format('order %%s, variant %%s: %%s shipped, %%s in the ledger', o.number,
                  coalesce(l.variant_id, m.variant_id), coalesce(l.pieces, 0), coalesce(m.pieces, 0))
    FROM (
        SELECT o.number, l.variant_id, sum(l.shipped) AS pieces
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        GROUP BY o.number, l.variant_id
    ) l
    FULL JOIN (
        SELECT m.reference, s.variant_id, -sum(m.quantity) AS pieces
        FROM catalog_stockmovement m JOIN catalog_stocklevel s ON s.id = m.level_id
        WHERE m.reason = 'shipped'
        GROUP BY m.reference, s.variant_id
    ) m ON m.reference = l.number AND m.variant_id = l.variant_id
    JOIN orders_order o ON o.number = coalesce(l.number, m.reference)
    WHERE coalesce(l.pieces, 0) <> coalesce(m.pieces, 0)
      AND (o.channel <> 'imported' OR EXISTS (
        SELECT FROM catalog_stockmovement r WHERE r.reference = o.number AND r.reason = 'shipped'
      ))
    """,
)

PIECE_RULES = (SHIPPED, SHIPPED_IN_LEDGER)
