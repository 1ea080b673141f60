from __future__ import annotations

import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.outbox import events, link_in, send_all

pytestmark = pytest.mark.django_db
CHANGE = "/api/v1/auth/password/change/"
RESET = "/api/v1/auth/password/reset/"
CONFIRM = "/api/v1/auth/password/reset/confirm/"
NEW = "copper-lantern-58"


def test_alice_changes_her_password(alice: User, alices_api: APIClient) -> None:
    pair = tokens.open_family(user=alice)
    response = alices_api.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW}, format="json")
    assert response.status_code == 200
    assert User.objects.get().check_password(NEW)
    assert alices_api.get("/api/v1/auth/me/").status_code == 401
    refreshed = APIClient().post("/api/v1/auth/token/refresh/", {"refresh": pair.refresh}, format="json")
    assert refreshed.status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong", "new_password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "short"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "alice@example.com"}, "new_password"),
        ({"new_password": NEW}, "current_password"),
    ],
)
def test_a_mistake_changes_nothing(alices_api: APIClient, body: dict[str, str], field: str) -> None:
    response = alices_api.post(CHANGE, body, format="json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert User.objects.get().check_password(PASSWORD)
    assert alices_api.get("/api/v1/auth/me/").status_code == 200


def test_guessing_the_current_password_is_counted(alices_api: APIClient, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "2/minute"}
    guesses = [
        alices_api.post(CHANGE, {"current_password": f"x{n}", "new_password": NEW}, format="json").status_code
        for n in range(3)
    ]
    assert guesses == [400, 400, 429]


def test_asking_for_a_link_is_answered_alike_for_known_and_unknown(api: APIClient, alice: User) -> None:
    known = api.post(RESET, {"email": "ALICE@example.com"}, format="json")
    unknown = api.post(RESET, {"email": "nobody@example.com"}, format="json")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    assert set(known.headers) == set(unknown.headers)
    assert events() == ["reset-password", "unknown-address"]


def test_the_link_in_the_letter_resets_the_password_once(api: APIClient, alice: User) -> None:
    api.post(RESET, {"email": "alice@example.com"}, format="json", HTTP_HOST="localhost")
    found = re.search(r"/key/(\w+?)-(.+)/$", link_in(send_all()[0]))
    assert found
    body = {"uid": found[1], "token": found[2], "new_password": NEW}
    assert api.post(CONFIRM, body, format="json").status_code == 200
    assert User.objects.get().check_password(NEW)
    again = api.post(CONFIRM, body | {"new_password": "another-lantern-9"}, format="json")
    assert (again.status_code, again.json()["code"]) == (400, "reset_link_not_valid")
    assert User.objects.get().check_password(NEW)


def test_a_weak_password_does_not_spend_the_link(api: APIClient, alice: User) -> None:
    api.post(RESET, {"email": "alice@example.com"}, format="json")
    found = re.search(r"/key/(\w+?)-(.+)/$", link_in(send_all()[0]))
    assert found
    body = {"uid": found[1], "token": found[2]}
    refused = api.post(CONFIRM, body | {"new_password": "password"}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["new_password"])
    assert api.post(CONFIRM, body | {"new_password": NEW}, format="json").status_code == 200


def test_a_foreign_host_is_refused_and_no_link_is_sent(api: APIClient, alice: User) -> None:
    response = api.post(RESET, {"email": "alice@example.com"}, format="json", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert events() == []


def test_a_forwarded_host_does_not_get_into_the_link(api: APIClient, alice: User, settings: Any) -> None:
    settings.SITE_URL = "https://shop.example"
    api.post(RESET, {"email": "alice@example.com"}, format="json", HTTP_X_FORWARDED_HOST="evil.example")
    [message] = send_all()
    assert "evil" not in str(message.body)
    assert "https://shop.example/" in str(message.body)


def test_asking_for_links_is_counted(api: APIClient, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"password_reset": "2/hour"}
    asked = [api.post(RESET, {"email": f"n{n}@example.com"}, format="json").status_code for n in range(3)]
    assert asked == [202, 202, 429]


@pytest.mark.parametrize("email", ["", "x", "mıke@example.com", None, []])
def test_what_is_no_address_is_a_mistake(api: APIClient, email: Any) -> None:
    response = api.post(RESET, {"email": email}, format="json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["email"]
