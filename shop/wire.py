"""How requests come in and how the answer's format is chosen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MAX_DEPTH = 32


class Utf8Request(WSGIRequest):
    """A request is read as UTF-8, whatever charset it claims.

    Python knows codecs that are no text (`zlib`, `rot13`), and naming one would be an error of the server.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class JsonParser(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no key twice; bounded in size and depth.

    Raises ParseError for anything else, and RequestDataTooBig beyond `DATA_UPLOAD_MAX_MEMORY_SIZE`.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig
        try:
            data = json.loads(raw.decode(), parse_constant=_no_number, object_pairs_hook=_unique_keys)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"This is not JSON: {error}.") from None
        # The depth is at most the number of brackets, so that most bodies need no walk.
        if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
            _check_depth(data)
        return data


class AnyJson(DefaultContentNegotiation):
    """Answers in JSON also those who ask for something else, instead of not answering them at all."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        offered: Sequence[BaseRenderer] = list(renderers)
        try:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, offered, format_suffix)
            return chosen
        except NotAcceptable:
            return offered[0], offered[0].media_type


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _check_depth(data: Any) -> None:
    """Level by level, so that depth costs no stack."""
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise ParseError("The JSON is nested too deeply.")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
