"""The three people of the permission tests, as clients of the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

ROLES = {"clara": "Catalog staff", "otto": "Order staff", "charlie": None}


def client_of(name: str | None) -> APIClient:
    """A client logged in as Clara (catalogue staff), Otto (order staff), Charlie (customer), or nobody."""
    client = APIClient()
    if name:
        client.force_authenticate(person(name))
    return client


def person(name: str) -> Any:
    user = get_user_model().objects.create_user(
        username=name, email=f"{name}@example.com", password="juniper-tests", is_staff=bool(ROLES[name])
    )
    if role := ROLES[name]:
        user.groups.add(Group.objects.get(name=role))
    return user
