from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.models import User


def _user(username: str, *, group: str = "", is_staff: bool = False) -> User:
    user = User.objects.create_user(username=username, email=f"{username}@example.com", is_staff=is_staff)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def alice(db: None) -> User:
    """A customer."""
    return _user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Staff who may move orders, but not see reports."""
    return _user("bob", group="Order staff", is_staff=True)


@pytest.fixture
def charlie(db: None) -> User:
    """A customer who has ordered nothing."""
    return _user("charlie")


@pytest.fixture
def mona(db: None) -> User:
    """A manager."""
    return _user("mona", group="Managers", is_staff=True)
