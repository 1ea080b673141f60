"""Countries by name. Pure: the names come from Babel, in the shop's locale."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.conf import settings


def country_name(code: str) -> str:
    """The country's name as the shop's customers read it; the code itself when it is not known."""
    return _names(settings.SHOP_LOCALE).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """The countries we ship to, by name: what a form offers."""
    return sorted(((code, country_name(code)) for code in settings.SHOP_COUNTRIES), key=lambda pair: pair[1])


@lru_cache(maxsize=4)
def _names(locale: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(locale).territories.items()}
