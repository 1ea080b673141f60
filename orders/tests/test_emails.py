from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils.timezone import get_current_timezone

from catalog.tests.factories import VariantFactory
from orders import emails, lifecycle
from orders.access import order_link
from orders.actors import GUEST, staff
from orders.models import Order, OrderEvent
from orders.tests.placing import place
from orders.tests.shopping import buy, person
from shop.testing.provider import Double
from shop.testing.worker import work_off_the_queue

MESSAGES = ("confirmation", "shipped", "cancelled", "paid")


def html_of(email: EmailMultiAlternatives) -> str:
    ((content, mimetype),) = email.alternatives
    assert mimetype == "text/html"
    return str(content)


def an_order(**changes: Any) -> Order:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250)
    order = place((mug, 2))
    for name, value in changes.items():
        setattr(order, name, value)
    order.save()
    return order


@pytest.mark.django_db
@pytest.mark.parametrize("message", ["confirmation", "cancelled"])
def test_text_and_html_show_the_same_numbers_as_the_page(message: str, client: Client) -> None:
    order = an_order()
    email = emails.compose(order, message)
    link = order_link(order)
    page = client.get(link.removeprefix(settings.SITE_URL)).content.decode()

    assert email.to == [order.email]
    assert order.number in email.subject
    for surface in (str(email.body), html_of(email), page):
        for part in (order.number, "Speckled mug", "€25.00", "€4.90", "€29.90"):
            assert part in surface, f"{part} in {surface}"
    assert link in str(email.body)
    assert link in html_of(email)


@pytest.mark.django_db
def test_the_confirmation_says_how_to_pay_and_where_it_goes() -> None:
    order = an_order()
    email = emails.compose(order, "confirmation")
    for surface in (str(email.body), html_of(email)):
        assert settings.SHOP_BANK_DETAILS in surface
        for line in ("Alice Miller", "Gartenweg 7", "10115 Berlin", "Germany"):
            assert line in surface


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "on_the_page"), [("bank_transfer", False), ("card", True)])
def test_the_confirmation_says_until_when_to_pay(method: str, on_the_page: bool, stripe_double: Double) -> None:
    order = place((VariantFactory.create(), 1), payment_method=method)
    until = datetime(2026, 12, 1, 9, 30, tzinfo=get_current_timezone())
    Order.objects.filter(pk=order.pk).update(expires_at=until)
    order.refresh_from_db()
    email = emails.compose(order, "confirmation")
    for surface in (str(email.body), html_of(email)):
        assert "1 December 2026, 09:30" in surface
        assert "Until then we keep everything for you." in surface
        assert ("on the page of your order, unless you have done so already" in surface) == on_the_page


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"payment_status": "paid", "status": "processing"}, {"status": "cancelled"}])
def test_what_is_paid_or_cancelled_is_not_asked_for(changes: dict[str, str]) -> None:
    order = an_order(**changes)
    assert "Please pay by" not in emails.compose(order, "confirmation").body
    assert "Please pay by" not in html_of(emails.compose(order, "confirmation"))


@pytest.mark.django_db
def test_plain_text_is_plain_and_html_is_escaped() -> None:
    order = an_order(name="O'Neil & <b>Söhne</b>", line1='"><script>alert(1)</script>')
    email = emails.compose(order, "confirmation")
    assert "O'Neil & <b>Söhne</b>" in str(email.body)
    assert settings.SHOP_NAME in str(email.body)  # with its ampersand
    assert settings.SHOP_NAME in email.subject
    assert "<script>" not in html_of(email)
    assert "<b>Söhne" not in html_of(email)
    assert "O&#x27;Neil &amp; &lt;b&gt;Söhne" in html_of(email)


@pytest.mark.django_db
@pytest.mark.parametrize("message", MESSAGES)
def test_names_cannot_write_headers(message: str, settings: Any) -> None:
    settings.SHOP_NAME = "Shop\r\nBcc: victim@example.com"
    order = an_order(name="Ada\r\nBcc: victim@example.com")
    sent = emails.compose(order, message).message()
    assert "Bcc" not in sent
    assert "\n" not in sent["Subject"]
    assert sent["To"] == order.email


@pytest.mark.django_db
@pytest.mark.parametrize("message", MESSAGES)
def test_text_has_no_ragged_gaps(message: str) -> None:
    body = str(emails.compose(an_order(), message).body)
    assert not re.search(r"\n{4,}", body)
    assert not re.search(r"[ \t]+$", body, re.MULTILINE)
    assert "{%" not in body
    assert "None" not in body


@pytest.mark.django_db
def test_a_message_is_sent_once_whatever_the_worker_does() -> None:
    order = an_order()
    for _ in range(3):
        emails.send(order_id=order.pk, message="confirmation")
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{order.number}.confirmation@")


@pytest.mark.django_db
def test_a_customers_mail_leads_behind_the_login_and_a_guests_through_the_signed_link() -> None:
    mug = VariantFactory.create()
    hers, a_guests = place((mug, 1), customer=person()), place((mug, 1))
    assert order_link(hers).endswith(f"/orders/{hers.number}/")
    assert re.search(rf"/orders/{a_guests.number}/[\w-]{{43}}/$", order_link(a_guests))


@pytest.mark.django_db(transaction=True)
def test_from_the_page_through_the_worker_to_the_mailbox(client: Client) -> None:
    """The whole path with a real worker: placed on the page, cancelled; shipped another one."""
    work_off_the_queue()  # what other tests have left there
    mail.outbox.clear()
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug")
    first = buy(client, (mug, 1))
    lifecycle.cancel(order=first, actor=GUEST, by_customer=True)
    second = buy(client, (mug, 1), payment_method="pay_on_delivery")
    lifecycle.accept(order=second, actor=staff("bob"))
    lifecycle.ship(order=second, actor=staff("bob"))
    assert mail.outbox == []  # nothing is sent while a shopper waits

    work_off_the_queue()

    assert sorted(email.subject for email in mail.outbox) == sorted(
        [
            f"Your order {first.number} at {settings.SHOP_NAME}",
            f"Your order {first.number} is cancelled",
            f"Your order {second.number} at {settings.SHOP_NAME}",
            f"Your order {second.number} is on its way",
        ]
    )
    work_off_the_queue()
    assert len(mail.outbox) == 4
    assert OrderEvent.objects.filter(kind=OrderEvent.Kind.EMAIL).count() == 4
