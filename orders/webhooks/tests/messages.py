"""Messages that wait to be sent, and attempts at sending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from orders.webhooks import delivering
from orders.webhooks.events import Data
from orders.webhooks.models import WebhookDelivery
from orders.webhooks.retrying import MAX_ATTEMPTS
from orders.webhooks.tests.factories import EndpointFactory
from shop.testing.receivers import Receiver

State = WebhookDelivery.State
DATA: Data = {"number": "ABCDE-FGHJK"}


def message_to(here: Receiver | str, **of_endpoint: Any) -> WebhookDelivery:
    """A message that waits to be sent there."""
    endpoint = EndpointFactory.create(url=here if isinstance(here, str) else here.url(), **of_endpoint)
    delivering.enqueue_event("order.placed", lambda: [DATA])
    return WebhookDelivery.objects.get(endpoint=endpoint)


def attempt(delivery: WebhookDelivery) -> WebhookDelivery:
    """The next attempt, made now, whenever it is due."""
    WebhookDelivery.objects.filter(pk=delivery.pk, state=State.PENDING).update(next_attempt_at=timezone.now())
    delivering.deliver(delivery_id=delivery.pk)
    return WebhookDelivery.objects.select_related("endpoint").get(pk=delivery.pk)


def jobs_of(delivery: WebhookDelivery) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=delivering.TASK, args={"delivery_id": delivery.pk}))


def give_up(delivery: WebhookDelivery) -> WebhookDelivery:
    """The last attempt, three days later."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=MAX_ATTEMPTS - 1, created_at=timezone.now() - timedelta(days=3, hours=4)
    )
    return attempt(delivery)
