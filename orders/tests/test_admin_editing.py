"""The staff's pages for notes, addresses and e-mails. Bob is order staff, Alice owns the order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from catalog.tests.factories import VariantFactory
from orders import editing, emails, lifecycle
from orders.actors import GUEST, SHOP, customer, provider, staff
from orders.admin.base import told_actor
from orders.models import Order
from orders.tests.api.people import person
from orders.tests.placing import place
from orders.tests.shopping import client_of

pytestmark = pytest.mark.django_db
PAGES = ["add_note", "correct_address", "resend_message"]
ADDRESS = {"name": "Alice Miller", "line1": "Gartenweg 17", "postcode": "10115", "city": "Berlin", "country": "DE"}


@pytest.fixture
def bob() -> Client:
    return client_of(person("bob"))


@pytest.fixture
def order() -> Order:
    return place((VariantFactory.create(stock=5, price=1250), 2), customer=person("alice"))


def page(order: Order, name: str = "change") -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def hidden(shown: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', shown.content.decode())
    assert found
    return found[1]


def test_a_note_is_written_and_shown_to_staff_but_not_to_the_customer(bob: Client, order: Order) -> None:
    assert bob.get(page(order, "add_note")).status_code == 200
    assert order.events.count() == 1

    shown = bob.post(page(order, "add_note"), {"text": "Rings <b>twice</b>"}, follow=True).content.decode()

    assert "Rings &lt;b&gt;twice&lt;/b&gt;" in shown
    assert "bob (staff)" in shown
    assert "alice (customer)" in shown
    hers = client_of(person("alice")).get(reverse("orders:detail", args=[order.number])).content.decode()
    assert "Rings" not in hers


def test_an_empty_note_is_told_beside_the_form(bob: Client, order: Order) -> None:
    answer = bob.post(page(order, "add_note"), {"text": "  "})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()


def test_an_address_is_corrected_with_the_form_of_the_checkout(bob: Client, order: Order) -> None:
    form = bob.get(page(order, "correct_address"))
    assert 'value="Gartenweg 7"' in form.content.decode()
    version = hidden(form, "version")

    wrong = bob.post(page(order, "correct_address"), ADDRESS | {"version": version, "city": "", "phone": "call me"})
    assert wrong.status_code == 422
    assert "Use digits" in wrong.content.decode()

    bob.post(page(order, "correct_address"), ADDRESS | {"version": version})
    order.refresh_from_db()
    assert order.line1 == "Gartenweg 17"

    stale = bob.post(page(order, "correct_address"), ADDRESS | {"version": version, "line1": "Gartenweg 7"})
    assert "Somebody else" in stale.content.decode()
    order.refresh_from_db()
    assert order.line1 == "Gartenweg 17"


def test_once_a_parcel_has_left_there_is_no_page_for_the_address(bob: Client, order: Order) -> None:
    assert page(order, "correct_address") in bob.get(page(order)).content.decode()
    lifecycle.ship(order=lifecycle.accept(order=order, actor=staff("bob")), actor=staff("bob"))
    assert page(order, "correct_address") not in bob.get(page(order)).content.decode()
    assert bob.post(page(order, "correct_address"), ADDRESS).status_code == 403


def test_two_clicks_send_an_email_once_more_and_not_twice(bob: Client, order: Order) -> None:
    emails.send(order_id=order.pk, message="confirmation")
    shown = bob.get(page(order, "resend_message")).content.decode()
    assert 'value="confirmation:2"' in shown
    assert "alice@example.com" in shown

    for _ in range(2):
        assert bob.post(page(order, "resend_message"), {"message": "confirmation:2"}).status_code == 302
    assert ProcrastinateJob.objects.filter(args__copy=2).count() == 1
    assert 'value="confirmation:3"' in bob.get(page(order, "resend_message")).content.decode()


@pytest.mark.parametrize(
    "choice", ["", "confirmation", "confirmation:", "confirmation:9", "shipped:2", "confirmation:²"]
)
def test_an_email_that_is_not_offered_is_not_sent(bob: Client, order: Order, choice: str) -> None:
    emails.send(order_id=order.pk, message="confirmation")
    assert bob.post(page(order, "resend_message"), {"message": choice}).status_code == 422
    assert not ProcrastinateJob.objects.filter(args__copy__gt=1).exists()


def test_where_nothing_was_sent_yet_there_is_no_choice_and_no_button(bob: Client, order: Order) -> None:
    shown = bob.get(page(order, "resend_message"))
    assert shown.status_code == 200
    form = shown.content.decode().split("Nothing was sent yet")[1].split("</form>")[0]
    assert "Back to the order" in form
    assert "<button" not in form
    assert "<input" not in form
    assert bob.post(page(order, "resend_message"), {"message": "confirmation:2"}).status_code == 409


def looker() -> User:
    user = person("dora")
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    return user


@pytest.mark.parametrize("name", PAGES)
def test_who_may_not_change_orders_does_not_get_in(order: Order, name: str) -> None:
    emails.send(order_id=order.pk, message="confirmation")
    before = order.events.count()
    sent = ADDRESS | {"text": "x", "message": "confirmation:2", "version": editing.address_version(order)}
    people = [client_of(person(who)) for who in ("alice", "clara", "mona")] + [client_of(looker()), Client()]
    for client in people:
        assert client.get(page(order, name)).status_code in (302, 403)
        assert client.post(page(order, name), sent).status_code in (302, 403)
    assert order.events.count() == before


def test_what_is_no_order_has_no_page(bob: Client) -> None:
    for name in PAGES:
        assert bob.post(reverse(f"admin:orders_order_{name}", args=[10**20])).status_code in (403, 404)
        assert bob.post(reverse(f"admin:orders_order_{name}", args=["x"])).status_code in (403, 404)


def test_the_timeline_tells_the_sort_of_everybody() -> None:
    actors = (staff("otto"), customer("alice"), GUEST, SHOP, provider("stripe"))
    told = [told_actor(actor.kind, actor.name) for actor in actors]
    assert told == ["otto (staff)", "alice (customer)", "guest", "the shop", "stripe (provider)"]
