"""Countries by name, in the shop's language; pure."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.conf import settings


def country_name(code: str) -> str:
    """The country's name; the code itself when it is not known."""
    return _names(settings.SHOP_LOCALE).get(code, code)


def is_country(code: str) -> bool:
    """The code is that of a country, in capitals, as ISO 3166 has it."""
    return len(code) == 2 and code.isalpha() and code in _names(settings.SHOP_LOCALE)


def country_choices() -> list[tuple[str, str]]:
    """The countries that the shop serves, by name: what a form offers."""
    return sorted(((code, country_name(code)) for code in settings.SHOP_COUNTRIES), key=lambda pair: pair[1])


@lru_cache(maxsize=4)
def _names(locale: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(locale).territories.items()}
