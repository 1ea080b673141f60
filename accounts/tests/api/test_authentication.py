"""Forged, foreign, stale and broken tokens at a door that wants a good one."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/me/"


def good_claims(user: User) -> dict[str, Any]:
    return jwt.decode(tokens.open_family(user=user).access, options={"verify_signature": False})


def signed(claims: dict[str, Any], key: str = settings.SECRET_KEY, algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers=header or None)


def unsigned(claims: dict[str, Any]) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in ({"alg": "none"}, claims)]
    return ".".join([*parts, ""])


def ask(token: str | bytes) -> Any:
    raw = token if isinstance(token, str) else token.decode("latin-1")
    return APIClient().get(URL, HTTP_AUTHORIZATION=f"Bearer {raw}")


def test_a_good_token_is_accepted(alice: User, django_assert_num_queries: Any) -> None:
    token = signed(good_claims(alice))
    with django_assert_num_queries(1):
        assert ask(token).status_code == 200


FORGERIES: dict[str, Callable[[dict[str, Any]], str]] = {
    "no algorithm": unsigned,
    "another algorithm": lambda c: signed(c, algorithm="HS512"),
    "another key": lambda c: signed(c, key="x" * 50),
    "expired": lambda c: signed(c | {"exp": int(time.time()) - 1}),
    "not yet": lambda c: signed(c | {"nbf": int(time.time()) + 600}),
    "never expires": lambda c: signed({k: v for k, v in c.items() if k != "exp"}),
    "absurd expiry": lambda c: signed(c | {"exp": 10**30}),
    "infinite expiry": lambda c: signed(c | {"exp": float("inf")}),
    "another issuer": lambda c: signed(c | {"iss": "https://evil.example"}),
    "no issuer": lambda c: signed({k: v for k, v in c.items() if k != "iss"}),
    "another audience": lambda c: signed(c | {"aud": "other-api"}),
    "no audience": lambda c: signed({k: v for k, v in c.items() if k != "aud"}),
    "refresh as access": lambda c: signed(c | {"type": "refresh"}),
    "no type": lambda c: signed({k: v for k, v in c.items() if k != "type"}),
    "no id": lambda c: signed({k: v for k, v in c.items() if k != "jti"}),
    "old version": lambda c: signed(c | {"ver": c["ver"] - 1}),
    "no version": lambda c: signed({k: v for k, v in c.items() if k != "ver"}),
    "broken version": lambda c: signed(c | {"ver": "x"}),
    "nobody": lambda c: signed({k: v for k, v in c.items() if k != "user_id"}),
    "unknown user": lambda c: signed(c | {"user_id": "999999"}),
    "absurd user": lambda c: signed(c | {"user_id": 10**40}),
    "broken user": lambda c: signed(c | {"user_id": "alice"}),
    "user is a list": lambda c: signed(c | {"user_id": [1]}),
    "100 kB": lambda c: signed(c | {"pad": "x" * 100_000}),
    "garbage": lambda c: "garbage",
    "dots": lambda c: "..",
    "no text": lambda c: "\xff\xfe",
    "empty": lambda c: "",
    "two parts": lambda c: f"{signed(c)} more",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_bad_token_is_refused_with_a_problem(alice: User, forgery: str) -> None:
    response = ask(FORGERIES[forgery](good_claims(alice)))
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [{"kid": "../../dev/null"}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "http://x/"}])
def test_where_a_token_says_its_key_is_does_not_matter(alice: User, header: dict[str, str]) -> None:
    assert ask(signed(good_claims(alice), **header)).status_code == 200
    assert ask(signed(good_claims(alice), key="x" * 50, **header)).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YWxpY2U6eA==", "Token x", "é"])
def test_whoever_brings_no_token_is_asked_for_one(header: str) -> None:
    response = APIClient().get(URL, HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_an_account_that_is_switched_off_is_refused_at_once(alice: User) -> None:
    token = tokens.open_family(user=alice).access
    User.objects.update(is_active=False)
    assert ask(token).status_code == 401


def test_a_session_does_not_open_the_api(alice: User, client: Any) -> None:
    client.force_login(alice)
    assert client.get(URL).status_code == 401
