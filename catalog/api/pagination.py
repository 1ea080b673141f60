"""Lists by `skip` and `limit`."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

Row = TypeVar("Row", bound=Model)
DEFAULT_LIMIT = 20
MAX_LIMIT = 100
PARAMETERS = ("skip", "limit")


class SkipLimitPagination(BasePagination):
    """`limit` rows (20; never more than 100) after the first `skip`.

    The answer holds `count` (of all rows), `next` and `previous` (addresses or null) and `results`. Anything that
    is no whole number in range is refused with 400; a larger limit is taken as 100.
    """

    def paginate_queryset(  # type: ignore[override]  # DRF allows returning None; we always make pages
        self, queryset: QuerySet[Row], request: Request, view: APIView | None = None
    ) -> list[Row]:
        self.request = request
        self.limit = min(whole_number(request, "limit", default=DEFAULT_LIMIT, at_least=1), MAX_LIMIT)
        self.skip = whole_number(request, "skip", default=0, at_least=0)
        self.count = queryset.count()
        if self.skip >= self.count:
            return []
        return list(queryset[self.skip : self.skip + self.limit])

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"count": self.count, "next": self._next(), "previous": self._previous(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0},
                "next": address,
                "previous": address,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "skip",
                "in": "query",
                "description": "How many rows to leave out at the beginning.",
                "schema": {"type": "integer", "minimum": 0, "default": 0},
            },
            {
                "name": "limit",
                "in": "query",
                "description": f"How many rows to return; more than {MAX_LIMIT} is taken as {MAX_LIMIT}.",
                "schema": {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT},
            },
        ]

    def _next(self) -> str | None:
        if self.skip + self.limit >= self.count:
            return None
        return self._address(self.skip + self.limit)

    def _previous(self) -> str | None:
        return self._address(max(0, self.skip - self.limit)) if self.skip else None

    def _address(self, skip: int) -> str:
        url = replace_query_param(self.request.build_absolute_uri(), "limit", str(self.limit))
        return replace_query_param(url, "skip", str(skip)) if skip else remove_query_param(url, "skip")


def whole_number(request: Request, name: str, *, default: int, at_least: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 30 and int(text) >= at_least):
        raise ValidationError({name: [f"This must be a whole number, at least {at_least}."]})
    return int(text)
