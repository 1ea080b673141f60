"""The one table from error to HTTP, and the problem+json answers (RFC 9457) made from it."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from procrastinate.exceptions import ConnectorException
from rest_framework import exceptions
from rest_framework.response import Response

from accounts import errors as accounts
from catalog.errors import (
    BrandInUse,
    CatalogError,
    CategoryInUse,
    ImportOver,
    InvalidProduct,
    NotHereYet,
    NotSoldOut,
    OutOfStock,
    ProductChanged,
    ProductGone,
    StockTooLow,
)
from idempotency import errors as idempotency
from orders import errors as orders

logger = logging.getLogger("shop.requests")
# The database is away, or did not give a lock or a connection in time; the queue has an error of its own for that.
UNAVAILABLE = (OperationalError, InterfaceError, ConnectorException)
DomainError = accounts.AccountsError | CatalogError | idempotency.IdempotencyError | orders.OrdersError
PROBLEM = "application/problem+json"

STATUS: dict[type[Exception], HTTPStatus] = {
    accounts.InvalidToken: HTTPStatus.UNAUTHORIZED,
    accounts.InvalidCredentials: HTTPStatus.UNAUTHORIZED,
    accounts.WrongPassword: HTTPStatus.CONFLICT,
    accounts.InvalidResetLink: HTTPStatus.BAD_REQUEST,
    accounts.UsernameTaken: HTTPStatus.CONFLICT,
    accounts.EmailTaken: HTTPStatus.CONFLICT,
    accounts.AddressNotFound: HTTPStatus.NOT_FOUND,
    accounts.AddressBookFull: HTTPStatus.CONFLICT,
    accounts.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    accounts.ThrottleUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    OutOfStock: HTTPStatus.CONFLICT,
    StockTooLow: HTTPStatus.CONFLICT,
    NotHereYet: HTTPStatus.CONFLICT,
    NotSoldOut: HTTPStatus.CONFLICT,
    InvalidProduct: HTTPStatus.BAD_REQUEST,
    ProductGone: HTTPStatus.NOT_FOUND,
    ProductChanged: HTTPStatus.CONFLICT,
    CategoryInUse: HTTPStatus.CONFLICT,
    ImportOver: HTTPStatus.CONFLICT,
    BrandInUse: HTTPStatus.CONFLICT,
    orders.InvalidOrder: HTTPStatus.BAD_REQUEST,
    orders.EmptyCart: HTTPStatus.UNPROCESSABLE_ENTITY,
    orders.CartChanged: HTTPStatus.CONFLICT,
    orders.CartFull: HTTPStatus.CONFLICT,
    orders.TotalChanged: HTTPStatus.CONFLICT,
    orders.IllegalMove: HTTPStatus.CONFLICT,
    orders.GoodsMissing: HTTPStatus.CONFLICT,
    orders.CouponRefused: HTTPStatus.CONFLICT,
    orders.BatchExists: HTTPStatus.CONFLICT,
    orders.NoShipping: HTTPStatus.CONFLICT,
    orders.EditNotPossible: HTTPStatus.CONFLICT,
    orders.PaymentNotPossible: HTTPStatus.CONFLICT,
    orders.ProviderUnavailable: HTTPStatus.BAD_GATEWAY,
    orders.ProviderRefused: HTTPStatus.PAYMENT_REQUIRED,
    orders.WebhookInvalid: HTTPStatus.BAD_REQUEST,
    orders.RefundNotPossible: HTTPStatus.UNPROCESSABLE_ENTITY,
    orders.ReturnNotPossible: HTTPStatus.CONFLICT,
    orders.EndpointOff: HTTPStatus.CONFLICT,
    idempotency.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    idempotency.KeyInProgress: HTTPStatus.CONFLICT,
    idempotency.KeyMissing: HTTPStatus.BAD_REQUEST,
    idempotency.KeyInvalid: HTTPStatus.BAD_REQUEST,
    orders.ReportTooSlow: HTTPStatus.SERVICE_UNAVAILABLE,
}
CODES = {
    exceptions.ValidationError: "validation_error",
    exceptions.ParseError: "malformed_request",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "authentication_failed",
    exceptions.PermissionDenied: "permission_denied",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}


def problem(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The body of a problem+json answer."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every error as problem+json; what is not known is a 500 without internals."""
    if isinstance(error, UNAVAILABLE):
        logger.error("Database unavailable: %s", error)
        return _answer(503, "unavailable", "The shop is busy. Try again in a moment.", {"Retry-After": "5"})
    if isinstance(error, DomainError):
        return _domain_answer(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        return _answer(413, "request_too_large", "The request is too large.", {})
    elif isinstance(error, SuspiciousOperation):
        return _answer(400, "malformed_request", "The request is not understood.", {})
    if isinstance(error, exceptions.APIException):
        return _framework_answer(error)
    # As Django's own handler does: error reports and tests hear of it, the client learns nothing.
    logger.error("Unexpected error: %s", type(error).__name__, exc_info=error)
    request = context.get("request")
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return _answer(500, "server_error", "Something went wrong on our side.", {})


def _answer(status: int, code: str, detail: str, headers: dict[str, str], **members: Any) -> Response:
    return Response(problem(status, code, detail, **members), status=status, headers=headers, content_type=PROBLEM)


def _domain_answer(error: DomainError) -> Response:
    status = STATUS[type(error)]
    headers = {"Retry-After": "1"} if isinstance(error, idempotency.KeyInProgress) else {}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    if isinstance(error, accounts.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    # `status` is the problem's own member: the HTTP status.
    members = {"order_status" if name == "status" else name: value for name, value in error.details.items()}
    if isinstance(error, InvalidProduct | orders.InvalidOrder):
        members = {"errors": {error.field: [str(error)]}}
    if isinstance(error, idempotency.KeyInvalid):
        members = {"errors": {"Idempotency-Key": [str(error)]}}
    if isinstance(error, orders.EmptyCart):
        members = {"errors": {"items": [str(error)]}}
    return _answer(status, error.code, str(error), headers, **members)


def _framework_answer(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(error, "auth_header", 'Bearer realm="api"')
        error.status_code = 401
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(wait + 0.999)))
    code = next((c for cls, c in CODES.items() if isinstance(error, cls)), "error")
    if isinstance(error, exceptions.ValidationError):
        return _answer(400, code, "Some fields need correction.", headers, errors=_by_field(error.detail))
    detail = error.detail.get("detail", "") if isinstance(error.detail, dict) else error.detail
    return _answer(error.status_code, code, str(detail), headers)


def _by_field(detail: Any) -> Any:
    """Validation errors as a mapping from field to sentences."""
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def page(request: HttpRequest, status: int, code: str, detail: str, template: str) -> HttpResponse:
    """An error as problem+json for the API, as a page for everybody else."""
    if wants_json(request):
        return JsonResponse(problem(status, code, detail), status=status, content_type=PROBLEM)
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400, "malformed_request", "The request is not understood.", "400.html")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, "permission_denied", "You may not do this.", "403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, "not_found", "There is nothing here.", "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort. A database that is away is said as what it is, also when middleware stumbled on it."""
    if isinstance(sys.exc_info()[1], UNAVAILABLE):
        return unavailable(request)
    return page(request, 500, "server_error", "Something went wrong on our side.", "500.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, 403, "csrf_failed", "The form has expired. Load the page again.", "403_csrf.html")


def too_many_requests(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    response = page(request, 429, "throttled", "Too many requests. Try again later.", "429.html")
    response["Retry-After"] = str(retry_after)
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After; the page needs no database."""
    response = page(request, 503, "unavailable", "The shop is busy. Try again in a moment.", "503.html")
    response["Retry-After"] = "5"
    return response
