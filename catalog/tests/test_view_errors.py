"""The pages for what went wrong. Those for a broken shop must need nothing of it."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from shop import errors


@pytest.fixture
def request_without_anything(rf: RequestFactory) -> HttpRequest:
    """No session, no user, no messages; and as this file has no database, a query fails the test."""
    return rf.get("/products/")


def test_a_fault_is_told_without_the_database(request_without_anything: HttpRequest) -> None:
    answer = errors.server_error(request_without_anything)

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_a_busy_shop_is_told_without_the_database(request_without_anything: HttpRequest) -> None:
    answer = errors.unavailable(request_without_anything)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Back in a moment" in answer.content.decode()


def test_a_bad_request_is_told_without_the_database(request_without_anything: HttpRequest) -> None:
    answer = errors.bad_request(request_without_anything)

    assert answer.status_code == 400
    assert "We did not understand that" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_missing_is_told_with_ways_to_go_on(client: Client) -> None:
    answer = client.get("/no/such/page/")

    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is nothing on this shelf" in page
    assert 'href="/products/"' in page


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_politely() -> None:
    answer = Client(enforce_csrf_checks=True).post("/cart/add/", {"variant": 1, "quantity": 1})

    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()
