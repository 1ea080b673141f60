"""Going through the shop's pages in tests, as a browser without scripts would."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import Variant
from orders.models import Order

DETAILS = {
    "email": "guest@example.com",
    "name": "Ada Archer",
    "line1": "Gartenweg 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "payment_method": "bank_transfer",
}


def person(name: str = "alice") -> User:
    user: User = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant-here")
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def put(client: Client, variant: Variant, quantity: object = 1, **fields: object) -> Any:
    """Press "Add to cart"."""
    return client.post(reverse("orders:cart-add"), {"variant": variant.pk, "quantity": quantity, **fields})


def fill_in(client: Client, **changes: str) -> Any:
    """Send the checkout form."""
    return client.post(reverse("orders:checkout"), DETAILS | changes)


def review_form(client: Client) -> dict[str, str]:
    """What the review page would send; empty when it has no button."""
    page = client.get(reverse("orders:review")).content.decode()
    return dict(
        re.findall(r'<input type="hidden" name="(key|expected_total|reviewed|shipping)" value="([^"]*)">', page)
    )


def press_place(client: Client, form: dict[str, str]) -> Any:
    return client.post(reverse("orders:review"), form)


def buy(client: Client, *wanted: tuple[Variant, int], **details: str) -> Order:
    """All the way from the product to the order."""
    before = set(Order.objects.values_list("pk", flat=True))
    for variant, quantity in wanted:
        put(client, variant, quantity)
    fill_in(client, **details)
    press_place(client, review_form(client))
    return Order.objects.exclude(pk__in=before).get()
