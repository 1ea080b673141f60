from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import Address, User
from accounts.tests.factories import AddressFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/addresses/"
BODY = {"name": "Alice Archer", "line1": "Juniper Lane 1", "postcode": "10115", "city": "Berlin", "country": "de"}


def test_alice_keeps_an_address_book(alice: User, alices_api: APIClient) -> None:
    created = alices_api.post(URL, BODY, format="json")
    assert created.status_code == 201
    answer = created.json()
    assert (answer["country"], answer["is_default"]) == ("DE", True)
    one = f"{URL}{answer['id']}/"
    assert alices_api.get(one).json() == answer
    assert alices_api.patch(one, {"city": "Bonn"}, format="json").json()["city"] == "Bonn"
    assert alices_api.put(one, BODY, format="json").json()["city"] == "Berlin"
    assert alices_api.get(URL).json() == [answer]
    assert alices_api.delete(one).status_code == 204
    assert alices_api.get(URL).json() == []


def test_a_second_default_takes_the_place_of_the_first(alice: User, alices_api: APIClient) -> None:
    first = AddressFactory.create(user=alice, is_default=True)
    second = AddressFactory.create(user=alice)
    response = alices_api.patch(f"{URL}{second.pk}/", {"is_default": True}, format="json")
    assert response.status_code == 200
    first.refresh_from_db()
    assert not first.is_default


def test_one_key_is_one_address(alice: User, alices_api: APIClient) -> None:
    key = {"Idempotency-Key": "an-address"}
    first, again = (alices_api.post(URL, BODY, format="json", headers=key) for _ in range(2))
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    other = alices_api.post(URL, BODY | {"city": "Bonn"}, format="json", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Address.objects.get().city == "Berlin"


def test_a_key_shows_nobody_elses_address(alice: User, charlie: User, alices_api: APIClient, api: APIClient) -> None:
    key = {"Idempotency-Key": "an-address"}
    alices = alices_api.post(URL, BODY, format="json", headers=key).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.open_family(user=charlie).access}")
    charlies = api.post(URL, BODY, format="json", headers=key)
    assert (charlies.status_code, charlies.json()["id"] == alices["id"]) == (201, False)
    assert Address.objects.count() == 2


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_somebody_elses_address_is_as_good_as_none(alice: User, bob: User, charlie: User, method: str) -> None:
    address = AddressFactory.create(user=alice)
    for person in (bob, charlie):
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.open_family(user=person).access}")
        foreign = getattr(api, method)(f"{URL}{address.pk}/", BODY, format="json")
        missing = getattr(api, method)(f"{URL}{address.pk + 1000}/", BODY, format="json")
        assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
        assert foreign.status_code == 404
        assert api.get(URL).json() == []
    assert Address.objects.get().name == address.name


@pytest.mark.parametrize("number", [0, 10**30])
def test_an_absurd_number_is_as_good_as_none(alices_api: APIClient, number: int) -> None:
    assert alices_api.get(f"{URL}{number}/").status_code == 404


def test_the_owner_cannot_be_chosen(alice: User, charlie: User, alices_api: APIClient) -> None:
    alices_api.post(URL, BODY | {"user": charlie.pk, "user_id": charlie.pk, "id": 7}, format="json")
    assert Address.objects.get().user == alice


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("line1", "a\nb"),
        ("city", "x" * 121),
        ("country", "XX"),
        ("country", "Germany"),
        ("country", "RU"),
        ("postcode", "\u0000"),
        ("is_default", "maybe"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_written(alices_api: APIClient, field: str, value: Any) -> None:
    response = alices_api.post(URL, BODY | {field: value}, format="json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not Address.objects.exists()


@pytest.mark.parametrize("text", ["日本 🏺", "مرحبا", "e\u0301 and é", "<script>alert(1)</script>"])
def test_text_comes_back_as_it_was_written(alices_api: APIClient, text: str) -> None:
    created = alices_api.post(URL, BODY | {"name": text}, format="json").json()
    assert created["name"] == text
    assert Address.objects.get().name == text


def test_a_full_book_is_a_conflict(alice: User, alices_api: APIClient) -> None:
    AddressFactory.create_batch(50, user=alice)
    response = alices_api.post(URL, BODY, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "address_book_full")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_log_in(api: APIClient, method: str) -> None:
    assert getattr(api, method)(URL).status_code == 401


def test_the_list_costs_two_queries_whatever_its_length(
    alice: User, alices_api: APIClient, django_assert_num_queries: Any
) -> None:
    AddressFactory.create_batch(20, user=alice)
    with django_assert_num_queries(2):
        assert len(alices_api.get(URL).json()) == 20
