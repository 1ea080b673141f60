"""The start page and the menu of the admin, by role."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.tests.placing import place

pytestmark = pytest.mark.django_db

ORDERS = reverse("admin:orders_order_changelist")
PRODUCTS = reverse("admin:catalog_product_changelist")
JOBS = reverse("admin:procrastinate_procrastinatejob_changelist")


def start_page(group: str = "", *, is_superuser: bool = False) -> str:
    user = get_user_model().objects.create_user(
        "bob", "bob@example.com", "irrelevant-here", is_staff=True, is_superuser=is_superuser
    )
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:index")).content.decode()


def count_of(page: str, label: str) -> str:
    """The number that stands before a label."""
    return page.split(label)[0].rsplit("</span>", 1)[0].rsplit(">", 1)[1].strip()


def test_order_staff_see_what_waits_and_only_their_own_pages() -> None:
    orders = [place((VariantFactory.create(), 1)) for _ in range(3)]
    lifecycle.accept(order=orders[0], actor=staff("bob"))
    lifecycle.cancel(order=lifecycle.mark_paid(order=orders[1], actor=staff("bob")), actor=staff("bob"))

    page = start_page("Order staff")

    assert count_of(page, "orders wait for payment") == "1"
    assert count_of(page, "orders are to be packed") == "1"
    assert count_of(page, "refunds are to be given back by hand") == "1"
    assert count_of(page, "refunds have failed") == "0"
    assert count_of(page, "messages about payments") == "0"
    assert ORDERS in page
    assert PRODUCTS not in page
    assert JOBS not in page
    assert "pieces or fewer left" not in page


def test_catalog_staff_see_what_runs_short_and_no_orders() -> None:
    for stock in (0, 3, 4):
        VariantFactory.create(stock=stock)

    page = start_page("Catalog staff")

    assert count_of(page, "variants have 3 pieces or fewer left") == "2"
    assert PRODUCTS in page
    assert ORDERS not in page


def test_an_administrator_sees_everything() -> None:
    page = start_page(is_superuser=True)
    assert all(address in page for address in (ORDERS, PRODUCTS, JOBS, reverse("orders:report")))


def test_what_is_for_screen_readers_alone_is_not_seen() -> None:
    """The theme has no such class; without it, labels stand beside what they name and push pages out of a phone."""
    rules = Path(finders.find("css/staff.css")).read_text()  # type: ignore[arg-type]  # it is there
    assert ".sr-only {" in rules
    assert "clip-path" in rules
    assert 'href="/static/css/staff' in start_page("Order staff")
