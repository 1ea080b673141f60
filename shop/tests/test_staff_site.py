"""The start page and the menu of the admin, by role."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Variant
from catalog.money import format_amount
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import staff
from orders.models import Order
from orders.tests.placing import place

pytestmark = pytest.mark.django_db

ORDERS = reverse("admin:orders_order_changelist")
REPORT = reverse("orders:report")
STOCK = reverse("admin:catalog_stocklevel_changelist")
PRODUCTS = reverse("admin:catalog_product_changelist")
JOBS = reverse("admin:procrastinate_procrastinatejob_changelist")


def client_of(name: str, group: str = "", *, is_superuser: bool = False) -> Client:
    user = get_user_model().objects.create_user(
        name, f"{name}@example.com", "irrelevant-here", is_staff=True, is_superuser=is_superuser
    )
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def start_page(group: str = "", *, is_superuser: bool = False) -> str:
    client = client_of("bob", group, is_superuser=is_superuser)
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
    assert "run short" not in page
    assert REPORT not in page
    assert "orders today" not in page


@pytest.mark.parametrize(("limit", "short"), [(3, 1), (4, 2), (5, 3), (0, 0)])
def test_catalog_staff_see_what_runs_short_and_find_it_in_the_list(settings: Any, limit: int, short: int) -> None:
    settings.SHOP_LOW_STOCK = limit
    for stock in (0, 3, 4):
        VariantFactory.create(stock=stock)

    page = start_page("Catalog staff")

    assert count_of(page, f"variants run short: fewer than {limit} pieces") == str(short)
    assert PRODUCTS in page
    assert ORDERS not in page
    listed = client_of("clara", "Catalog staff").get(STOCK, {"available": "low"})
    assert len(listed.context["cl"].result_list) == short


def test_what_is_archived_does_not_run_short() -> None:
    Variant.objects.filter(pk=VariantFactory.create(stock=0).pk).update(archived_at=timezone.now())
    assert count_of(start_page("Catalog staff"), "variants run short") == "0"


def test_managers_see_figures_that_are_those_of_the_report_they_lead_to(django_assert_max_num_queries: Any) -> None:
    old, late, _, off = (place((VariantFactory.create(price=1000), 1)) for _ in range(4))
    lifecycle.cancel(order=off, actor=staff("bob"))
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    Order.objects.filter(pk=old.pk).update(placed_at=midnight - timedelta(days=29, seconds=1))
    Order.objects.filter(pk=late.pk).update(placed_at=midnight - timedelta(days=29))
    mona = client_of("mona", "Managers")

    with django_assert_max_num_queries(10):
        page = mona.get(reverse("admin:index")).content.decode()

    worth = format_amount(late.total, "EUR", "en_IE")
    twice = format_amount(2 * late.total, "EUR", "en_IE")
    assert count_of(page, f"orders today, {worth}") == "1"
    assert count_of(page, f"orders in 30 days, {twice}") == "2"
    for link, orders, total in zip(re.findall(rf'href="({REPORT}\?[^"]+)"', page), (1, 2), (worth, twice), strict=True):
        summary = mona.get(html.unescape(link)).context["summary"].totals
        assert (summary.orders, format_amount(summary.total, "EUR", "en_IE")) == (orders, total)


def test_a_shop_without_orders_says_zero() -> None:
    page = start_page("Managers")
    assert count_of(page, "orders today, €0.00") == "0"
    assert "To do" not in page


def test_who_has_nothing_to_count_is_sent_to_the_menu() -> None:
    Group.objects.create(name="Guests of the house")
    assert "in the menu" in start_page("Guests of the house")
    assert "in the menu" not in client_of("mona", "Managers").get(reverse("admin:index")).content.decode()


def test_an_administrator_sees_everything() -> None:
    page = start_page(is_superuser=True)
    assert all(address in page for address in (ORDERS, PRODUCTS, JOBS, reverse("orders:report")))


def test_an_empty_list_says_why_it_is_empty_and_offers_only_what_can_be_done() -> None:
    client = client_of("ada", is_superuser=True)
    returns, coupons = (reverse(f"admin:orders_{model}_changelist") for model in ("return", "coupon"))
    page = client.get(returns).content.decode()
    assert "There are no returns so far" in page
    assert "Create a new item" not in page
    assert "Add return" not in page
    page = client.get(returns, {"q": "nobody", "state__exact": "requested"}).content.decode()
    assert "No return fits" in page
    assert ">Show all</a>" in page
    assert ">Add coupon</a>" in client.get(coupons).content.decode()


def test_what_is_for_screen_readers_alone_is_not_seen() -> None:
    """The theme has no such class; without it, labels stand beside what they name and push pages out of a phone."""
    rules = Path(finders.find("css/staff.css")).read_text()  # type: ignore[arg-type]  # it is there
    assert ".sr-only {" in rules
    assert "clip-path" in rules
    assert 'href="/static/css/staff' in start_page("Order staff")


def test_the_admin_has_the_icon_of_the_shop(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("root", "root@example.com", "juniper-tests"))
    assert f'href="{static("img/favicon.svg")}"' in client.get(reverse("admin:index")).content.decode()
