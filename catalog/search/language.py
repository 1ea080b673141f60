"""The language that words are read in: PostgreSQL's, going through `unaccent` first, so that "creme" finds "Crème"."""

from __future__ import annotations

from django.conf import settings

# Those that PostgreSQL has a stemmer for; "simple" takes every word as it is.
LANGUAGES = (
    "arabic",
    "armenian",
    "basque",
    "catalan",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "lithuanian",
    "nepali",
    "norwegian",
    "portuguese",
    "romanian",
    "russian",
    "serbian",
    "simple",
    "spanish",
    "swedish",
    "tamil",
    "turkish",
    "yiddish",
)


def configuration() -> str:
    """The text search configuration of the shop's language, which a migration has made."""
    return f"shop_{settings.SHOP_SEARCH_LANGUAGE}"
