"""What an attacker, a broken program or a hasty person puts into a parameter."""

from __future__ import annotations

PARAMETERS = ["group_by", "from", "to", "status", "category", "include_cancelled"]

INJECTIONS = [
    "'; SELECT pg_sleep(5); --",
    "day') UNION SELECT password FROM accounts_user --",
    "1 OR 1=1",
    "(SELECT pg_sleep(5))",
    "day\tasc",
    "day\x00",
    "\x00",
    "%(limit)s",
    "customer__password",
    "o.id",
    "2026-01-01'::date; DROP TABLE orders_order; --",
    "DAY",
    "ｄａｙ",
    "9" * 5000,
]
