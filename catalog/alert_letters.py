"""The letter that says that a variant is back."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.models import StockAlert

TEMPLATE = "emails/stock-alert"


def compose(alert: StockAlert) -> EmailMultiAlternatives:
    """The finished e-mail (needs the variant's product). It is one message however often it is sent."""
    withdraw = settings.SITE_URL + reverse("catalog:alert-withdraw", args=[alert.token])
    context: dict[str, Any] = {
        "variant": alert.variant,
        "link": settings.SITE_URL + alert.variant.get_absolute_url(),
        "withdraw": withdraw,
        "shop_name": settings.SHOP_NAME,
        "site_url": settings.SITE_URL,
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    letter = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{TEMPLATE}-subject.txt", context).split()),
        body=render_to_string(f"{TEMPLATE}-body.txt", context),
        to=[alert.email],
        headers={
            "Message-ID": f"<stock-alert.{alert.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{withdraw}>",
        },
    )
    letter.attach_alternative(render_to_string(f"{TEMPLATE}-body.html", context), "text/html")
    return letter
