"""The headers that the order and cart API knows, and what it reads from them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.models import User
from orders.api.fields import parse_token

CART_TOKEN = "X-Cart-Token"  # noqa: S105  the header's name
ORDER_TOKEN = "X-Order-Token"  # noqa: S105

CART = OpenApiParameter(
    CART_TOKEN,
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    description="The guest's cart; customers need none.",
)
ORDER = OpenApiParameter(
    ORDER_TOKEN,
    str,
    OpenApiParameter.HEADER,
    description="The `token` of a guest's order; customers need none.",
)
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])


def customer(request: Request) -> User | None:
    """Who is logged in; None for a guest."""
    return request.user if isinstance(request.user, User) else None


def cart_token(request: Request) -> UUID | None:
    """The token of a guest's cart; customers need none. Raises ValidationError for one that cannot be."""
    sent = request.headers.get(CART_TOKEN)
    try:
        token = parse_token(sent) if sent is not None else None
    except ValidationError as error:
        raise ValidationError({CART_TOKEN: error.detail}) from error
    return token if customer(request) is None else None
