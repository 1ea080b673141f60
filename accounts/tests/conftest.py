"""Alice has an account, Bob is staff, Charlie is a stranger to both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    ScryptPasswordHasher,
)
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.tests import outbox
from accounts.tests.factories import UserFactory


@pytest.fixture(autouse=True)
def fresh_quotas() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def fresh_outbox(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        outbox.start()


@pytest.fixture
def alice(db: None) -> User:
    return UserFactory.create(username="alice", email="alice@example.com", first_name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return UserFactory.create(username="bob", is_staff=True)


@pytest.fixture
def charlie(db: None) -> User:
    return UserFactory.create(username="charlie")


@pytest.fixture
def real_hashers(production_password_hashers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hashers of production, with little work to do."""
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 4)
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1000)
    monkeypatch.setattr(ScryptPasswordHasher, "work_factor", 16)


@pytest.fixture
def hashes(real_hashers: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every bcrypt hash that is computed."""
    computed: list[str] = []
    encode = BCryptSHA256PasswordHasher.encode

    def counted(self: BCryptSHA256PasswordHasher, password: str, salt: str) -> str:
        computed.append(salt)
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", counted)
    return computed


@pytest.fixture
def api() -> APIClient:
    """A client that is not logged in."""
    return APIClient()


@pytest.fixture
def alices_api(alice: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.open_family(user=alice).access}")
    return client
