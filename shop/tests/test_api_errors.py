"""Whatever is sent to the API: a problem, never a page, never an insight into our house."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from catalog.tests.factories import VariantFactory
from orders import checkout
from orders.models import Order
from orders.tests.api.people import ORDERS, client_of, order_body, post_order
from shop.wsgi import application

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
DEEP = 10_000


def assert_problem(response: Any, status: int, code: str) -> None:
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]
    assert response["X-Request-ID"]


def send(body: bytes | str, content_type: str = "application/json") -> Any:
    started = time.thread_time()
    headers = {"Idempotency-Key": "a-key"}
    response = Client().generic("POST", ORDERS, body, content_type=content_type, headers=headers)
    assert time.thread_time() - started < 1
    assert not Order.objects.exists()
    return response


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "{'items': 1}",
        '{"items": NaN}',
        '{"items": Infinity}',
        '{"email": "a@example.com", "email": "b@example.com"}',
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        "[" * 40 + "]" * 40,
        '{"items": ' + "1" * 5000 + "}",
        b"\xff\xfe",
        b'{"email": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"items": []}'.encode("utf-16"),
        b"\x00",
    ],
    ids=range(15),
)
def test_what_is_not_json_is_refused(body: bytes | str) -> None:
    response = send(body)
    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM
    assert response.json()["code"] in {"malformed_request", "validation_error"}
    assert len(response.content) < 1000


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "utf-7", "base64", "nonsense"])
def test_json_is_utf_8_whatever_the_header_says(charset: str) -> None:
    response = send(json.dumps({"email": "x"}), f"application/json; charset={charset}")
    assert_problem(response, 400, "validation_error")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json", "nonsense"]
)
def test_another_content_type_is_refused(content_type: str) -> None:
    assert_problem(send("{}", content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("size", [1_000_001, 50_000_000])
def test_too_large_a_body_is_refused_before_it_is_parsed(size: int) -> None:
    assert_problem(send(b"[" + b" " * (size - 2) + b"]"), 413, "request_too_large")


def test_a_million_items_are_refused_quickly() -> None:
    many = order_body() | {"items": [1] * 300_000}
    response = send(json.dumps(many, separators=(",", ":")))
    assert_problem(response, 400, "validation_error")
    assert list(response.json()["errors"]) == ["items"]
    assert_problem(send(json.dumps([1] * 1_000_000)), 413, "request_too_large")


def test_fifty_levels_of_what_is_ignored_are_refused_too() -> None:
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    body = order_body((VariantFactory.create().pk, 1)) | {"extra": deep}
    assert_problem(post_order(client_of(None), body), 400, "malformed_request")


@pytest.mark.parametrize("accept", ["application/json", "text/html", "*/*", "application/xml", "x", "nonsense/*;q=x"])
def test_an_unexpected_error_tells_nothing(
    accept: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: Any) -> Any:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(checkout, "_place", fails)
    client = client_of(None)
    client.raise_request_exception = False
    client.credentials(HTTP_ACCEPT=accept)
    response = post_order(client, order_body((VariantFactory.create().pk, 1)))
    assert_problem(response, 500, "server_error")
    assert b"secret" not in response.content
    assert b"Traceback" not in response.content
    assert "the secret of the house" in caplog.text


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png", ""])
def test_who_asks_for_another_format_gets_json(accept: str) -> None:
    response = Client().get("/api/v1/checkout/options/", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "path", ["", "nothing/", "orders/1/2/3/", "products/a/b/", "nothing", "cart/items/x/", "a%00b/", "a%0Ab/", "%ff/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_addresses_are_problems(method: str, path: str, debug: bool, settings: Any) -> None:
    settings.DEBUG = debug
    for root in ("/api/v1/", "/api/v2/", "/api/"):
        response = getattr(Client(enforce_csrf_checks=True), method)(f"{root}{path}")
        assert_problem(response, 404, "not_found")


def test_a_forgotten_slash_is_added_and_nothing_is_lost() -> None:
    client = Client()
    response = client.get("/api/v1/checkout/options?a=1&b=%2F")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/checkout/options/?a=1&b=%2F")
    body = order_body((VariantFactory.create().pk, 1))
    placed = client.post(
        ORDERS.rstrip("/"), body, content_type="application/json", headers={"Idempotency-Key": "k"}, follow=True
    )
    assert placed.status_code == 201


@pytest.mark.parametrize("path", ["//evil.example/", "/evil.example", "%2f%2fevil.example"])
def test_the_slash_leads_nowhere_else(path: str) -> None:
    assert client_of(None).get(f"/api/v1/{path}").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_method_that_is_not_there_is_a_problem(method: str) -> None:
    response = getattr(client_of("alice"), method)(ORDERS)
    assert_problem(response, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(response["Allow"].split(", "))


def test_every_address_of_the_api_is_in_the_schema() -> None:
    generator: Any = SchemaGenerator
    described = generator().get_schema(request=None, public=True)["paths"]
    assert {_shape(path) for path in _addresses(get_resolver().url_patterns)} == {_shape(path) for path in described}


@pytest.mark.parametrize("charset", ["zlib", "rot13", "hex", "undefined", "idna", "utf-16", "\xff"])
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_a_charset_that_is_none_breaks_nothing(content_type: str, charset: str) -> None:
    environ = RequestFactory().generic("POST", "/?name=%C3%A9", b"name=%C3%A9").environ
    request = application.request_class(environ | {"CONTENT_TYPE": f"{content_type}; charset={charset}"})
    assert (request.GET["name"], request.content_type) == ("é", content_type)
    assert request.POST.get("name", "é") == "é"


def _addresses(patterns: Any, prefix: str = "/") -> Any:
    for pattern in patterns:
        path = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/v1/") and pattern.name:
            yield path


def _shape(path: str) -> str:
    """The address with every parameter as {}."""
    return re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<[^>]+>|\{\w+\}", "{}", path)
