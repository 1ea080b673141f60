from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/me/"


def test_alice_sees_herself_in_one_query(alice: User, alices_api: APIClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        response = alices_api.get(URL)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    me = response.json()
    assert me["username"] == "alice"
    assert (me["is_staff"], me["is_superuser"], me["groups"], me["permissions"]) == (False, False, [], [])
    assert "password" not in me


def test_staff_see_what_they_may_do(bob: User, django_assert_num_queries: Any) -> None:
    bob.groups.add(Group.objects.create(name="A"), Group.objects.get(name="Managers"))
    bob.user_permissions.add(Permission.objects.get(codename="view_user"))
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.open_family(user=bob).access}")
    with django_assert_num_queries(1):
        me = api.get(URL).json()
    assert me["groups"] == ["A", "Managers"]
    assert set(me["permissions"]) >= {"accounts.view_user", "orders.view_reports"}


def test_names_can_be_changed(alice: User, alices_api: APIClient) -> None:
    response = alices_api.patch(URL, {"first_name": "Ada", "username": "Ada"}, format="json")
    assert response.status_code == 200
    assert (response.json()["first_name"], response.json()["username"]) == ("Ada", "ada")
    alice.refresh_from_db()
    assert (alice.first_name, alice.username) == ("Ada", "ada")


def test_keeping_ones_own_username_is_no_conflict(alices_api: APIClient) -> None:
    assert alices_api.patch(URL, {"username": "alice"}, format="json").status_code == 200


def test_nothing_else_can_be_changed(alice: User, alices_api: APIClient) -> None:
    wishes = {
        "id": 7,
        "email": "x@example.com",
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "groups": ["Managers"],
        "permissions": ["orders.view_reports"],
        "password": "x",
        "credentials_version": 99,
    }
    assert alices_api.patch(URL, wishes, format="json").status_code == 200
    unchanged = User.objects.get()
    assert unchanged.email == "alice@example.com"
    assert (unchanged.pk, unchanged.is_staff, unchanged.is_superuser, unchanged.is_active) == (
        alice.pk,
        False,
        False,
        True,
    )
    assert unchanged.credentials_version == alice.credentials_version
    assert not unchanged.groups.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "charlie"), ("username", "CHARLIE"), ("username", "a b"), ("first_name", "a\nb"), ("username", "")],
)
def test_a_mistake_is_named_and_nothing_changes(alices_api: APIClient, charlie: User, field: str, value: str) -> None:
    response = alices_api.patch(URL, {field: value, "last_name": "New"}, format="json")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not User.objects.filter(last_name="New").exists()


@pytest.mark.parametrize("method", ["get", "patch"])
def test_a_stranger_is_asked_to_log_in(api: APIClient, method: str) -> None:
    assert getattr(api, method)(URL).status_code == 401
