"""Where apps that do not know each other meet."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.http import HttpRequest

from accounts.models import User
from accounts.throttling import client_address
from accounts.throttling import spend as spend_quota
from catalog import quotas
from catalog.models import StockAlert


def connect() -> None:
    """Introduce them to each other; called once, when Django starts."""
    quotas.count_with(count)
    post_delete.connect(forget_alerts, sender=User, dispatch_uid="shop.forget_alerts")


def count(quota: str, request: HttpRequest) -> None:
    spend_quota(quota, client_address(request))


def forget_alerts(sender: object, instance: User, **_: Any) -> None:
    """With an account go the alerts of its address, in the same transaction."""
    StockAlert.objects.filter(email__iexact=instance.email).delete()
