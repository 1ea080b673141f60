"""Lists that grow without end: by `skip` for a while, by `cursor` for ever.

A cursor holds where the page before ended, as the values that the list is ordered by, signed. The next page begins
there on the index, wherever that is, and neither shows a row twice nor leaves one out when rows come in meanwhile.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import BooleanField, F, Func, Q, Value
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from catalog.api.pagination import DEFAULT_LIMIT, MAX_LIMIT, SkipLimitPagination, whole_number
from catalog.search.facets import Total

MAX_SKIP = 10_000
LONGEST_CURSOR = 1000
SALT = "catalog.api.cursor"


@dataclass(frozen=True)
class Ordered:
    """Rows in the order of `columns` (`-` reverses), the last of which is unique; `total` counts all there are."""

    rows: Any
    columns: tuple[str, ...]
    total: Total


class CursorPagination(SkipLimitPagination):
    """`limit` rows after the first `skip`, or after `cursor`: that of `next`, or an empty one for the first page.

    Pages by `skip` end at MAX_SKIP; beyond, they would cost more and more. `count` is estimated where there are too
    many rows to count them, and says so.
    """

    def page_of(self, ordered: Ordered, request: Request) -> list[Any]:
        self.request = request
        self.ordered = ordered
        self.limit = min(whole_number(request, "limit", default=DEFAULT_LIMIT, at_least=1), MAX_LIMIT)
        self.cursor = request.query_params.get("cursor")
        self.skip = whole_number(request, "skip", default=0, at_least=0)
        if self.cursor is not None and "skip" in request.query_params:
            raise ValidationError({"cursor": ["Take either a cursor or skip."]})
        if self.skip > MAX_SKIP:
            raise ValidationError({"skip": [f"This must be {MAX_SKIP} at most; a cursor leads further."]})
        rows = ordered.rows.order_by(*ordered.columns)
        if self.cursor:
            rows = rows.filter(after(ordered.columns, read_cursor(self.cursor, ordered.columns)))
        found = list(rows[self.skip : self.skip + self.limit + 1])
        self.goes_on, self.page = len(found) > self.limit, found[: self.limit]
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        total = self.ordered.total
        return Response(
            {
                "count": total.count,
                "count_is_estimate": total.is_estimate,
                "next": self._next(),
                "previous": self._previous(),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["required"].append("count_is_estimate")
        described["properties"]["count_is_estimate"] = {
            "type": "boolean",
            "description": "There are too many rows to count: `count` is about right.",
        }
        return described

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        skip, limit = super().get_schema_operation_parameters(view)
        skip["schema"]["maximum"] = MAX_SKIP
        cursor = {
            "name": "cursor",
            "in": "query",
            "description": "Empty for the first page; then the `next` of each page holds the one that follows. A page "
            "by cursor costs the same wherever it is. Not together with `skip`.",
            "schema": {"type": "string", "maxLength": LONGEST_CURSOR},
            "allowEmptyValue": True,
        }
        return [skip, limit, cursor]

    def _next(self) -> str | None:
        if not self.goes_on:
            return None
        further = self.skip + self.limit
        if self.cursor is None and further <= MAX_SKIP:
            return self._address(further)
        url = replace_query_param(self.request.build_absolute_uri(), "limit", str(self.limit))
        return replace_query_param(
            remove_query_param(url, "skip"), "cursor", cursor_of(self.page[-1], self.ordered.columns)
        )


def cursor_of(row: Any, columns: Sequence[str]) -> str:
    """Where this row stands."""
    values = [getattr(row, column.removeprefix("-")) for column in columns]
    return signing.dumps([list(columns), [_written(value) for value in values]], salt=SALT)


def read_cursor(text: str, columns: Sequence[str]) -> list[Any]:
    """The values in a cursor. Raises ValidationError for one that is not ours, or of a list in another order."""
    try:
        ordered_by, values = signing.loads(text[: LONGEST_CURSOR + 1], salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError({"cursor": ["This is not a cursor of this list."]}) from error
    if ordered_by != list(columns):
        raise ValidationError({"cursor": ["This cursor belongs to another order."]})
    return [parse_datetime(value["at"]) if isinstance(value, dict) else value for value in values]


def after(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows that come after these values. Neighbouring columns of one direction are compared as one row, which an
    index on them answers."""
    first, same = columns[0].startswith("-"), 1
    while same < len(columns) and columns[same].startswith("-") == first:
        same += 1
    beyond = Q(_compared(columns[:same], values[:same], "<" if first else ">"))
    if same == len(columns):
        return beyond
    equal = Q(**{column.removeprefix("-"): value for column, value in zip(columns[:same], values, strict=False)})
    return beyond | (equal & after(columns[same:], values[same:]))


def _compared(columns: Sequence[str], values: Sequence[Any], operator: str) -> Func:
    names = Func(*(F(column.removeprefix("-")) for column in columns), template="(%(expressions)s)")
    last = Func(*map(Value, values), template="(%(expressions)s)")
    return Func(names, last, template="%(expressions)s", arg_joiner=f" {operator} ", output_field=BooleanField())


def _written(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime.datetime) else value
