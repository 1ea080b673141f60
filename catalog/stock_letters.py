"""The letter that says which variants have become low."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.models import StockLevel

TEMPLATE = "emails/stock-low"


def compose(*, to: str, levels: Sequence[StockLevel], more: int, number: int) -> EmailMultiAlternatives:
    """The finished e-mail (needs the variants' products). It is one message however often job `number` sends it."""
    context = {
        "levels": levels,
        "more": more,
        "link": f"{settings.SITE_URL}{reverse('admin:catalog_stocklevel_changelist')}?available=low",
        "shop_name": settings.SHOP_NAME,
        "site_url": settings.SITE_URL,
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    letter = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{TEMPLATE}-subject.txt", context).split()),
        body=render_to_string(f"{TEMPLATE}-body.txt", context),
        to=[to],
        headers={"Message-ID": f"<stock-low.{number}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(render_to_string(f"{TEMPLATE}-body.html", context), "text/html")
    return letter
