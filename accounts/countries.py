"""Countries by name, in the shop's language; pure."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.conf import settings

# What lists of other shops call countries, beside their names.
ALSO_CALLED = {
    "uk": "GB", "great britain": "GB", "england": "GB", "eire": "IE", "republic of ireland": "IE",
    "usa": "US", "u.s.a.": "US", "united states of america": "US", "holland": "NL", "czech republic": "CZ",
}  # fmt: skip


def country_name(code: str) -> str:
    """The country's name; the code itself when it is not known."""
    return _names(settings.SHOP_LOCALE).get(code, code)


def is_country(code: str) -> bool:
    """The code is that of a country, in capitals, as ISO 3166 has it."""
    return len(code) == 2 and code.isalpha() and code in _names(settings.SHOP_LOCALE)


def find_country(text: str) -> str:
    """The code of a country that was written as a code or a name, in English or the shop's language; else empty."""
    wanted = " ".join(text.split())
    if is_country(wanted.upper()):
        return wanted.upper()
    folded = wanted.casefold()
    return ALSO_CALLED.get(folded) or _codes("en").get(folded) or _codes(settings.SHOP_LOCALE).get(folded) or ""


def country_choices() -> list[tuple[str, str]]:
    """The countries that the shop serves, by name: what a form offers."""
    return sorted(((code, country_name(code)) for code in settings.SHOP_COUNTRIES), key=lambda pair: pair[1])


@lru_cache(maxsize=4)
def _codes(locale: str) -> dict[str, str]:
    names = Locale.parse(locale).territories
    return {str(name).casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()}


@lru_cache(maxsize=4)
def _names(locale: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(locale).territories.items()}
