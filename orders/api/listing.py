"""Which orders a list shows, and in which order: allow-lists, everything else is refused."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from catalog.api.pagination import PARAMETERS
from catalog.api.selecting import refuse_unknown
from orders.api.serializers import ORDERINGS, OrderQuery
from orders.models import Order

LOOKUPS = {
    "status": "status",
    "payment_status": "payment_status",
    "email": "email__iexact",
    "number": "number__iexact",
    "placed_from": "placed_at__gte",
    "placed_to": "placed_at__lt",
}


def checked(request: Request) -> dict[str, Any]:
    """The parameters of a request. Raises ValidationError for an unknown one or a bad value."""
    refuse_unknown(request, {*OrderQuery().fields, *PARAMETERS})
    query = OrderQuery(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def select(orders: QuerySet[Order], query: dict[str, Any]) -> QuerySet[Order]:
    """The orders that fit the checked parameters, in their order. Sends no query."""
    wanted = {lookup: query[name] for name, lookup in LOOKUPS.items() if name in query}
    return orders.filter(**wanted).order_by(*ORDERINGS[query.get("ordering", "-placed_at")])
