"""What always holds, as SQL: each query finds the rows that break one rule of the shop. None should find any."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection, transaction

from orders.lifecycle import MOVES, REVIVAL
from orders.reports.catalogue_rules import CATALOGUE_RULES
from orders.reports.money_rules import MONEY_FLOW, MONEY_RULES, PAID
from orders.reports.piece_rules import PIECE_RULES
from orders.reports.price_rules import PRICE_RULES
from orders.reports.rule import Invariant


@dataclass(frozen=True)
class Verdict:
    """What was found for one rule; `offenders` holds at most `MAX_OFFENDERS` of them, `seconds` is what it took."""

    name: str
    offenders: tuple[str, ...]
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.offenders


MAX_OFFENDERS = 20

ON_HAND = Invariant(
    "stock on hand is the sum of its movements",
    """
    SELECT format('SKU %%s: %%s on hand, movements sum up to %%s', v.sku, s.on_hand, coalesce(sum(m.quantity), 0))
    FROM catalog_stocklevel s
    JOIN catalog_variant v ON v.id = s.variant_id
    LEFT JOIN catalog_stockmovement m ON m.level_id = s.id
    GROUP BY s.id, v.sku
    HAVING s.on_hand <> coalesce(sum(m.quantity), 0)
    """,
)
LEDGER = Invariant(
    "each movement begins with what the one before it left, and the last left what is on hand",
    """
    SELECT format('SKU %%s, movement %%s: %%s on hand before it, %%s were left', v.sku, m.id,
                  m.on_hand_after - m.quantity, m.left_before)
    FROM (
        SELECT id, level_id, quantity, on_hand_after,
               coalesce(lag(on_hand_after) OVER of_level, 0) AS left_before
        FROM catalog_stockmovement
        WINDOW of_level AS (PARTITION BY level_id ORDER BY id)
    ) m
    JOIN catalog_stocklevel s ON s.id = m.level_id
    JOIN catalog_variant v ON v.id = s.variant_id
    WHERE m.on_hand_after - m.quantity <> m.left_before
    UNION ALL
    SELECT format('SKU %%s: %%s on hand, %%s left by the last movement', v.sku, s.on_hand, coalesce(m.on_hand_after, 0))
    FROM catalog_stocklevel s
    JOIN catalog_variant v ON v.id = s.variant_id
    LEFT JOIN (
        SELECT DISTINCT ON (level_id) level_id, on_hand_after FROM catalog_stockmovement ORDER BY level_id, id DESC
    ) m ON m.level_id = s.id
    WHERE s.on_hand <> coalesce(m.on_hand_after, 0)
    """,
)
WITHIN = Invariant(
    "reserved stock lies between nothing and what is on hand, unless back-orders are allowed",
    """
    SELECT format('SKU %%s: %%s reserved, %%s on hand', v.sku, s.reserved, s.on_hand)
    FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id
    WHERE NOT (0 <= s.reserved AND (s.reserved <= s.on_hand OR s.allows_backorders))
    """,
)
RESERVED = Invariant(
    "reserved stock is what live orders have not shipped",
    """
    SELECT format('SKU %%s: %%s reserved, live orders want %%s', v.sku, s.reserved, coalesce(w.pieces, 0))
    FROM catalog_stocklevel s
    JOIN catalog_variant v ON v.id = s.variant_id
    LEFT JOIN (
        SELECT l.variant_id, sum(l.quantity - l.shipped - l.cancelled) AS pieces
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        WHERE o.status IN ('pending', 'processing')
        GROUP BY l.variant_id
    ) w ON w.variant_id = s.variant_id
    WHERE s.reserved <> coalesce(w.pieces, 0)
    """,
)
STOCKED = Invariant(
    "every variant has a stock level",
    """
    SELECT format('SKU %%s', v.sku)
    FROM catalog_variant v LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
    WHERE s.id IS NULL
    """,
)
LISTED_PRICE = Invariant(
    "a product is listed at the price of its cheapest live variant",
    """
    SELECT format('product %%s: listed at %%s, cheapest variant %%s', p.slug, p.price, min(v.price))
    FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id AND v.archived_at IS NULL
    GROUP BY p.id
    HAVING p.price <> min(v.price)
    """,
)
HAS_LINES = Invariant(
    "no order without lines",
    """
    SELECT format('order %%s', o.number)
    FROM orders_order o
    WHERE NOT EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = o.id)
    """,
)
LINE_TOTAL = Invariant(
    "a line's total is quantity × unit price − discount",
    """
    SELECT format('order %%s, SKU %%s', o.number, l.sku)
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.total <> l.quantity::bigint * l.unit_price - l.discount
       OR l.quantity < 1 OR least(l.unit_price, l.discount, l.tax, l.total) < 0
    """,
)
ORDER_TOTAL = Invariant(
    "an order's amounts add up and none is negative",
    """
    SELECT format('order %%s: total %%s', o.number, o.total)
    FROM orders_order o
    JOIN (
        SELECT order_id, sum(quantity::bigint * unit_price) AS gross, sum(discount) AS discount, sum(tax) AS tax
        FROM orders_orderline GROUP BY order_id
    ) l ON l.order_id = o.id
    WHERE o.total <> o.subtotal - o.discount + o.shipping + CASE WHEN o.prices_include_tax THEN 0 ELSE o.tax END
       OR o.subtotal <> l.gross OR o.discount <> l.discount OR o.tax <> l.tax + o.shipping_tax
       OR least(o.subtotal, o.discount, o.shipping, o.tax, o.total) < 0
    """,
)
FROM_CATALOGUE = Invariant(
    "only imported orders have lines of what was never in the catalogue",
    """
    SELECT format('order %%s, SKU %%s', o.number, l.sku)
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    WHERE l.variant_id IS NULL AND o.channel <> 'imported'
    """,
)
CURRENCY = Invariant(
    "an order and its payments speak one currency",
    """
    SELECT format('order %%s', o.number)
    FROM orders_order o JOIN orders_payment p ON p.order_id = o.id
    WHERE p.currency <> o.currency
    """,
)
ONE_PER_CART = Invariant(
    "one order per cart, and an ordered cart has one",
    """
    SELECT format('cart %%s', c.id)
    FROM orders_cart c LEFT JOIN orders_order o ON o.cart_id = c.id
    GROUP BY c.id
    HAVING count(o.id) > 1 OR (c.status = 'ordered') <> (count(o.id) = 1)
    """,
)
ONE_PER_KEY = Invariant(
    "one order per idempotency key",
    """
    SELECT format('orders %%s', string_agg(number, ', '))
    FROM orders_order WHERE idempotency_key IS NOT NULL
    GROUP BY idempotency_key HAVING count(*) > 1
    """,
)
NUMBERS = Invariant(
    "order numbers are unique and not guessable",
    """
    SELECT format('order number %%s', number)
    FROM orders_order
    GROUP BY number
    HAVING count(*) > 1 OR number !~ '^[2-9B-DF-HJ-NP-TV-Z]{5}-[2-9B-DF-HJ-NP-TV-Z]{5}$'
    """,
)
TIMELINE = Invariant(
    "the timeline is a legal path from placed to the current status",
    """
    WITH steps AS (
        SELECT e.order_id, e.kind, e.from_status, e.to_status,
               lag(e.to_status) OVER path AS before,
               row_number() OVER path AS step,
               lead(e.id) OVER path IS NULL AS is_last
        FROM orders_orderevent e
        WHERE e.kind IN ('placed', 'status')
        WINDOW path AS (PARTITION BY e.order_id ORDER BY e.id)
    )
    SELECT format('order %%s: step %%s from %%s to %%s', o.number, s.step, s.from_status, s.to_status)
    FROM orders_order o LEFT JOIN steps s ON s.order_id = o.id
    WHERE s.order_id IS NULL
       OR (s.step = 1 AND (s.kind <> 'placed' OR s.to_status <> 'pending'))
       OR (s.step > 1 AND (s.kind <> 'status' OR s.from_status <> s.before
                           OR NOT ((s.from_status || '>' || s.to_status) = ANY (%(moves)s)
                                   OR o.expired_at IS NOT NULL AND s.from_status || '>' || s.to_status = %(revival)s)))
       OR (s.is_last AND s.to_status <> o.status)
    """,
)
CONFIRMED = Invariant(
    "exactly one confirmation job per placed order, and none that has given up",
    """
    SELECT format('order %%s: %%s confirmation jobs, %%s', o.number, count(j.id), string_agg(j.status::text, ', '))
    FROM orders_order o
    LEFT JOIN procrastinate_jobs j
           ON j.task_name = 'orders.send_message' AND j.args ->> 'message' = 'confirmation'
          AND (j.args ->> 'order_id')::bigint = o.id AND coalesce((j.args ->> 'copy')::int, 1) = 1
    WHERE o.channel <> 'imported'
    GROUP BY o.id
    HAVING count(j.id) <> 1
        OR bool_or(j.status IN ('failed', 'cancelled', 'aborted')) AND NOT EXISTS (
            SELECT FROM orders_orderevent e
            WHERE e.order_id = o.id AND e.kind = 'email' AND e.message LIKE 'E-mail%% sent%%: confirmation'
        )
    """,
)
GAPLESS = Invariant(
    "invoices and credit notes are numbered without a gap",
    """
    SELECT format('%%s: %%s issued, from %%s to %%s, counter at %%s', kind, i.issued, i.first, i.last, c.last)
    FROM (
        SELECT kind, count(*) AS issued, min(sequence) AS first, max(sequence) AS last FROM orders_invoice GROUP BY kind
    ) i
    FULL JOIN orders_invoicecounter c USING (kind)
    WHERE (i.issued, i.first, i.last) IS DISTINCT FROM (c.last, 1, c.last) AND NOT (i.issued IS NULL AND c.last = 0)
    """,
)
INVOICED = Invariant(
    "a paid order has its one invoice, over its total, or the job that issues it; no other order has one",
    """
    SELECT format('order %%s (%%s): %%s', o.number, o.payment_status, coalesce(i.number, 'no invoice'))
    FROM orders_order o
    CROSS JOIN LATERAL (
        SELECT o.payment_status IN ('paid', 'partially_refunded', 'refunded') AND o.channel <> 'imported' AS wanted
    ) w
    LEFT JOIN orders_invoice i ON i.order_id = o.id AND i.kind = 'invoice'
    WHERE CASE
        WHEN i.id IS NOT NULL THEN NOT w.wanted OR (i.content ->> 'total')::bigint <> o.total
        ELSE w.wanted AND NOT EXISTS (
            SELECT FROM procrastinate_jobs j
            WHERE j.task_name = 'orders.issue_invoice' AND j.status IN ('todo', 'doing')
              AND (j.args ->> 'order_id')::bigint = o.id
        )
    END
    """,
)
CREDITED = Invariant(
    "a refund that has arrived has its one credit note, over its amount, or the job that issues it; no other has one",
    """
    SELECT format('order %%s, refund %%s (%%s): %%s', o.number, r.id, r.state, coalesce(n.number, 'no credit note'))
    FROM orders_refund r
    JOIN orders_payment p ON p.id = r.payment_id
    JOIN orders_order o ON o.id = r.order_id
    LEFT JOIN orders_invoice n ON n.refund_id = r.id
    WHERE CASE
        WHEN n.id IS NOT NULL
        THEN r.state <> 'succeeded' OR n.order_id <> o.id OR (n.content ->> 'total')::bigint <> r.amount
        ELSE r.state = 'succeeded' AND NOT p.is_surplus
         AND EXISTS (SELECT FROM orders_invoice i WHERE i.order_id = o.id AND i.kind = 'invoice')
         AND NOT EXISTS (
            SELECT FROM procrastinate_jobs j
            WHERE j.task_name = 'orders.issue_credit_note' AND j.status IN ('todo', 'doing')
              AND (j.args ->> 'refund_id')::bigint = r.id
        )
    END
    """,
)
MESSAGES = Invariant(
    "a webhook that is due is being sent",
    """
    SELECT format('delivery %%s of %%s: due since %%s', id, event, next_attempt_at)
    FROM orders_webhookdelivery
    WHERE state = 'pending' AND next_attempt_at < now() - interval '1 hour'
    """,
)
ONE_ADDRESS = Invariant(
    "e-mail addresses of accounts are unique, whatever their case",
    """
    SELECT format('accounts %%s', string_agg(id::text, ', '))
    FROM accounts_user GROUP BY lower(email) HAVING count(*) > 1
    """,
)
ONE_OPEN_CART = Invariant(
    "one open cart per customer",
    """
    SELECT format('customer %%s', customer_id)
    FROM orders_cart WHERE status = 'open' AND customer_id IS NOT NULL
    GROUP BY customer_id HAVING count(*) > 1
    """,
)
ONE_LINE = Invariant(
    "one line per cart and variant",
    """
    SELECT format('cart %%s', cart_id)
    FROM orders_cartline GROUP BY cart_id, variant_id HAVING count(*) > 1
    """,
)
COUPON_USES = Invariant(
    "a coupon's uses are its open redemptions, and never more than its limit",
    """
    SELECT format('coupon %%s: used %%s of %%s, open redemptions %%s', c.code, c.used,
                  coalesce(c.max_uses::text, 'any number'), count(r.id))
    FROM orders_coupon c
    LEFT JOIN orders_redemption r ON r.coupon_id = c.id AND r.given_back_at IS NULL
    GROUP BY c.id
    HAVING c.used <> count(r.id) OR count(r.id) > c.max_uses
    """,
)
# A redemption bears up to three marks of its customer; none may bear more redemptions than one customer may have.
COUPON_CUSTOMERS = Invariant(
    "no customer, by account or by mailbox, redeems a coupon more often than one may",
    """
    SELECT format('coupon %%s: %%s redemptions by one customer, orders %%s', c.code, count(*),
                  string_agg(o.number, ', ' ORDER BY o.id))
    FROM orders_coupon c
    JOIN orders_redemption r ON r.coupon_id = c.id AND r.given_back_at IS NULL
    JOIN orders_order o ON o.id = r.order_id
    CROSS JOIN LATERAL (
        SELECT 'mailbox ' || r.email_key AS mark
        UNION SELECT 'mailbox ' || r.account_key WHERE r.account_key <> ''
        UNION SELECT 'account ' || r.customer_id WHERE r.customer_id IS NOT NULL
    ) marks
    WHERE c.max_uses_per_customer IS NOT NULL
    GROUP BY c.id, mark
    HAVING count(*) > c.max_uses_per_customer
    """,
)
# What a coupon saved is the order's discount; of one for free shipping, which discounts no goods, the shipping's
# price. Orders of another shop had discounts for reasons of its own.
COUPON_ORDERS = Invariant(
    "an order with a coupon has its redemption as long as it is alive, and its discount is what was redeemed",
    """
    SELECT format('order %%s', o.number)
    FROM orders_order o LEFT JOIN orders_redemption r ON r.order_id = o.id
    WHERE (o.coupon_code <> '') <> (r.id IS NOT NULL)
       OR (r.id IS NOT NULL AND (o.status = 'cancelled') <> (r.given_back_at IS NOT NULL))
       OR (o.discount <> coalesce(r.amount, 0) AND NOT (r.amount > 0 AND o.discount = 0 AND o.shipping = 0)
           AND NOT (r.id IS NULL AND o.external_number <> ''))
    """,
)

INVARIANTS = (
    ON_HAND, LEDGER, WITHIN, RESERVED, STOCKED, LISTED_PRICE,
    HAS_LINES, LINE_TOTAL, ORDER_TOTAL, FROM_CATALOGUE, CURRENCY,
    ONE_PER_CART, ONE_PER_KEY, NUMBERS,
    MONEY_FLOW, PAID, TIMELINE, CONFIRMED,
    GAPLESS, INVOICED, CREDITED,
    *PIECE_RULES, *PRICE_RULES, *CATALOGUE_RULES,
    ONE_ADDRESS, ONE_OPEN_CART, ONE_LINE,
    COUPON_USES, COUPON_CUSTOMERS, COUPON_ORDERS, MESSAGES,
    *MONEY_RULES,
)  # fmt: skip


def verdicts() -> list[Verdict]:
    """Check every rule on one snapshot of the database, so that a running shop does not look inconsistent."""
    moves = [f"{before}>{after}" for before, afters in MOVES.items() for after in afters]
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = []
        for invariant in INVARIANTS:
            started = time.monotonic()
            cursor.execute(invariant.sql, {"moves": moves, "revival": ">".join(REVIVAL)})
            offenders = tuple(str(row[0]) for row in cursor.fetchmany(MAX_OFFENDERS))
            found.append(Verdict(invariant.name, offenders, round(time.monotonic() - started, 2)))
        return found
