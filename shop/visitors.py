"""What the shop takes from strangers: how often, and which headers from the pages of other sites."""

from __future__ import annotations

# From one address (`login_account`: to one account, from all addresses), unless the operator sets something else.
RATES = {
    "login": "20/minute",
    "login_account": "20/hour",
    "registration": "10/hour",
    "password_reset": "10/hour",
    "orders": "30/minute",
    "coupons": "20/minute",
    "feeds": "10/hour",
    "stock_alerts": "20/hour",
    "suggestions": "600/minute",
}
# CORS: what scripts of other sites may send to the API, and what they may read of its answers.
HEADERS_TAKEN = (
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "x-cart-token",
    "x-order-token",
    "x-request-id",
)
HEADERS_TOLD = ("x-request-id", "idempotent-replayed", "location", "retry-after")
