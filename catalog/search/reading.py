"""What a shopper's words mean here, and, where they find nothing, what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery
from django.db import connection
from django.db.models import Value

from catalog.search.expressions import (
    OPERATORS,
    WORD,
    any_of_each,
    begins,
    expression_of,
    phrases,
    web_text,
    words_of,
)
from catalog.search.language import configuration
from catalog.search.slips import likeliest, slips

CODE = re.compile(r"[ -~]+")  # a SKU may have blanks inside
MOST_SLIPPED = 4  # words of a text of which all slips are looked up
Query = SearchQuery | CombinedSearchQuery

# The merchant's synonyms; and for each word: is it a word of the catalogue, or the beginning of one, and of which; if
# not, which words contain it, which is spelt nearly so, and which are one slip of the keys away. The vocabulary grows
# with the language, not with the products; so beginnings are completed here, as the index of the products would
# collect all that begins so.
_READ = """
    SELECT '' AS typed, true AS is_known, words, '' AS similar, '{}'::text[] AS slipped
    FROM catalog_synonym WHERE words && %(phrases)s::varchar[]
    UNION ALL
    SELECT w.typed, k.is_known,
        CASE WHEN k.is_known THEN ARRAY(
            SELECT v.word FROM catalog_searchword v
            WHERE v.word LIKE w.plain || '%%'
            ORDER BY v.uses DESC, v.word LIMIT 20
        ) WHEN length(w.plain) >= 3 THEN ARRAY(
            SELECT v.word FROM catalog_searchword v
            WHERE v.word LIKE '%%' || w.plain || '%%'
            ORDER BY v.uses DESC, v.word LIMIT 20
        ) END,
        CASE WHEN NOT k.is_known THEN (
            SELECT v.word FROM catalog_searchword v
            WHERE v.word %% w.plain
            ORDER BY similarity(v.word, w.plain) DESC, v.uses DESC, v.word LIMIT 1
        ) END,
        CASE WHEN NOT k.is_known THEN ARRAY(
            SELECT v.word || ' ' || v.uses FROM catalog_searchword v WHERE v.word = ANY(string_to_array(w.slips, ' '))
        ) END
    FROM (
        SELECT typed, slips, lower(unaccent(typed)) AS plain
        FROM unnest(%(words)s::text[], %(slips)s::text[]) AS each(typed, slips)
    ) AS w,
        LATERAL (SELECT EXISTS (SELECT FROM catalog_searchword v WHERE v.word LIKE w.plain || '%%')) AS k(is_known)
"""


class CodeQuery(SearchQuery):
    """A SKU or barcode: as it stands in the index, not as a word of any language."""

    template = "%(expressions)s::tsquery"

    def __init__(self, code: str) -> None:
        escaped = code.lower().replace("\\", "\\\\").replace("'", "''")
        super().__init__(Value(f"'{escaped}'"))


@dataclass(frozen=True)
class Word:
    """A word as typed: whether it begins words of the catalogue, and the most used of them; if not, those that contain
    it and the nearest."""

    typed: str
    is_known: bool
    words: tuple[str, ...]
    similar: str


@dataclass(frozen=True)
class Reading:
    """A text, its words as the vocabulary knows them, and the groups of synonyms that concern it."""

    text: str
    words: tuple[Word, ...]
    synonyms: tuple[tuple[str, ...], ...]

    @cached_property
    def query(self) -> Query:
        """Products that the whole text describes."""
        if OPERATORS.search(self.text):
            return SearchQuery(web_text(self.text), config=configuration(), search_type="websearch")
        completions = {word.typed: word.words for word in self.words if word.is_known}
        query: Query = _raw(expression_of(self.text, self.synonyms, completions))
        code = self.text.strip()
        return query | CodeQuery(code) if CODE.fullmatch(code) else query

    @cached_property
    def wider_query(self) -> Query | None:
        """Products with words that begin with or contain each that was typed; None when it would find no more."""
        meanings = [(word.typed, *word.words) for word in self.words]
        goes_on = bool(self.words) and not self.words[-1].is_known and begins(self.words[-1].typed)
        if OPERATORS.search(self.text) or not (goes_on or any(word.words for word in self.words)):
            return None
        return _raw(any_of_each(meanings, goes_on=goes_on))

    @property
    def spelling(self) -> str:
        """The text with what nothing is called by replaced by the nearest word; "" when there is none."""
        nearest = {word.typed: word.similar for word in self.words if word.similar}
        if not nearest or OPERATORS.search(self.text):
            return ""
        lost = {word.typed for word in self.words if not word.is_known} - set(nearest)
        kept = WORD.sub(lambda found: nearest.get(found[0], "" if found[0] in lost else found[0]), self.text)
        return " ".join(kept.split())


def read(text: str) -> Reading:
    """Look the words of a text up; one query, whatever the number of products."""
    typed = words_of(text)
    near = [" ".join(slips(word)) if number < MOST_SLIPPED else "" for number, word in enumerate(typed)]
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"words": typed, "slips": near, "phrases": phrases(text)})
        rows = cursor.fetchall()
    found = {row[0]: _word(*row) for row in rows if row[0]}
    return Reading(
        text,
        words=tuple(found[word] for word in words_of(text)),
        synonyms=tuple(tuple(group) for typed, _, group, *_ in rows if not typed),
    )


def _word(typed: str, is_known: bool, words: Sequence[str] | None, similar: str, slipped: Sequence[str] | None) -> Word:
    """A slip is likelier than another word that only looks alike."""
    uses = {word: int(number) for word, number in (each.split(" ") for each in slipped or ())}
    return Word(typed, is_known, tuple(words or ()), likeliest(typed, uses) or similar or "")


def _raw(expression: str) -> SearchQuery:
    return SearchQuery(expression, config=configuration(), search_type="raw")
