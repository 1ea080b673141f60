"""What always holds of payments and refunds, as SQL."""

from __future__ import annotations

from orders.reports.rule import Invariant

MONEY_FLOW = Invariant(
    "refunded ≤ captured ≤ asked for, and never more captured than the order's total",
    """
    SELECT format('order %%s', o.number)
    FROM orders_order o JOIN orders_payment p ON p.order_id = o.id
    GROUP BY o.id
    HAVING bool_or(p.refunded_amount > p.captured_amount OR p.captured_amount > p.amount OR p.refunded_amount < 0)
        OR sum(p.captured_amount) FILTER (WHERE NOT p.is_surplus) > o.total
    """,
)
PAID = Invariant(
    "an order is paid exactly when its total was captured, refunded exactly when it was given back",
    """
    SELECT format('order %%s: %%s, captured %%s of %%s, refunded %%s', o.number, o.payment_status, p.captured, o.total,
                  p.refunded)
    FROM orders_order o
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(captured_amount), 0) AS captured, coalesce(sum(refunded_amount), 0) AS refunded
        FROM orders_payment WHERE order_id = o.id AND NOT is_surplus
    ) p
    WHERE (o.payment_status IN ('paid', 'partially_refunded', 'refunded')) <> (p.captured = o.total)
       OR (o.payment_status = 'refunded') <> (p.refunded > 0 AND p.refunded = p.captured)
       OR (o.payment_status = 'partially_refunded') <> (p.refunded > 0 AND p.refunded < p.captured)
    """,
)
AUTHORIZED = Invariant(
    "an order is authorized exactly when one of its payments is, and has one payment that is alive",
    """
    SELECT format('order %%s: %%s, %%s authorized, %%s alive', o.number, o.payment_status, p.authorized, p.alive)
    FROM orders_order o
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'authorized') AS authorized,
               count(*) FILTER (WHERE state IN ('started', 'authorized', 'captured') AND NOT is_surplus) AS alive
        FROM orders_payment WHERE order_id = o.id
    ) p
    WHERE (o.payment_status = 'authorized') <> (p.authorized = 1) OR p.alive > 1
    """,
)
CALLED_OFF = Invariant(
    "no payment of a cancelled order can still take money",
    """
    SELECT format('order %%s: payment %%s is %%s', o.number, p.id, p.state)
    FROM orders_order o JOIN orders_payment p ON p.order_id = o.id
    WHERE o.status = 'cancelled' AND p.state IN ('started', 'authorized')
    """,
)
EXPIRED = Invariant(
    "an order that has expired is cancelled, or money that came woke it up",
    """
    SELECT format('order %%s: %%s, %%s', o.number, o.status, o.payment_status)
    FROM orders_order o
    WHERE o.expired_at IS NOT NULL AND o.status <> 'cancelled'
      AND NOT EXISTS (
        SELECT FROM orders_orderevent e
        WHERE e.order_id = o.id AND e.from_status = 'cancelled' AND e.to_status = 'processing'
          AND e.actor_kind IN ('provider', 'staff')
      )
    """,
)
REFUND_BOOKS = Invariant(
    "a payment has promised what its refunds add up to, and given back what of them has arrived",
    """
    SELECT format('payment %%s: promised %%s of %%s, given back %%s of %%s', p.id, p.refund_committed, r.promised,
                  p.refunded_amount, r.arrived)
    FROM orders_payment p
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount) FILTER (WHERE state <> 'failed'), 0) AS promised,
               coalesce(sum(amount) FILTER (WHERE state = 'succeeded'), 0) AS arrived
        FROM orders_refund WHERE payment_id = p.id
    ) r
    WHERE (p.refund_committed, p.refunded_amount) <> (r.promised, r.arrived)
    """,
)
REFUND_PARTS = Invariant(
    "the parts of a refund are the refund, in its order's currency",
    """
    SELECT format('refund %%s: %%s, for lines %%s, for shipping %%s', r.id, r.amount, sum(l.amount), r.shipping)
    FROM orders_refund r
    JOIN orders_payment p ON p.id = r.payment_id
    LEFT JOIN orders_refundline l ON l.refund_id = r.id
    GROUP BY r.id, p.id
    HAVING r.order_id <> p.order_id OR r.currency <> p.currency
        OR ((count(l.id) > 0 OR r.shipping > 0) AND coalesce(sum(l.amount), 0) + r.shipping <> r.amount)
    """,
)
REFUND_PIECES = Invariant(
    "no piece is given back twice, and none is called off without a refund",
    """
    SELECT format('order %%s, SKU %%s: %%s ordered, %%s given back, %%s called off', o.number, l.sku, l.quantity,
                  coalesce(r.pieces, 0), l.cancelled)
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    LEFT JOIN (SELECT line_id, sum(quantity) AS pieces FROM orders_refundline GROUP BY line_id) r ON r.line_id = l.id
    WHERE coalesce(r.pieces, 0) NOT BETWEEN l.cancelled AND l.quantity
    """,
)
REFUND_SHIPPING = Invariant(
    "no more is given back for shipping than was paid for it",
    """
    SELECT format('order %%s: %%s given back for shipping', o.number, sum(r.shipping))
    FROM orders_order o JOIN orders_refund r ON r.order_id = o.id
    GROUP BY o.id
    HAVING sum(r.shipping) > o.shipping + CASE WHEN o.prices_include_tax THEN 0 ELSE o.shipping_tax END
    """,
)
SURPLUS = Invariant(
    "money that no order asks for is on its way back, or somebody sees that it is not",
    """
    SELECT format('payment %%s: %%s of %%s promised back', p.id, p.refund_committed, p.captured_amount)
    FROM orders_payment p
    WHERE p.is_surplus AND p.refund_committed <> p.captured_amount
      AND NOT EXISTS (SELECT FROM orders_refund r WHERE r.payment_id = p.id AND r.state = 'failed')
    """,
)
EVENTS = Invariant(
    "each provider's message is stored once, with the one job that applies it, and none has given up",
    """
    SELECT format('%%s %%s: stored %%s times, %%s jobs, %%s', e.gateway, e.event_id, count(DISTINCT e.id), count(j.id),
                  string_agg(j.status::text, ', '))
    FROM orders_providerevent e
    LEFT JOIN procrastinate_jobs j
           ON j.task_name = 'orders.apply_event' AND (j.args ->> 'event_id')::bigint = e.id
    WHERE e.kind <> 'shop.noticed'
    GROUP BY e.gateway, e.event_id
    HAVING count(DISTINCT e.id) > 1 OR count(j.id) <> 1
        OR bool_or(e.outcome = 'received' AND j.status IN ('failed', 'cancelled', 'aborted'))
    """,
)
EVENTS_FIT = Invariant(
    "a provider's message that was applied speaks of its payment's amount, currency and order",
    """
    SELECT format('%%s %%s: %%s %%s for order %%s, payment of %%s %%s', e.gateway, e.event_id, e.amount, e.currency,
                  e.order_number, p.amount, p.currency)
    FROM orders_providerevent e
    JOIN orders_payment p ON p.id = e.payment_id
    JOIN orders_order o ON o.id = p.order_id
    WHERE e.outcome IN ('applied', 'ignored')
      AND (e.amount <> p.amount OR e.currency NOT IN ('', p.currency) OR e.order_number NOT IN ('', o.number))
    """,
)

MONEY_RULES = (
    AUTHORIZED, CALLED_OFF, EXPIRED,
    REFUND_BOOKS, REFUND_PARTS, REFUND_PIECES, REFUND_SHIPPING, SURPLUS, EVENTS, EVENTS_FIT,
)  # fmt: skip
