"""What always holds of pieces that have left the house, and of those that came back, as SQL."""

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
RETURNED = Invariant(
    "returned pieces have come back with a return, or with a refund that restocked them",
    """
    SELECT format('order %%s, SKU %%s: %%s returned, %%s came with returns', o.number, l.sku, l.returned,
                  coalesce(r.received, 0))
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN (SELECT line_id, sum(received) AS received FROM orders_returnline GROUP BY line_id) r ON r.line_id = l.id
    LEFT JOIN (SELECT line_id, sum(quantity) AS pieces FROM orders_refundline WHERE restock GROUP BY line_id) f
           ON f.line_id = l.id
    WHERE l.returned NOT BETWEEN coalesce(r.received, 0) AND coalesce(r.received, 0) + coalesce(f.pieces, 0)
    """,
)
RESTOCKED = Invariant(
    "what was restocked is in the stock's ledger, once",
    """
    SELECT format('order %%s, variant %%s: %%s restocked by returns, %%s in the ledger', o.number, w.variant_id,
                  w.least, coalesce(m.pieces, 0))
    FROM (
        SELECT l.order_id, l.variant_id, sum(coalesce(r.pieces, 0)) AS least,
               sum(coalesce(r.pieces, 0) + coalesce(f.pieces, 0)) AS most
        FROM orders_orderline l
        LEFT JOIN (SELECT line_id, sum(restocked) AS pieces FROM orders_returnline GROUP BY line_id) r
               ON r.line_id = l.id
        LEFT JOIN (SELECT line_id, sum(quantity) AS pieces FROM orders_refundline WHERE restock GROUP BY line_id) f
               ON f.line_id = l.id
        WHERE l.variant_id IS NOT NULL
        GROUP BY l.order_id, l.variant_id
    ) w
    JOIN orders_order o ON o.id = w.order_id
    LEFT JOIN (
        SELECT m.reference, s.variant_id, sum(m.quantity) AS pieces
        FROM catalog_stockmovement m JOIN catalog_stocklevel s ON s.id = m.level_id
        WHERE m.reason = 'returned'
        GROUP BY m.reference, s.variant_id
    ) m ON m.reference = o.number AND m.variant_id = w.variant_id
    WHERE coalesce(m.pieces, 0) NOT BETWEEN w.least AND w.most
    """,
)

PIECE_RULES = (SHIPPED, SHIPPED_IN_LEDGER, RETURNED, RESTOCKED)
