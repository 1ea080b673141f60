from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/account/"


def test_alice_sees_and_changes_her_names(alice: User, client: Client) -> None:
    client.force_login(alice)
    page = client.get(URL)
    assert "Hello, Alice" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    client.post(URL, {"first_name": "Ada", "last_name": "Archer", "username": "Ada"})
    alice.refresh_from_db()
    assert (alice.first_name, alice.last_name, alice.username) == ("Ada", "Archer", "ada")


@pytest.mark.parametrize("username", ["charlie", "CHARLIE", "a b", "a@b", ""])
def test_a_mistake_is_shown_and_nothing_changes(alice: User, charlie: User, client: Client, username: str) -> None:
    client.force_login(alice)
    page = client.post(URL, {"first_name": "Ada", "username": username})
    assert "errorlist" in page.content.decode()
    alice.refresh_from_db()
    assert (alice.first_name, alice.username) == ("Alice", "alice")


def test_nothing_else_can_be_sent_along(alice: User, client: Client) -> None:
    client.force_login(alice)
    client.post(URL, {"username": "alice", "email": "x@example.com", "is_staff": "on", "is_superuser": "on"})
    alice.refresh_from_db()
    assert (alice.email, alice.is_staff, alice.is_superuser) == ("alice@example.com", False, False)


def test_a_stranger_is_sent_to_log_in(client: Client) -> None:
    assert client.get(URL)["Location"] == "/account/login/?next=/account/"
