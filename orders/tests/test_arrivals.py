from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.claiming import claim_guest_orders
from orders.models import Cart, CartLine, Order
from orders.tests.factories import OrderFactory
from orders.tests.shopping import client_of, person, put

pytestmark = pytest.mark.django_db


def content(user: User) -> dict[Variant, int]:
    lines = CartLine.objects.filter(cart__customer=user, cart__status=Cart.Status.OPEN)
    return {line.variant: line.quantity for line in lines.select_related("variant")}


def confirm(user: User, email: str) -> None:
    """What allauth says when somebody has followed the link in the confirmation mail."""
    address, _ = EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True})
    email_confirmed.send(sender=EmailAddress, request=RequestFactory().get("/"), email_address=address)


def log_in(client: Client, name: str) -> None:
    """Through the login page, as a person whose address is confirmed."""
    user = User.objects.get(username=name)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    client.post(reverse("account_login"), {"login": name, "password": "irrelevant-here"})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_at_login_the_cart_of_this_browser_joins_the_customers() -> None:
    alice, client = person(), Client()
    mug, bowl = VariantFactory.create(stock=5), VariantFactory.create()
    put(client_of(alice), mug, 3)
    put(client, mug, 4)
    put(client, bowl, 1)

    log_in(client, "alice")

    assert content(alice) == {mug: 5, bowl: 1}  # capped by what is there


def test_after_logging_out_nothing_of_the_cart_remains() -> None:
    alice, client = person(), Client()
    put(client, VariantFactory.create(product__name="Speckled mug", product__slug="mug"))
    client.get(reverse("orders:cart"))  # shows the message that names it
    log_in(client, "alice")
    assert content(alice)
    client.post(reverse("account_logout"))
    page = client.get(reverse("orders:cart")).content.decode()
    assert "Your cart is empty" in page
    assert "Speckled mug" not in page


def test_a_cart_is_merged_once() -> None:
    client = Client()
    mug = VariantFactory.create()
    put(client, mug, 2)
    cookie = client.cookies[settings.CART_COOKIE_NAME].value
    for name in ("alice", "bob"):
        person(name)
        browser = Client()
        browser.cookies[settings.CART_COOKIE_NAME] = cookie
        log_in(browser, name)
    assert [line.cart.customer.username for line in CartLine.objects.filter(cart__status="open")] == ["alice"]  # type: ignore[union-attr]


def test_a_forged_cookie_brings_no_cart() -> None:
    alice, stranger = person(), Client()
    put(stranger, VariantFactory.create())
    client = Client()
    client.cookies[settings.CART_COOKIE_NAME] = str(Cart.objects.get().token)
    log_in(client, "alice")
    assert content(alice) == {}
    assert Cart.objects.get().status == "open"


def test_a_guests_orders_join_the_account_when_the_address_is_confirmed() -> None:
    alice = person()
    order = OrderFactory.create(email="Alice@Example.com")
    assert not Order.objects.owned_by(alice).exists()  # the same address alone is no proof

    confirm(alice, "alice@example.com")

    order.refresh_from_db()
    assert order.customer == alice
    assert order.number in client_of(alice).get(reverse("orders:history")).content.decode()


def test_only_orders_of_exactly_this_address_and_of_nobody_else_are_claimed() -> None:
    alice, bob = person(), person("bob")
    OrderFactory.create(email="alice@example.com", customer=bob)
    OrderFactory.create(email="alıce@example.com")  # PostgreSQL's UPPER makes an I of both
    OrderFactory.create(email="alice+x@example.com")
    OrderFactory.create(email="malice@example.com")
    assert claim_guest_orders(user=alice, email="alice@example.com") == 0
    assert not Order.objects.owned_by(alice).exists()


def test_an_address_that_merely_looks_alike_claims_nothing() -> None:
    OrderFactory.create(email="mike@example.com")
    assert claim_guest_orders(user=person(), email="m\u0131ke@example.com") == 0
    assert claim_guest_orders(user=person("bob"), email="mi\u212ae@example.com") == 0
