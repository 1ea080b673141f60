"""What the letters of the catalogue have in common: three templates, and a name by which two copies are one message."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def compose(
    template: str, context: Mapping[str, Any], *, to: str, number: int, headers: Mapping[str, str] | None = None
) -> EmailMultiAlternatives:
    """The finished e-mail from `emails/<template>-subject.txt`, `-body.txt` and `-body.html`.

    Whoever sends it again with the same `number` sends the same message.
    """
    shown = {**context, "shop_name": settings.SHOP_NAME, "site_url": settings.SITE_URL}
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    letter = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"emails/{template}-subject.txt", shown).split()),
        body=render_to_string(f"emails/{template}-body.txt", shown),
        to=[to],
        headers={
            "Message-ID": f"<{template}.{number}@{domain}>",
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    )
    letter.attach_alternative(render_to_string(f"emails/{template}-body.html", shown), "text/html")
    return letter
