"""What a request may cost before anybody looks at it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from shop.errors import PROBLEM, problem

# Beyond this the client is left with a broken connection.
READ_AND_FORGET = 64_000_000


class RequestSizeMiddleware:
    """Refuses too large a body of an API request before any of it is parsed. Files have limits of their own.

    The body is read and thrown away, so that the client gets to see the answer, and not a connection that
    breaks while it is still sending.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_too_large(request):
            return self.get_response(request)
        left = READ_AND_FORGET
        while left > 0 and (chunk := request.read(65_536)):
            left -= len(chunk)
        body = problem(413, "request_too_large", "The request is too large.")
        return JsonResponse(body, status=413, content_type=PROBLEM)


def _is_too_large(request: HttpRequest) -> bool:
    """By what the client announces; a body without a length is not read at all. Django bounds pages' forms."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not request.path.startswith("/api/") or request.content_type == "multipart/form-data":
        return False
    is_number = announced.isascii() and announced.isdigit()
    return is_number and int(announced) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
