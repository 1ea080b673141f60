"""How the OpenAPI file describes the API. No Django here: the settings import it."""

from __future__ import annotations

from typing import Any

API_DESCRIPTION: dict[str, Any] = {
    "TITLE": "Shop API",
    "VERSION": "1",
    "DESCRIPTION": "Browse the catalogue, fill a cart, place and follow orders.",
    "OAS_VERSION": "3.1.0",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "PaymentStateEnum": "orders.models.Payment.State",
        "RefundStateEnum": "orders.models.Refund.State",
        "ReturnStateEnum": "orders.models.Return.State",
        "AttributeKindEnum": "catalog.models.Attribute.Kind",
        "PictureStateEnum": "catalog.models.ProductImage.State",
        "ImportStateEnum": "catalog.models.ImportRun.State",
        "ImportKindEnum": "catalog.models.ImportRun.Kind",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "WEBHOOKS": [
        f"orders.api.webhooks.{name}"
        for name in (
            "order_placed",
            "order_paid",
            "order_shipped",
            "order_cancelled",
            "refund_succeeded",
            "stock_low",
        )
    ],
}
