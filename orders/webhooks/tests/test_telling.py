"""What is written when something happens that endpoints listen to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from orders.webhooks import delivering
from orders.webhooks.models import WebhookDelivery
from orders.webhooks.tests.factories import EndpointFactory
from orders.webhooks.tests.messages import DATA, jobs_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_receivers")]


def test_an_event_that_nobody_wants_costs_one_query_and_is_not_even_described(
    django_assert_num_queries: Any,
) -> None:
    EndpointFactory.create(is_active=False)
    EndpointFactory.create(events=["order.paid"])
    with django_assert_num_queries(1):
        delivering.enqueue_event("order.placed", lambda: pytest.fail("described for nobody"))
    assert not WebhookDelivery.objects.exists()


def test_any_number_of_listeners_is_told_in_three_queries(django_assert_num_queries: Any) -> None:
    listeners = EndpointFactory.create_batch(7)
    with django_assert_num_queries(3):
        delivering.enqueue_event("order.placed", lambda: [DATA, DATA])
    deliveries = WebhookDelivery.objects.all()
    assert sorted(d.endpoint_id for d in deliveries) == sorted([endpoint.pk for endpoint in listeners] * 2)
    assert len({d.message_id for d in deliveries}) == 2
    assert all(len(jobs_of(delivery)) == 1 for delivery in deliveries)


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_told_to_nobody() -> None:
    EndpointFactory.create()
    with transaction.atomic():
        delivering.enqueue_event("order.placed", lambda: [DATA])
        (delivery,) = WebhookDelivery.objects.all()
        assert jobs_of(delivery)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()
    assert not jobs_of(delivery)
