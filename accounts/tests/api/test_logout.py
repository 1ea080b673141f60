from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/logout/"


@pytest.mark.parametrize("shown", ["access", "refresh", "both"])
def test_logging_out_ends_every_session_and_token(alice: User, client: Client, shown: str) -> None:
    client.force_login(alice)
    here, elsewhere = tokens.open_family(user=alice), tokens.open_family(user=alice)
    api = APIClient()
    if shown != "refresh":
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {here.access}")
    response = api.post(URL, {} if shown == "access" else {"refresh": here.refresh}, format="json")
    assert response.status_code == 204
    for pair in (here, elsewhere):
        refreshed = APIClient().post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh}, format="json")
        assert refreshed.status_code == 401
        me = APIClient().get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {pair.access}")
        assert me.status_code == 401
    assert client.get("/account/").status_code == 302


def test_without_a_body(alices_api: APIClient) -> None:
    assert alices_api.post(URL).status_code == 204


@pytest.mark.parametrize("body", [{}, {"refresh": "garbage"}])
def test_whoever_shows_nothing_good_logs_nobody_out(alice: User, body: dict[str, Any]) -> None:
    pair = tokens.open_family(user=alice)
    response = APIClient().post(URL, body, format="json")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    tokens.rotate(refresh=pair.refresh)


def test_a_spent_refresh_token_logs_nobody_out(alice: User) -> None:
    first = tokens.open_family(user=alice)
    second = tokens.rotate(refresh=first.refresh)
    assert APIClient().post(URL, {"refresh": first.refresh}, format="json").status_code == 401
    tokens.rotate(refresh=second.refresh)
