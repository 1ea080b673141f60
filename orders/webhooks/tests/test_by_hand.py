"""What staff do: send again, send a test, replace a secret; and what is forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from orders.errors import EndpointOff
from orders.webhooks import delivering
from orders.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.webhooks.tests.factories import EndpointFactory
from orders.webhooks.tests.messages import DATA, State, attempt, give_up, message_to
from shop.testing.receivers import answering, receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


def test_a_failed_message_is_sent_again_under_its_id() -> None:
    with receiver(answering(500)) as here:
        delivery = message_to(here)
        delivering.enqueue_event("order.placed", lambda: [DATA])
        delivery = give_up(delivery)
        WebhookEndpoint.objects.update(is_active=True)
        delivering.send_again(delivery=delivery)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
        before = delivery.log.count()
        delivering.deliver(delivery_id=delivery.pk)
    assert (before, delivery.log.count()) == (1, 2)
    assert {(entry.status, entry.error) for entry in delivery.log.all()} == {(500, "Answered 500.")}
    assert {got.headers["webhook-id"] for got in here.requests} == {delivery.message_id}


def test_a_test_message_goes_to_one_endpoint_whatever_it_listens_to() -> None:
    with receiver() as here, receiver() as other:
        endpoint = EndpointFactory.create(url=here.url(), events=[])
        EndpointFactory.create(url=other.url())
        delivering.deliver(delivery_id=delivering.send_test(endpoint=endpoint).pk)
    (got,) = here.requests
    assert json.loads(got.body)["type"] == "webhook.test"
    assert other.requests == []


def test_nothing_is_sent_by_hand_to_an_endpoint_that_is_off() -> None:
    delivery = message_to("https://hooks.example.com/")
    WebhookEndpoint.objects.update(is_active=False)
    with pytest.raises(EndpointOff):
        delivering.send_again(delivery=delivery)
    with pytest.raises(EndpointOff):
        delivering.send_test(endpoint=delivery.endpoint)
    assert WebhookDelivery.objects.count() == 1


def test_a_new_secret_signs_beside_the_old_one_for_a_day() -> None:
    with receiver() as here:
        delivery = message_to(here)
        old = delivery.endpoint.secret
        new = delivering.rotate_secret(endpoint=delivery.endpoint).secret
        attempt(delivery)
        delivering.send_again(delivery=delivery)
        WebhookEndpoint.objects.update(previous_secret_until=timezone.now())
        attempt(delivery)
    during, after = here.requests
    assert old != new
    for secret in (old, new):
        assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


def test_settled_messages_are_forgotten_after_a_month() -> None:
    endpoint = EndpointFactory.create()
    old = timezone.now() - timedelta(days=31)
    for name, state, created in (
        ("old", State.SUCCEEDED, old),
        ("failed", State.FAILED, old),
        ("waiting", State.PENDING, old),
        ("young", State.SUCCEEDED, timezone.now()),
    ):
        WebhookDelivery.objects.create(
            endpoint=endpoint,
            message_id=name,
            event="order.placed",
            payload="{}",
            state=state,
            created_at=created,
            next_attempt_at=timezone.now() if state == State.PENDING else None,
        )
    delivering.forget_old()
    assert set(WebhookDelivery.objects.values_list("message_id", flat=True)) == {"waiting", "young"}
