"""The order pages of the admin. Bob is order staff, Clara keeps the catalogue, Alice is a customer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import StockLevel
from catalog.tests.factories import VariantFactory
from orders import emails, lifecycle
from orders.actors import staff
from orders.models import Order
from orders.tests.placing import place

pytestmark = pytest.mark.django_db
LIST = reverse("admin:orders_order_changelist")


def person(name: str, group: str = "") -> User:
    user: User = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant-here")
    if group:
        user.is_staff = True
        user.save()
        user.groups.add(Group.objects.get(name=group))
    return user


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def bob() -> Client:
    return browser_of(person("bob", "Order staff"))


@pytest.fixture
def order() -> Order:
    return place((VariantFactory.create(stock=5, price=1250), 2))


def address(order: Order, name: str = "change") -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def test_staff_see_the_list_in_a_constant_number_of_queries(
    bob: Client, order: Order, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        place((VariantFactory.create(), 1))
    with django_assert_max_num_queries(14):
        page = bob.get(LIST)
    assert page.status_code == 200
    assert order.number in page.content.decode()


@pytest.mark.parametrize("query", ["guest@example", "SKU-", "Alice", "no such thing"])
def test_staff_search_orders(bob: Client, order: Order, query: str) -> None:
    assert bob.get(LIST, {"q": query}).status_code == 200


def test_staff_see_an_order_with_lines_timeline_and_amounts(bob: Client, order: Order) -> None:
    page = bob.get(address(order)).content.decode()
    for text in (order.lines.get().sku, "Order placed", "€29.90", "€25.00", "Gartenweg 7"):
        assert text in page


def test_an_order_shows_the_tables_that_have_rows_and_emails_without_their_inner_names(
    bob: Client, order: Order
) -> None:
    shown = bob.get(address(order))
    assert [table.opts.verbose_name_plural for table in shown.context["inline_admin_formsets"]] == [
        "Lines", "Payments", "Timeline",
    ]  # fmt: skip
    lifecycle.ship(order=lifecycle.mark_paid(order=order, actor=staff("bob")), actor=staff("bob"))
    shipment = order.shipments.get().pk
    emails.send(order_id=order.pk, message="shipped", about=shipment)

    shown = bob.get(address(order))

    assert [table.opts.verbose_name_plural for table in shown.context["inline_admin_formsets"]] == [
        "Lines", "Parcels", "Payments", "Timeline",
    ]  # fmt: skip
    assert f"shipped-{shipment}" not in shown.content.decode()
    assert "E-mail sent: shipped" in shown.content.decode()


def test_only_the_moves_that_are_allowed_have_a_button(bob: Client, order: Order) -> None:
    page = bob.get(address(order)).content.decode()
    offered = {name for name in ("accept", "mark-paid", "ship", "deliver", "cancel") if f"/{name}/" in page}
    assert offered == {"accept", "mark-paid", "cancel"}


def test_money_that_its_provider_reports_has_no_button(bob: Client) -> None:
    order = place((VariantFactory.create(stock=5), 2), payment_method="test_card")
    assert f"{address(order)[:-7]}mark-paid/" not in bob.get(address(order)).content.decode()
    assert bob.post(address(order, "mark_paid")).status_code == 403
    assert Order.objects.get().payment_status == "unpaid"


def test_what_has_left_in_part_cannot_be_cancelled_and_has_no_button(bob: Client, order: Order) -> None:
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    lifecycle.send_parcel(order=order, actor=staff("bob"), pieces={order.lines.get().pk: 1})
    assert f"{address(order)[:-7]}cancel/" not in bob.get(address(order)).content.decode()
    assert bob.post(address(order, "cancel")).status_code == 403


@pytest.mark.parametrize(
    ("step", "question", "button"),
    [
        ("accept", "Accept order {}?", "Accept the order"),
        ("mark_paid", "Mark order {} as paid?", "Mark as paid"),
        ("cancel", "Cancel order {}?", "Cancel the order"),
    ],
)
def test_the_page_that_asks_says_what_its_button_does_and_leads_back(
    bob: Client, order: Order, step: str, question: str, button: str
) -> None:
    page = bob.get(address(order, step)).content.decode()
    form = page.split('<form method="post"')[-1]
    assert f">{question.format(order.number)}</h1>" in form
    assert f">{button}</button>" in form
    assert f'href="{address(order)}"' in form


def test_looking_at_a_step_does_nothing_and_its_form_takes_it(bob: Client, order: Order) -> None:
    assert bob.get(address(order, "accept")).status_code == 200
    assert Order.objects.get().status == "pending"

    assert bob.post(address(order, "accept")).status_code == 302

    assert Order.objects.get().status == "processing"
    assert order.events.latest("pk").actor == "bob"


def test_an_order_goes_all_the_way(bob: Client, order: Order) -> None:
    line = order.lines.get()
    parcel = {f"line_{line.pk}": line.quantity, "seen": f"{line.pk}:{line.quantity}"}
    for step, form in (("mark_paid", {}), ("ship", parcel), ("deliver", {})):
        assert bob.post(address(order, step), form).status_code == 302
    done = Order.objects.get()
    assert (done.status, done.payment_status) == ("delivered", "paid")
    assert StockLevel.objects.get().on_hand == 3
    call_command("audit")


def test_a_step_that_does_not_fit_is_refused(bob: Client, order: Order) -> None:
    assert bob.post(address(order, "ship")).status_code == 403
    assert Order.objects.get().status == "pending"


def test_a_cancelled_paid_order_is_marked_as_refunded(bob: Client, order: Order) -> None:
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    bob.post(address(order, "cancel"))
    bob.post(address(order, "mark_refunded"))
    assert Order.objects.get().payment_status == "refunded"


def test_who_only_fulfils_does_not_say_that_money_was_given_back(order: Order) -> None:
    dora = person("dora", "Order staff")
    dora.groups.clear()
    dora.user_permissions.add(*Permission.objects.filter(codename__in=["view_order", "fulfil_order"]))
    lifecycle.mark_paid(order=order, actor=staff("bob"))
    lifecycle.cancel(order=order, actor=staff("bob"))
    assert browser_of(dora).post(address(order, "mark_refunded")).status_code == 403
    assert Order.objects.get().payment_status == "paid"


def test_many_orders_move_each_by_itself(bob: Client, order: Order) -> None:
    cancelled = lifecycle.cancel(order=place((VariantFactory.create(), 1)), actor=staff("bob"))

    page = bob.post(
        LIST, {"action": "accept_all", "_selected_action": [order.pk, cancelled.pk]}, follow=True
    ).content.decode()

    assert Order.objects.get(pk=order.pk).status == "processing"
    assert Order.objects.get(pk=cancelled.pk).status == "cancelled"
    assert f"{order.number} accepted" in page
    assert f"{cancelled.number}: An order that is cancelled" in page


def test_nothing_of_an_order_can_be_typed_over(bob: Client, order: Order) -> None:
    assert bob.post(address(order), {"status": "delivered", "total": "1"}).status_code == 403
    assert bob.post(address(order, "delete"), {"post": "yes"}).status_code == 403
    assert bob.get(reverse("admin:orders_order_add")).status_code == 403
    assert Order.objects.get().status == "pending"


@pytest.mark.parametrize("group", ["", "Catalog staff", "Managers"])
def test_who_has_no_business_with_orders_does_not_get_in(order: Order, group: str) -> None:
    client = browser_of(person("clara", group))
    for url in (LIST, address(order), address(order, "accept"), address(order, "cancel")):
        assert client.get(url).status_code in {302, 403, 404}
        assert client.post(url).status_code in {302, 403, 404}
    assert Order.objects.get().status == "pending"


def test_staff_who_may_only_look_get_no_buttons(order: Order) -> None:

    user = person("dora")
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = browser_of(user)

    assert client.get(address(order)).status_code == 200
    assert "/cancel" not in client.get(address(order)).content.decode()
    assert client.post(address(order, "cancel")).status_code == 403
    client.post(LIST, {"action": "accept_all", "_selected_action": [order.pk]})
    assert Order.objects.get().status == "pending"
