"""The webhook pages of the admin: for administrators, and for nobody else."""

from __future__ import annotations

import html
import re
import socket
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import WebhookDelivery, WebhookEndpoint
from orders.webhooks import delivering
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.receivers import receiver

pytestmark = pytest.mark.django_db

ADD = reverse("admin:orders_webhookendpoint_add")
ENDPOINTS = reverse("admin:orders_webhookendpoint_changelist")
DELIVERIES = reverse("admin:orders_webhookdelivery_changelist")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


def page_of(row: WebhookEndpoint | WebhookDelivery, name: str = "change") -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_{name}", args=[row.pk])


def browser_of(name: str, *, groups: tuple[str, ...] = (), **of_user: Any) -> Client:
    user = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant-here", **of_user)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ada() -> Client:
    return browser_of("ada", is_staff=True, is_superuser=True)


@pytest.fixture
def known_names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A DNS of our own."""
    known: dict[str, str] = {}

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def strict(settings: Any) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = False


def typed(url: str, **changes: Any) -> dict[str, Any]:
    return {"url": url, "description": "ERP", "events": ["order.paid", "stock.low"], "is_active": "on"} | changes


# --- endpoints


def test_a_new_endpoint_gets_a_secret_that_is_shown_once(
    ada: Client, strict: None, known_names: dict[str, str]
) -> None:
    known_names["hooks.example.com"] = "93.184.216.34"

    shown = ada.post(ADD, typed("https://hooks.example.com/shop"), follow=True)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.events) == ("https://hooks.example.com/shop", ["order.paid", "stock.low"])
    assert endpoint.is_active
    assert SECRET.findall(shown.content.decode()) == [endpoint.secret]
    assert "no-store" in shown["Cache-Control"]
    # Once: loading the page again leads away from it, and no other page tells more than how it begins.
    again = ada.get(page_of(endpoint, "new_secret"), follow=True)
    assert again.redirect_chain == [(page_of(endpoint), 302)]
    assert "A secret is shown once" in again.content.decode()
    for page in (page_of(endpoint), ENDPOINTS, page_of(endpoint, "history")):
        assert endpoint.secret[10:] not in html.unescape(ada.get(page).content.decode())
    assert f"{endpoint.secret[:10]}…" in html.unescape(ada.get(page_of(endpoint)).content.decode())


def test_a_secret_that_was_just_made_is_shown_to_nobody_else_and_for_no_other_endpoint(ada: Client) -> None:
    endpoint, other = EndpointFactory.create(), EndpointFactory.create()
    ada.post(page_of(endpoint, "rotate_secret"))
    eve = browser_of("eve", is_staff=True, is_superuser=True)
    assert eve.get(page_of(endpoint, "new_secret")).status_code == 302
    assert ada.get(page_of(other, "new_secret")).status_code == 302


def test_an_endpoint_whose_secret_cannot_be_read_says_so_and_is_mended_by_a_new_one(ada: Client, settings: Any) -> None:
    endpoint = EndpointFactory.create()
    WebhookEndpoint.objects.update(sealed_secret="of another key")
    assert "cannot be read" in ada.get(page_of(endpoint)).content.decode()
    shown = ada.post(page_of(endpoint, "rotate_secret"), follow=True)
    changed = WebhookEndpoint.objects.get()
    assert changed.secret in html.unescape(shown.content.decode())
    assert changed.signing_secrets(timezone.now()) == [changed.secret]


def test_the_secret_is_replaced_only_by_the_form(ada: Client) -> None:
    endpoint = EndpointFactory.create()
    ada.get(page_of(endpoint, "rotate_secret"))
    assert WebhookEndpoint.objects.get().secret == endpoint.secret

    shown = ada.post(page_of(endpoint, "rotate_secret"), follow=True).content.decode()

    changed = WebhookEndpoint.objects.get()
    assert changed.secret != endpoint.secret
    assert changed.signing_secrets(timezone.now()) == [changed.secret, endpoint.secret]
    assert html.unescape(shown).count(changed.secret) == 1
    assert endpoint.secret not in html.unescape(shown)
    assert not any(SECRET.search(entry.change_message) for entry in LogEntry.objects.all())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/", "https://10.1.2.3/",
        "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://localhost/",
        "https://[::ffff:10.0.0.1]/", "https://user@example.com/", "https://postgres/", "http://example.com/",
        "ftp://example.com/", "javascript:alert(1)", "", "nonsense", "https://hooks.example.com/\x00",
        "https://inside.example.com/",
    ],
)  # fmt: skip
def test_a_target_inside_is_refused_when_it_is_saved(
    ada: Client, strict: None, known_names: dict[str, str], url: str
) -> None:
    known_names["inside.example.com"] = "10.0.0.1"
    endpoint = EndpointFactory.create()
    for form in (ADD, page_of(endpoint)):
        page = ada.post(form, typed(url))
        assert page.status_code == 200
        assert page.context["adminform"].form.errors["url"]
    assert WebhookEndpoint.objects.get().url == endpoint.url


def test_a_name_that_is_not_known_yet_is_saved(ada: Client, strict: None, known_names: dict[str, str]) -> None:
    """It is looked up, and checked, for every attempt."""
    ada.post(ADD, typed("https://new.example.com/"))
    assert WebhookEndpoint.objects.get().url == "https://new.example.com/"


def test_in_development_this_machine_is_a_target(ada: Client, settings: Any) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = True
    ada.post(ADD, typed("http://127.0.0.1:9000/hooks"))
    assert WebhookEndpoint.objects.get().url == "http://127.0.0.1:9000/hooks"
    assert ada.post(ADD, typed("https://10.0.0.1/")).status_code == 200


@pytest.mark.parametrize("events", [[], ["order.exploded"], ["webhook.test"]])
def test_only_events_that_there_are_can_be_chosen(ada: Client, events: list[str]) -> None:
    page = ada.post(ADD, typed("https://8.8.8.8/", events=events))
    assert page.context["adminform"].form.errors["events"]
    assert not WebhookEndpoint.objects.exists()


def test_switching_on_again_forgets_why_it_was_off(ada: Client, known_names: dict[str, str]) -> None:
    endpoint = EndpointFactory.create(is_active=False, disabled_reason="It answered 410 Gone.")
    assert "It answered 410 Gone." in ada.get(page_of(endpoint)).content.decode()
    assert "1" in ada.get(reverse("admin:index")).content.decode().split("switched off by the shop")[0][-200:]
    ada.post(page_of(endpoint), typed(endpoint.url))
    changed = WebhookEndpoint.objects.get()
    assert (changed.is_active, changed.disabled_reason) == (True, "")


def test_only_what_is_off_is_deleted(ada: Client) -> None:
    active, off = EndpointFactory.create(), EndpointFactory.create(is_active=False)
    assert ada.post(page_of(active, "delete"), {"post": "yes"}).status_code == 403
    assert ada.post(page_of(off, "delete"), {"post": "yes"}).status_code == 302
    ada.post(ENDPOINTS, {"action": "delete_selected", "_selected_action": [active.pk], "post": "yes"})
    assert WebhookEndpoint.objects.get() == active


def test_a_test_message_leads_to_its_delivery(ada: Client, settings: Any) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = True
    with receiver() as here:
        endpoint = EndpointFactory.create(url=here.url())
        assert ada.get(page_of(endpoint, "send_test")).status_code == 200
        assert not WebhookDelivery.objects.exists()
        answer = ada.post(page_of(endpoint, "send_test"))
        delivery = WebhookDelivery.objects.get()
        assert answer["Location"] == page_of(delivery)
        delivering.deliver(delivery_id=delivery.pk)
    page = ada.get(page_of(delivery)).content.decode()
    assert "Succeeded" in page
    assert "webhook.test" in page


def test_an_endpoint_that_is_off_gets_no_test(ada: Client) -> None:
    endpoint = EndpointFactory.create(is_active=False)
    page = ada.post(page_of(endpoint, "send_test"), follow=True).content.decode()
    assert "The endpoint is switched off." in page
    assert not WebhookDelivery.objects.exists()


# --- deliveries


@pytest.fixture
def failed() -> WebhookDelivery:
    EndpointFactory.create()
    delivering.enqueue_event("order.placed", lambda: [{"number": "ABCDE-FGHJK", "note": "<script>alert(1)</script>"}])
    WebhookDelivery.objects.update(
        state="failed", attempts=10, next_attempt_at=None, last_status=500, last_error="Answered 500. <b>Oops</b>"
    )
    delivery = WebhookDelivery.objects.get()
    delivery.log.create(at=timezone.now(), status=500, error=delivery.last_error)
    return delivery


def test_the_log_is_searched_filtered_and_looked_at(
    ada: Client, failed: WebhookDelivery, django_assert_max_num_queries: Any
) -> None:
    for query in (
        {"q": "ABCDE-FGHJK"},
        {"state__exact": "failed"},
        {"event": "order.placed"},
        {"q": failed.message_id},
    ):
        with django_assert_max_num_queries(14):
            found = ada.get(DELIVERIES, query)
        assert found.status_code == 200
        assert page_of(failed) in found.content.decode()
    page = ada.get(page_of(failed)).content.decode()
    assert "Answered 500. &lt;b&gt;Oops&lt;/b&gt;" in page
    assert "<script>alert(1)" not in page
    assert failed.endpoint.secret not in html.unescape(page)


def test_nothing_in_the_log_is_written_by_hand(ada: Client, failed: WebhookDelivery) -> None:
    assert ada.post(page_of(failed), {"state": "succeeded"}).status_code == 403
    assert ada.post(page_of(failed, "delete"), {"post": "yes"}).status_code == 403
    assert ada.get(reverse("admin:orders_webhookdelivery_add")).status_code == 403


def test_one_message_is_sent_again(ada: Client, failed: WebhookDelivery) -> None:
    assert ada.get(page_of(failed, "send_again")).status_code == 200
    assert WebhookDelivery.objects.get().state == "failed"
    assert ada.post(page_of(failed, "send_again")).status_code == 302
    again = WebhookDelivery.objects.get()
    assert (again.state, again.attempts, again.message_id) == ("pending", 0, failed.message_id)
    assert LogEntry.objects.get(object_id=str(failed.pk)).change_message == "Sent again."
    assert "Answered 500. &lt;b&gt;Oops&lt;/b&gt;" in ada.get(page_of(failed)).text


def test_many_messages_are_sent_again_and_those_of_a_closed_endpoint_are_named(
    ada: Client, failed: WebhookDelivery
) -> None:
    WebhookEndpoint.objects.update(is_active=False)
    EndpointFactory.create()
    delivering.enqueue_event("order.placed", lambda: [{}])
    both = list(WebhookDelivery.objects.values_list("pk", flat=True))
    page = ada.post(DELIVERIES, {"action": "send_all_again", "_selected_action": both}, follow=True).content.decode()
    assert f"{failed.message_id}: The endpoint is switched off." in page
    assert "1 on the way." in page


# --- who may


@pytest.mark.parametrize("who", ["anonymous", "customer", "order staff", "managers", "staff with the permissions"])
def test_nobody_but_administrators_gets_in(failed: WebhookDelivery, who: str) -> None:
    client = Client()
    if who == "customer":
        client = browser_of("alice")
    elif who == "order staff":
        client = browser_of("bob", is_staff=True, groups=("Order staff", "Catalog staff"))
    elif who == "managers":
        client = browser_of("mona", is_staff=True, groups=("Managers",))
    elif who.startswith("staff"):
        client = browser_of("bob", is_staff=True)
        get_user_model().objects.get(username="bob").user_permissions.set(
            Permission.objects.filter(codename__contains="webhook")
        )
    endpoint = failed.endpoint
    pages = [
        ADD, ENDPOINTS, DELIVERIES, page_of(endpoint), page_of(endpoint, "send_test"),
        page_of(endpoint, "new_secret"),
        page_of(endpoint, "rotate_secret"), page_of(endpoint, "delete"), page_of(failed), page_of(failed, "send_again"),
    ]  # fmt: skip
    for page in pages:
        for answer in (client.get(page), client.post(page, typed("https://8.8.8.8/"))):
            assert answer.status_code in {302, 403}, page
            assert answer.status_code == 403 or "login" in answer["Location"]
            assert not SECRET.search(html.unescape(answer.content.decode()))
    client.post(DELIVERIES, {"action": "send_all_again", "_selected_action": [failed.pk]})
    assert WebhookDelivery.objects.get().state == "failed"
    assert WebhookEndpoint.objects.get().secret == endpoint.secret


@pytest.mark.parametrize("name", ["send_test", "new_secret", "rotate_secret"])
@pytest.mark.parametrize("key", ["999999", "nonsense"])
def test_what_is_not_there_is_not_found(ada: Client, name: str, key: str) -> None:
    assert ada.post(reverse(f"admin:orders_webhookendpoint_{name}", args=[key])).status_code == 404
    assert ada.post(reverse("admin:orders_webhookdelivery_send_again", args=[key])).status_code == 404
