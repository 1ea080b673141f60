"""What holds for all pages of the checkout: forgery, caches, escaping, reading."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.models import Cart, CartLine, Order
from orders.tests.shopping import DETAILS, fill_in, put

pytestmark = pytest.mark.django_db

CART, CHECKOUT, REVIEW = (reverse(f"orders:{name}") for name in ("cart", "checkout", "review"))


def test_forms_of_other_sites_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    for address in (CHECKOUT, REVIEW):
        assert client.post(address, DETAILS).status_code == 403


def test_all_pages_are_kept_by_no_cache(client: Client) -> None:
    put(client, VariantFactory.create())
    responses = [client.get(CHECKOUT), fill_in(client, email=""), fill_in(client), client.get(REVIEW)]
    assert all("no-store" in response["Cache-Control"] for response in responses)


def test_names_are_shown_as_text(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client, name='"><script>alert(1)</script>', note="</textarea><script>alert(2)</script>")
    for page in (CHECKOUT, REVIEW):
        assert not re.search(r"<script>alert", client.get(page).content.decode())


def test_reading_pages_changes_nothing_in_the_shop(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    Variant.objects.update(price=1300)

    def state() -> list[Any]:
        return [*Cart.objects.values_list(), *CartLine.objects.values_list(), *Order.objects.values_list()]

    before = state()
    for address in (CART, CHECKOUT, REVIEW):
        client.get(address)
    assert state() == before
