from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import Product
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.access import guest_token
from orders.actors import staff
from orders.models import Order
from orders.tests.factories import OrderFactory
from orders.tests.placing import place
from orders.tests.shopping import client_of, person

pytestmark = pytest.mark.django_db

HISTORY = reverse("orders:history")
UNKNOWN = "22222-22222"


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def without_token(response: Any) -> str:
    """The page without the CSRF token, which is another one each time."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", text_of(response))


def page(order: Order, name: str = "detail") -> str:
    return reverse(f"orders:{name}", args=[order.number])


def guest_page(order: Order, name: str = "guest-detail") -> str:
    return reverse(f"orders:{name}", args=[order.number, guest_token(order.number)])


@pytest.fixture
def alice() -> User:
    return person("alice")


@pytest.fixture
def hers(alice: User) -> Order:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250)
    return place((mug, 2), customer=alice)


@pytest.fixture
def a_guests() -> Order:
    return place((VariantFactory.create(product__name="Oak bowl", product__slug="bowl"), 1))


# --- the list --------------------------------------------------------------------------------------------------


def test_a_customer_sees_the_own_orders_and_no_others(alice: User, hers: Order, a_guests: Order) -> None:
    foreign = place((VariantFactory.create(), 1), customer=person("charlie"))
    shown = text_of(client_of(alice).get(HISTORY))
    assert hers.number in shown
    assert "Speckled mug" in shown
    assert "€29.90" in shown
    assert foreign.number not in shown
    assert a_guests.number not in shown


def test_a_customer_without_orders_is_told_so(alice: User) -> None:
    assert "No orders yet" in text_of(client_of(alice).get(HISTORY))


def test_a_hundred_orders_cost_what_one_costs(alice: User, django_assert_max_num_queries: Any) -> None:
    mug = VariantFactory.create()
    start = place((mug, 1), customer=alice).placed_at
    for day in range(24):
        OrderFactory.create(customer=alice, lines=[(mug, 1), (mug, 2)], placed_at=start - timedelta(days=day + 1))
    client = client_of(alice)
    with django_assert_max_num_queries(6):
        first = client.get(HISTORY)
    assert len(first.context["page_obj"].object_list) == 10
    assert len(client.get(HISTORY, {"page": 3}).context["page_obj"].object_list) == 5


@pytest.mark.parametrize("number", ["0", "-1", "abc", "999999", "10" * 40, "\x00"])
def test_a_senseless_page_is_some_page(alice: User, hers: Order, number: str) -> None:
    assert client_of(alice).get(HISTORY, {"page": number}).status_code == 200


# --- one order -------------------------------------------------------------------------------------------------


def test_an_order_shows_all_that_its_owner_wants_to_know(alice: User, hers: Order) -> None:
    shown = text_of(client_of(alice).get(page(hers)))
    for part in (
        hers.number,
        "Speckled mug",
        "2 × €12.50",
        "€4.90",
        "€29.90",
        "Gartenweg 7",
        "Germany",
        "alice@example.com",
        "Order placed",
        "Bank transfer",
        page(hers, "cancel"),
    ):
        assert part in shown


def test_names_of_staff_stay_inside(alice: User, hers: Order) -> None:
    lifecycle.accept(order=hers, actor=staff("otto-the-clerk"))
    lifecycle.ship(order=hers, actor=staff("otto-the-clerk"))
    shown = text_of(client_of(alice).get(page(hers)))
    assert "Your parcel is on its way" in shown
    assert "otto" not in shown


def test_old_orders_keep_what_was_bought(alice: User, hers: Order) -> None:
    Product.objects.update(name="Another name", archived_at=hers.placed_at)
    shown = text_of(client_of(alice).get(page(hers)))
    assert "Speckled mug" in shown
    assert "Another name" not in shown


def test_the_page_costs_the_same_for_one_line_and_for_twenty(alice: User, django_assert_max_num_queries: Any) -> None:
    order = place(*((VariantFactory.create(), 1) for _ in range(20)), customer=alice)
    client = client_of(alice)
    with django_assert_max_num_queries(11):
        client.get(page(order))


def test_foreign_and_unknown_orders_are_the_same_404(alice: User, hers: Order, a_guests: Order) -> None:
    charlie = client_of(person("charlie"))
    for name in ("detail", "confirmation", "cancel"):
        unknown = charlie.get(reverse(f"orders:{name}", args=[UNKNOWN]))
        for order in (hers, a_guests):
            foreign = charlie.get(page(order, name))
            assert foreign.status_code == unknown.status_code == 404
            assert without_token(foreign) == without_token(unknown)
    assert charlie.post(page(hers, "cancel")).status_code == 404
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}


def test_staff_use_the_admin_not_the_customers_page(hers: Order) -> None:
    bob = person("bob")
    bob.is_staff = True
    bob.save()
    bob.groups.add(Group.objects.get(name="Order staff"))
    assert client_of(bob).get(page(hers)).status_code == 404


def test_visitors_are_sent_to_the_login_whether_the_order_exists_or_not(client: Client, hers: Order) -> None:
    for address in (HISTORY, page(hers), reverse("orders:detail", args=[UNKNOWN]), page(hers, "cancel")):
        assert client.get(address)["Location"] == f"{reverse('account_login')}?next={address}"
    client.post(page(hers, "cancel"))
    hers.refresh_from_db()
    assert hers.status == "pending"


@pytest.mark.parametrize("number", ["0", "1", "%00", "%F0%9F%8C%BF", "..", "a" * 500, "22222-2222%0A"])
def test_what_is_no_order_number_is_a_404(alice: User, number: str) -> None:
    assert client_of(alice).get(f"/orders/{number}/").status_code == 404
    assert Client().get(f"/orders/{number}/{'A' * 43}/").status_code == 404


# --- guests ----------------------------------------------------------------------------------------------------


def test_a_guest_opens_the_order_with_its_link(client: Client, a_guests: Order) -> None:
    for name in ("guest-detail", "guest-confirmation"):
        response = client.get(guest_page(a_guests, name))
        assert "Oak bowl" in text_of(response)
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert "no-store" in response["Cache-Control"]


def test_a_forged_link_opens_nothing(client: Client, a_guests: Order, hers: Order) -> None:
    real = guest_token(a_guests.number)
    for token in ("x", real[:-1], real + "A", real.swapcase(), guest_token(hers.number), "%00", "é"):
        for name in ("guest-detail", "guest-confirmation", "guest-cancel"):
            address = reverse(f"orders:{name}", args=[a_guests.number, token])
            assert client.get(address).status_code == 404
            assert client.post(address).status_code in (404, 405)
    a_guests.refresh_from_db()
    assert a_guests.status == "pending"


def test_a_link_of_an_order_that_is_not_there_opens_nothing(client: Client) -> None:
    assert client.get(reverse("orders:guest-detail", args=[UNKNOWN, guest_token(UNKNOWN)])).status_code == 404


# --- cancelling ------------------------------------------------------------------------------------------------


def test_cancelling_is_asked_about_first_and_then_done(alice: User, hers: Order) -> None:
    client = client_of(alice)
    assert "Yes, cancel the order" in text_of(client.get(page(hers, "cancel")))
    hers.refresh_from_db()
    assert hers.status == "pending"

    response = client.post(page(hers, "cancel"), follow=True)

    hers.refresh_from_db()
    assert hers.status == "cancelled"
    assert f"Order {hers.number} is cancelled." in text_of(response)
    assert page(hers, "cancel") not in text_of(response)


def test_a_guest_cancels_through_the_link(client: Client, a_guests: Order) -> None:
    question = client.get(guest_page(a_guests, "guest-cancel"))
    # Under no-referrer a browser sends the form with "Origin: null", which is refused.
    assert question["Referrer-Policy"] == "same-origin"
    response = client.post(guest_page(a_guests, "guest-cancel"), follow=True)
    a_guests.refresh_from_db()
    assert a_guests.status == "cancelled"
    assert "This order is cancelled." in text_of(response)


def test_what_is_shipped_cannot_be_cancelled(alice: User, hers: Order) -> None:
    client = client_of(alice)
    lifecycle.accept(order=hers, actor=staff("bob"))
    lifecycle.ship(order=hers, actor=staff("bob"))
    assert page(hers, "cancel") not in text_of(client.get(page(hers)))
    assert client.get(page(hers, "cancel"))["Location"] == page(hers)
    assert "cannot become cancelled" in text_of(client.post(page(hers, "cancel"), follow=True))
    hers.refresh_from_db()
    assert hers.status == "shipped"


def test_what_is_paid_is_cancelled_by_the_staff(alice: User, hers: Order) -> None:
    lifecycle.mark_paid(order=hers, actor=staff("bob"))
    client = client_of(alice)
    assert page(hers, "cancel") not in text_of(client.get(page(hers)))
    assert "Please write to us" in text_of(client.post(page(hers, "cancel"), follow=True))
    hers.refresh_from_db()
    assert hers.status == "processing"


def test_forms_of_other_sites_are_refused(alice: User, hers: Order, a_guests: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(page(hers, "cancel")).status_code == 403
    assert client.post(guest_page(a_guests, "guest-cancel")).status_code == 403
    assert set(Order.objects.values_list("status", flat=True)) == {"pending"}


def test_all_pages_are_kept_by_no_cache(alice: User, hers: Order) -> None:
    client = client_of(alice)
    for address in (HISTORY, page(hers), page(hers, "confirmation"), page(hers, "cancel")):
        assert "no-store" in client.get(address)["Cache-Control"]


def test_a_logged_in_visitor_of_a_guests_page_can_still_log_out(alice: User, a_guests: Order) -> None:
    assert client_of(alice).get(guest_page(a_guests))["Referrer-Policy"] == "same-origin"
