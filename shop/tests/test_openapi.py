"""The description of the API: complete, valid, and readable in a browser without the internet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from playwright.sync_api import ConsoleMessage, Page, Request

from shop.testing.browser import OpenPage

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    loaded: dict[str, Any] = yaml.safe_load(out.getvalue())
    return loaded


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_refusal_is_described_as_a_problem(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert "503" in refusals, (method, path)
        assert ("404" in refusals) == ("{" in path), (method, path)
        assert ("requestBody" in operation) <= ({"400", "413", "415"} <= set(refusals)), (method, path)
        for answer in refusals.values():
            assert answer["description"]
            assert answer["content"] == {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_every_success_is_described(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        successes = {status for status in operation["responses"] if status < "400"}
        assert successes, (method, path)


def test_placing_an_order_names_its_headers_and_refusals(schema: dict[str, Any]) -> None:
    operation = schema["paths"]["/api/v1/orders/"]["post"]
    headers = {parameter["name"]: parameter.get("required", False) for parameter in operation["parameters"]}
    assert headers == {"Idempotency-Key": True, "X-Cart-Token": False}
    assert set(operation["responses"]) == {"201", "400", "401", "409", "413", "415", "422", "429", "503"}
    assert set(operation["responses"]["201"]["headers"]) == {"Location", "Idempotent-Replayed"}
    assert operation["security"] == [{"bearer": []}, {}]


def test_every_post_that_creates_takes_a_key(schema: dict[str, Any]) -> None:
    """But for accounts and tokens: their bodies hold passwords, of which not even a fingerprint is kept."""
    for path, method, operation in operations(schema):
        if method != "post" or "201" not in operation["responses"] or "/auth/" in path:
            continue
        assert "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}, path
        assert {"409", "422"} <= set(operation["responses"]), path
        assert "Idempotent-Replayed" in operation["responses"]["201"]["headers"], path


def test_moves_of_staff_need_a_token_and_may_be_forbidden(schema: dict[str, Any]) -> None:
    operation = schema["paths"]["/api/v1/orders/{number}/ship/"]["post"]
    assert set(operation["responses"]) == {"200", "401", "403", "404", "409", "503"}
    assert operation["security"] == [{"bearer": []}]


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["application/vnd.oai.openapi+json", "application/json", "*/*", "text/html"])
def test_the_schema_is_served(accept: str, client: Any, schema: dict[str, Any]) -> None:
    response = client.get("/api/schema/", headers={"Accept": accept})
    assert response.status_code == 200
    served = json.loads(response.content) if "json" in response["Content-Type"] else yaml.safe_load(response.content)
    assert set(served["paths"]) == set(schema["paths"])


@pytest.fixture
def quiet_page(open_page: OpenPage, live_server: Any) -> Iterator[Page]:
    """A window in which nothing may go wrong, and from which nothing leaves this machine."""
    page = open_page()
    faults: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            faults.append(said.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            faults.append(f"asked for {request.url}")

    page.on("console", heard)
    page.on("request", asked)
    page.on("requestfailed", lambda request: faults.append(f"{request.url}: {request.failure}"))
    yield page
    assert faults == []


@pytest.mark.django_db(transaction=True)
def test_swagger_shows_the_operations(quiet_page: Page) -> None:
    quiet_page.goto("/docs")
    quiet_page.get_by_text("Place an order", exact=True).wait_for()
    quiet_page.get_by_role("button", name="POST /api/v1/orders/ Place an order").click()
    quiet_page.get_by_text("Idempotency-Key", exact=False).first.wait_for()


@pytest.mark.django_db(transaction=True)
def test_redoc_shows_the_operations(quiet_page: Page) -> None:
    quiet_page.goto("/redoc")
    quiet_page.get_by_role("heading", name="Place an order").wait_for()
