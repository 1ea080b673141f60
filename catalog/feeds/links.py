"""Public addresses, from the settings: never from a header, which anybody can send."""

from __future__ import annotations

from django.conf import settings


def absolute(address: str) -> str:
    return address if "://" in address else f"{settings.SITE_URL}{address}"
