from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import TokenFamily, User
from accounts.tests.factories import UserFactory
from shop.testing.races import at_once

URL = "/api/v1/auth/token/refresh/"


def refresh(token: Any, client: APIClient | None = None) -> Any:
    return (client or APIClient()).post(URL, {"refresh": token}, format="json")


@pytest.mark.django_db
def test_a_refresh_token_buys_a_new_pair_once(alice: User, django_assert_num_queries: Any) -> None:
    first = tokens.open_family(user=alice).refresh
    with django_assert_num_queries(1):
        response = refresh(first)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    second = response.json()["refresh"]
    assert refresh(first).status_code == 401
    assert refresh(second).status_code == 401, "the replay has ended the family"


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_leave_at_most_one_live_token() -> None:
    first = tokens.open_family(user=UserFactory.create()).refresh
    responses: list[Any] = at_once(20, lambda _: refresh(first))
    assert sorted(response.status_code for response in responses) == [200] + [401] * 19
    new = next(response.json()["refresh"] for response in responses if response.status_code == 200)
    assert refresh(new).status_code in (200, 401)
    assert TokenFamily.objects.filter(revoked_at=None).count() <= 1


@pytest.mark.django_db
@pytest.mark.parametrize("fate", ["deleted", "deactivated", "logged out", "access token"])
def test_a_token_that_opens_nothing_is_refused_with_a_problem(alice: User, fate: str) -> None:
    pair = tokens.open_family(user=alice)
    token = pair.refresh
    if fate == "deleted":
        alice.delete()
    elif fate == "deactivated":
        User.objects.update(is_active=False)
    elif fate == "logged out":
        tokens.end_all(user_id=alice.pk)
    else:
        token = pair.access
    response = refresh(token)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "token_not_valid"


@pytest.mark.django_db
@pytest.mark.parametrize("garbage", ["x", "a.b.c", "é.é.é", "x" * 100_000, "." * 500, " "])
def test_garbage_is_refused(garbage: str) -> None:
    assert refresh(garbage).status_code in (400, 401)
    assert refresh(garbage)["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("nothing", [None, "", 7.5, True, [], {}, "\u0000"])
def test_what_is_no_text_is_a_mistake_or_refused(nothing: Any) -> None:
    assert refresh(nothing).status_code in (400, 401)
