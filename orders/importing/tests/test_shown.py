"""Imported orders where people see them: with their old number, for whom they belong to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import refunds
from orders.importing.layout import Layout
from orders.importing.tests.test_importing import FILE, run_import
from orders.models import Order
from orders.refunds import RefundTerms
from orders.tests import shopping
from orders.tests.api import people
from orders.tests.auditing import broken_rules
from orders.tests.returning import OTTO, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    ann = shopping.person("ann")
    EmailAddress.objects.update_or_create(user=ann, email=ann.email, defaults={"verified": True, "primary": True})
    return ann


@pytest.fixture
def order(ann: User) -> Order:
    run_import(FILE.replace("Ann@Example.com", ann.email))
    return Order.objects.get(external_number="1001")


def test_customers_see_what_they_bought_before(ann: User, order: Order) -> None:
    browser = shopping.client_of(ann)
    listed = browser.get(reverse("orders:history")).content.decode()
    assert "from our former shop, no. 1001" in listed
    page = browser.get(order.get_absolute_url()).content.decode()
    for text in ("From our former shop: 1001", "Mug of old", "Pot", "Elsewhere", "Delivered", "€34.90"):
        assert text in page
    assert "Cancel this order" not in page
    assert shopping.client_of(shopping.person("charlie")).get(order.get_absolute_url()).status_code == 404


def test_the_api_says_where_an_order_comes_from(order: Order) -> None:
    shown = people.client_of("bob").get(f"{people.ORDERS}{order.number}/").json()
    assert (shown["channel"], shown["external_number"]) == ("imported", "1001")
    assert [line["variant"] for line in shown["lines"]] == [None, None]
    charlie = people.client_of("charlie").get(f"{people.ORDERS}{order.number}/")
    assert charlie.status_code == 404


def test_staff_find_an_order_by_its_old_number(order: Order, admin_client: Client) -> None:
    found = admin_client.get(reverse("admin:orders_order_changelist"), {"q": "1001"}).content.decode()
    assert order.number in found
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Imported, there 1001" in page
    assert "Imported from old-shop.csv, there order 1001" in page


def test_an_order_that_came_lately_can_be_sent_back_and_refunded() -> None:
    mug = VariantFactory.create(sku="MUG", stock=5)
    yesterday = str(timezone.now() - timedelta(days=1))
    run_import(FILE.replace("2024-05-01 10:00", yesterday), layout=Layout(now=timezone.now()))
    order = Order.objects.get(external_number="1001")
    received(order, 1, 1)
    assert StockLevel.objects.get(variant=mug).on_hand == 6
    terms = RefundTerms(pieces={line.pk: 1 for line in order.lines.all()})
    refunds.confirm_refund(refund=refunds.request_refund(order=order, terms=terms, actor=OTTO), actor=OTTO)
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"
    assert broken_rules() == []
