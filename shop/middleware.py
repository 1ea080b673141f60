"""What every answer carries: a request id and the security headers; and a polite answer when the database is away."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, has_vary_header

from accounts.errors import ThrottleUnavailable, TooManyRequests
from shop.errors import UNAVAILABLE, bad_request, too_many_requests, unavailable
from shop.logs import request_id

logger = logging.getLogger("shop.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]

STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The admin theme runs Alpine.js, which evaluates expressions, and both it and the API pages set inline styles.
ADMIN_CSP = STRICT_CSP.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
DOCS_CSP = STRICT_CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + "; worker-src 'self' blob:"


class RequestIdMiddleware:
    """Gives every request an id (a well-formed one sent by the client is kept); answer and log lines carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        this_id = sent if re.fullmatch(r"[A-Za-z0-9-]{8,64}", sent) else uuid.uuid4().hex
        token = request_id.set(this_id)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = this_id
            milliseconds = (time.perf_counter() - started) * 1000
            if not settings.DEBUG:
                logger.info("%s %s %d %.1fms", request.method, request.path, response.status_code, milliseconds)
            return response
        finally:
            request_id.reset(token)


class UniversalTimeMiddleware:
    """The API speaks UTC, whatever the shop's own time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        with timezone.override(UTC):
            return self.get_response(request)


class UnavailableMiddleware:
    """Turns a lost database, an exhausted pool or a lock that is not given up into 503 with Retry-After.

    Pages whose quota is used up answer 429; when nobody can count, they are closed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, UNAVAILABLE):
            logger.error("Database unavailable: %s", exception)
            return unavailable(request)
        if isinstance(exception, TooManyRequests):
            return too_many_requests(request, exception.retry_after)
        if isinstance(exception, ThrottleUnavailable):
            return unavailable(request)
        return None


class StaffAddressMiddleware:
    """Answers 400 where the address of a staff page, or the choice of rows, asks for what no column can hold.

    The admin hands what stands there to PostgreSQL as it is: a NUL, the year -1, a word that no column can hold.
    The storefront and the API say themselves which of their parameters makes no sense.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if request.path.startswith("/admin/") and ("%00" in query or "\x00" in query):
            return bad_request(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only of lists, and only when they were asked for something odd: elsewhere such an error is ours."""
        match = request.resolver_match
        is_list = match is not None and match.app_name == "admin" and str(match.url_name).endswith("_changelist")
        chosen = request.POST.getlist("_selected_action")
        is_asked = request.GET or not all(key.isascii() and key.isdigit() for key in chosen)
        if is_list and is_asked and isinstance(exception, DataError | OverflowError | ValueError):
            logger.warning("A list cannot be filtered like this: %s", type(exception).__name__, exc_info=exception)
            return bad_request(request)
        return None


class SecurityHeadersMiddleware:
    """Content-Security-Policy and Permissions-Policy on every answer; nothing personal is cached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if "Cache-Control" not in response and (response.cookies or has_vary_header(response, "Cookie")):
            add_never_cache_headers(response)
        return response


def policy_for(path: str) -> str:
    """The content security policy of a page: strict, but for the admin theme and the API documentation.

    Browsers hold redirects after a form against `form-action`, too, so the payment pages are named there.
    Pictures may come from an object store.
    """
    if path in ("/docs", "/redoc"):
        return DOCS_CSP
    policy = STRICT_CSP if not path.startswith("/admin/") else ADMIN_CSP
    if settings.MEDIA.origin:
        policy = policy.replace("img-src 'self'", f"img-src 'self' {settings.MEDIA.origin}")
    if path.startswith("/admin/"):
        return policy
    return policy.replace("form-action 'self'", " ".join(["form-action 'self'", *settings.PAYMENT_PAGES]))
