"""Jobs for one message that run at the same moment, and the same race with the guard off."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from orders.webhooks import delivering
from orders.webhooks.models import WebhookDelivery
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.races import at_once
from shop.testing.receivers import answering, receiver
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 8


def waiting_message(url: str) -> WebhookDelivery:
    EndpointFactory.create(url=url)
    delivering.enqueue_event("order.placed", lambda: [{}])
    return WebhookDelivery.objects.get()


@pytest.fixture(autouse=True)
def development(settings: Any) -> None:
    settings.SHOP_WEBHOOKS_ALLOW_PRIVATE = True


def test_eight_jobs_for_one_message_send_it_once() -> None:
    with receiver() as here:
        delivery = waiting_message(here.url())
        at_once(WORKERS, lambda _: delivering.deliver(delivery_id=delivery.pk))
    assert len(here.requests) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("succeeded", 1)


def test_control_without_the_claim_each_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless_claim(delivery_id: int) -> WebhookDelivery:
        WebhookDelivery.objects.filter(pk=delivery_id).update(attempts=F("attempts") + 1, attempted_at=timezone.now())
        return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery_id)

    monkeypatch.setattr(delivering, "_claim", careless_claim)
    with receiver() as here:
        delivery = waiting_message(here.url())
        at_once(WORKERS, lambda _: delivering.deliver(delivery_id=delivery.pk))
    assert len(here.requests) == WORKERS


def test_a_worker_carries_messages_from_the_event_to_the_receiver() -> None:
    """The whole path, with a real worker and parallel receivers of which one is broken."""
    work_off_the_queue()  # what other tests have left there
    with receiver() as good, receiver(answering(500)) as bad:
        for here in (good, bad):
            EndpointFactory.create(url=here.url())
        delivering.enqueue_event("order.placed", lambda: [{"number": str(n)} for n in range(3)])
        work_off_the_queue()
    assert len(good.requests) == 3
    assert len(bad.requests) == 3
    states = WebhookDelivery.objects.order_by("state").values_list("state", "attempts")
    assert list(states) == [("pending", 1)] * 3 + [("succeeded", 1)] * 3
