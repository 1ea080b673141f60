"""Small makers of webhook rows."""

from __future__ import annotations

import factory

from orders.webhooks.models import WebhookEndpoint


class EndpointFactory(factory.django.DjangoModelFactory[WebhookEndpoint]):
    """An endpoint that is told when an order is placed."""

    class Meta:
        model = WebhookEndpoint

    url = "https://hooks.example.com/shop"
    events = factory.LazyFunction(lambda: ["order.placed"])
