from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.outbox import events
from shop.testing.races import at_once

URL = "/api/v1/auth/register/"


def body(**changes: Any) -> dict[str, Any]:
    return {"username": "nina", "email": "nina@example.com", "password": PASSWORD} | changes


@pytest.mark.django_db
def test_a_customer_signs_up(api: APIClient) -> None:
    response = api.post(URL, body(username="Nina", email="Nina@Example.com", first_name="Nina"), format="json")
    assert response.status_code == 201
    assert response.json()["username"] == "nina"
    assert response.json()["email"] == "nina@example.com"
    assert PASSWORD not in response.content.decode()
    user = User.objects.get()
    assert (user.first_name, user.is_staff, user.is_superuser) == ("Nina", False, False)
    assert events() == ["confirm-email"]


@pytest.mark.django_db
def test_a_known_address_gets_the_same_answer(api: APIClient, alice: User) -> None:
    known = api.post(URL, body(email="alice@example.com"), format="json")
    new = api.post(URL, body(email="ninas@example.com"), format="json")
    assert known.status_code == new.status_code == 201
    assert known.json()["detail"] == new.json()["detail"]
    assert set(known.headers) == set(new.headers)
    assert known.json() | {"email": ""} == new.json() | {"email": ""}
    assert events() == ["already-registered", "confirm-email"]


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["new@example.com", "alice@example.com"])
def test_a_known_address_costs_as_much_hashing_as_a_new_one(
    api: APIClient, alice: User, hashes: list[str], email: str
) -> None:
    assert api.post(URL, body(email=email), format="json").status_code == 201
    assert len(hashes) == 1


@pytest.mark.django_db
def test_rights_cannot_be_sent_along(api: APIClient) -> None:
    wishes = {"is_staff": True, "is_superuser": True, "groups": [1], "credentials_version": 7, "id": 1}
    assert api.post(URL, body(**wishes), format="json").status_code == 201
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser
    assert not user.groups.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "alice"),
        ("username", "ALICE"),
        ("username", ""),
        ("username", "a@b"),
        ("username", "nina\u0000"),
        ("username", "x" * 61),
        ("username", "ni\nna"),
        ("username", None),
        ("username", {"a": 1}),
        ("email", "not an address"),
        ("email", "mıke@example.com"),
        ("email", f"{'x' * 250}@example.com"),
        ("email", ""),
        ("password", "short"),
        ("password", "password"),
        ("password", "48151623"),
        ("password", "nina@example.com"),
        ("password", "x" * 257),
        ("password", None),
        ("first_name", "two\nlines"),
        ("first_name", "x" * 151),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(api: APIClient, alice: User, field: str, value: Any) -> None:
    response = api.post(URL, body(**{field: value}), format="json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(response.json()["errors"]) == [field]
    assert User.objects.count() == 1
    assert events() == []


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["username", "email", "password", "first_name"])
def test_half_a_character_is_a_mistake(api: APIClient, field: str) -> None:
    raw = json.dumps(body(**{field: "nina\ud800-teapot"}))
    response = api.post(URL, raw, content_type="application/json")
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


@pytest.mark.django_db
@pytest.mark.parametrize("raw", ["", "[]", "null", '"x"', "{", "[[[[" * 1000, '{"username": 1e999}'])
def test_a_body_that_is_no_registration_is_refused(api: APIClient, raw: str) -> None:
    response = api.post(URL, raw, content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_a_race_for_one_address_or_username_ends_cleanly() -> None:
    same_email = at_once(6, lambda n: APIClient().post(URL, body(username=f"n{n}"), format="json").status_code)
    assert same_email == [201] * 6
    same_name = at_once(
        6,
        lambda n: APIClient().post(URL, body(username="zoe", email=f"zoe{n}@example.com"), format="json").status_code,
    )
    assert sorted(same_name, key=str) == [201] + [400] * 5
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_registrations_are_counted(api: APIClient, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"registration": "2/hour"}
    statuses = [
        api.post(URL, body(username=f"n{n}", email=f"n{n}@example.com"), format="json").status_code for n in range(4)
    ]
    assert statuses == [201, 201, 429, 429]


@pytest.mark.django_db
def test_letters_to_one_address_are_counted_wherever_they_are_asked_for(api: APIClient, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"registration": "2/hour"}
    statuses = [
        api.post(URL, body(username=f"n{n}"), format="json", REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(4)
    ]
    assert statuses == [201, 201, 429, 429]
