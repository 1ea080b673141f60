"""System checks of what accounts are told by settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.throttling import parse_rate


@register
def throttle_rates(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A rate that nobody can read would close a door at the first customer."""
    found: list[CheckMessage] = []
    for scope, rate in settings.THROTTLE_RATES.items():
        try:
            parse_rate(rate)
        except ValueError:
            hint = f"Set THROTTLE_{scope.upper()} to a number per second, minute, hour or day: 10/minute."
            found.append(Error(f"The rate for {scope} is {rate!r}.", hint=hint, id="accounts.E001"))
    return found
