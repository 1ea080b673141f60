"""The people of the permission tests as clients of the API, with real access tokens.

Alice owns things, Bob is order staff, Charlie is a stranger, Mona a manager; a guest is nobody.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import open_family

ROLES = {"bob": "Order staff", "clara": "Catalog staff", "mona": "Managers"}
ADDRESS = {
    "name": "Alice Miller",
    "line1": "Gartenweg 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}
ORDERS = "/api/v1/orders/"


def person(name: str) -> User:
    """The user with this name, made at the first mention."""
    found = User.objects.filter(username=name).first()
    if found is not None:
        return found
    user = User.objects.create_user(
        username=name, email=f"{name}@example.com", password="juniper-tests", is_staff=name in ROLES
    )
    if name in ROLES:
        user.groups.add(Group.objects.get(name=ROLES[name]))
    return user


def bearer(name: str) -> dict[str, str]:
    """The person's access token, as a header."""
    return {"Authorization": f"Bearer {open_family(user=person(name)).access}"}


def client_of(name: str | None, **headers: str) -> APIClient:
    """A client that sends the person's access token (none for a guest) and the given headers."""
    client = APIClient(headers=headers)
    if name is not None:
        client.credentials(HTTP_AUTHORIZATION=bearer(name)["Authorization"])
    return client


def order_body(*items: tuple[Any, Any], **fields: Any) -> dict[str, Any]:
    """What a guest posts to order the given variants (id or SKU) and quantities."""
    asked = [{"variant": variant, "quantity": quantity} for variant, quantity in items]
    return {"items": asked, "email": "guest@example.com", "shipping_address": ADDRESS} | fields


def post_order(client: APIClient, body: Any, key: str = "a-key-of-this-test") -> Any:
    # In ASCII, so that also what is no Unicode can be sent.
    sent = json.dumps(body)
    return client.post(ORDERS, sent, content_type="application/json", headers={"Idempotency-Key": key})
