"""Logging in for tokens, brute force included."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import TokenFamily, User
from accounts.tests.factories import PASSWORD, UserFactory
from shop.testing.races import at_once

URL = "/api/v1/auth/token/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "login", [{"username": "alice"}, {"username": "ALICE@example.com"}, {"email": "alice@example.com"}]
)
@pytest.mark.parametrize("form", ["json", "multipart", "urlencoded"])
def test_alice_logs_in(api: APIClient, alice: User, login: dict[str, str], form: str) -> None:
    data = login | {"password": PASSWORD}
    if form == "urlencoded":
        pairs = "&".join(f"{name}={value}" for name, value in data.items())
        response = api.post(URL, pairs, content_type="application/x-www-form-urlencoded")
    else:
        response = api.post(URL, data, format=form)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert set(answer) == {"access", "refresh", "token_type", "expires_in"}
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 1800)
    claims = jwt.decode(answer["access"], options={"verify_signature": False})
    assert claims["iss"] == django_settings.SITE_URL
    assert (claims["aud"], claims["type"], claims["ver"]) == ("shop-api", "access", alice.credentials_version)
    assert claims["exp"] - claims["iat"] == 1800


@pytest.mark.django_db
def test_the_life_of_an_access_token_is_a_setting(api: APIClient) -> None:
    assert django_settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds() == 30 * 60


@pytest.mark.django_db
def test_logging_in_takes_two_queries(api: APIClient, alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        api.post(URL, {"username": "alice", "password": PASSWORD}, format="json")


@pytest.mark.django_db
def test_all_refusals_are_alike(api: APIClient, alice: User, settings: Any) -> None:
    settings.API_REQUIRES_CONFIRMED_EMAIL = True
    UserFactory.create(username="gone", is_active=False)
    UserFactory.create(username="nina", confirmed=False)
    attempts = [("alice", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("nina", PASSWORD)]
    answers = [api.post(URL, {"username": n, "password": p}, format="json") for n, p in attempts]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "invalid_credentials"
    assert answers[0]["WWW-Authenticate"].startswith("Bearer")
    assert not TokenFamily.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"password": PASSWORD}, "username"),
        ({"username": "alice"}, "password"),
        ({"username": "", "password": PASSWORD}, "username"),
        ({"username": "al\u0000ice", "password": PASSWORD}, "username"),
        ({"username": "x" * 300, "password": PASSWORD}, "username"),
        ({"username": ["alice"], "password": PASSWORD}, "username"),
    ],
)
def test_a_mistake_is_named(api: APIClient, data: dict[str, Any], field: str) -> None:
    response = api.post(URL, data, format="json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


@pytest.mark.django_db
def test_a_stale_token_in_the_header_does_not_keep_anybody_from_logging_in(api: APIClient, alice: User) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert api.post(URL, {"username": "alice", "password": PASSWORD}, format="json").status_code == 200


@pytest.mark.django_db
def test_guesses_are_counted_for_the_account_and_the_address(api: APIClient, alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "100/minute", "login_account": "3/hour"}

    def guess(name: str, password: str = "wrong", **headers: Any) -> int:
        return int(api.post(URL, {"username": name, "password": password}, format="json", **headers).status_code)

    assert [guess(name) for name in ("alice@example.com", "ALICE@example.com", " Alice@EXAMPLE.com ")] == [401] * 3
    assert guess("alice@example.com", PASSWORD) == 429
    assert guess("alice@example.com", PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.9") == 429
    assert guess("alice@example.com", PASSWORD, REMOTE_ADDR="10.0.0.2") == 200


@pytest.mark.django_db
def test_a_refusal_says_when_to_come_back(api: APIClient, alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "1/minute"}
    api.post(URL, {"username": "alice", "password": "wrong"}, format="json")
    response = api.post(URL, {"username": "alice", "password": PASSWORD}, format="json")
    assert response.status_code == 429
    assert response.json()["code"] == "throttled"
    assert 1 <= int(response["Retry-After"]) <= 60


@pytest.mark.django_db(transaction=True)
def test_a_parallel_burst_makes_no_more_guesses_than_the_quota(settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "5/minute"}
    user = UserFactory.create()

    def guess(n: int) -> int:
        data = {"username": user.username, "password": f"wrong-{n}"}
        return int(APIClient().post(URL, data, format="json").status_code)

    statuses = at_once(50, guess)
    assert statuses.count(401) == 5
    assert statuses.count(429) == 45


@pytest.mark.django_db
def test_without_a_cache_the_door_is_closed(api: APIClient, alice: User, settings: Any) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    response = api.post(URL, {"username": "alice", "password": PASSWORD}, format="json")
    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"
    assert response["Retry-After"]
    assert not TokenFamily.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["alice", "alice@example.com", "nobody", "nobody@example.com", "gone", "a b"])
def test_every_refusal_costs_one_hash_so_that_time_tells_nothing(api: APIClient, hashes: list[str], name: str) -> None:
    UserFactory.create(username="alice")
    UserFactory.create(username="gone", is_active=False)
    hashes.clear()
    response = api.post(URL, {"username": name, "password": "wrong"}, format="json")
    assert response.status_code == 401
    assert len(hashes) == 1


@pytest.mark.django_db
def test_the_access_token_opens_the_account(api: APIClient, alice: User) -> None:
    access = api.post(URL, {"username": "alice", "password": PASSWORD}, format="json").json()["access"]
    assert tokens.read_access(access).user_id == alice.pk
    api.credentials(HTTP_AUTHORIZATION=f"bearer {access}")
    assert api.get("/api/v1/auth/me/").json()["username"] == "alice"
