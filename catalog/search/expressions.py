"""A shopper's words as PostgreSQL's text search reads them: a pure function from text to an expression.

Words are ANDed, each in any form of its language, the last one also as a beginning ("bow" for bowls); what the merchant
calls the same is ORed. Quotes, `-` and `or` mean what they mean in web searches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

LONGEST = 100  # characters
MOST_WORDS = 12
SHORTEST_BEGINNING = 3
OPERATORS = re.compile(r'"|(^|\s)-\w|\bor\b', re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")
_HOLLOW = re.compile(r'"[^\w"]*"|(?<!\w)-+(?![\w"])')  # quotes without a word, and what excludes nothing
_EXCLUDES = re.compile(r"(?<!\w)-+")
Synonyms = Sequence[Sequence[str]]


def words_of(text: str) -> list[str]:
    """The words of a text, at most MOST_WORDS; letters and digits only."""
    return WORD.findall(text)[:MOST_WORDS]


def expression_of(
    text: str, synonyms: Synonyms = (), completions: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> str:
    """What `to_tsquery` takes, "" for a text without any word. `completions` are the words that begin as the last does.

    Each token stands in quotes and holds none, so that no text can be a syntax error; PostgreSQL takes it apart as it
    did with the texts of the products.
    """
    tokens = [token for token in text.split() if WORD.search(token)][:MOST_WORDS]
    last = len(tokens) - 1
    said = " & ".join(
        _either(token, synonyms, [quoted(word) for word in completions.get(token, ())] if number == last else ())
        for number, token in enumerate(tokens)
    )
    otherwise = _said_otherwise(words_of(text), synonyms)
    return " | ".join([f"({each})" for each in [said, *otherwise]]) if otherwise else said


def web_text(text: str) -> str:
    """What `websearch_to_tsquery` takes: it fails on an operator that stands there dozens of times for nothing."""
    before = ""
    while text != before:
        before, text = text, _HOLLOW.sub(" ", text)
    return _EXCLUDES.sub("-", text)


def any_of_each(meanings: Sequence[Sequence[str]], *, goes_on: bool) -> str:
    """For each word one of those that it may mean; with `goes_on` the last may be the beginning of any word of a text.

    PostgreSQL collects all that begins so, which takes long where much does: for words that found nothing otherwise.
    Very many codes begin alike; they are to be typed in full.
    """
    each = [list(map(quoted, words)) for words in meanings]
    if goes_on and begins(meanings[-1][0]):
        each[-1].append(f"{quoted(meanings[-1][0])}:*")
    return " & ".join(f"({' | '.join(words)})" for words in each)


def begins(token: str) -> bool:
    """It is enough of a word to look for what begins so."""
    return len(token) >= SHORTEST_BEGINNING and not any(character.isdigit() for character in token)


def phrases(text: str) -> list[str]:
    """The words of the text and what two or three neighbours make, in lower case: what synonyms are looked up by."""
    words = words_of(text.lower())
    return [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]


def quoted(words: str) -> str:
    return "'" + re.sub(r"['\\\0]", " ", words) + "'"


def _either(token: str, synonyms: Synonyms, begun: Sequence[str]) -> str:
    lowered = token.lower()
    same = [other for group in synonyms if lowered in group for other in group if other != lowered]
    forms = [quoted(token), *begun, *map(quoted, same)]
    return forms[0] if len(forms) == 1 else f"({' | '.join(forms)})"


def _said_otherwise(words: Sequence[str], synonyms: Synonyms) -> list[str]:
    """The text with a phrase of several words ("t shirt") replaced by what means the same."""
    lowered = [word.lower() for word in words]
    found = []
    for group in synonyms:
        for phrase in group:
            parts = words_of(phrase)
            for start in range(len(lowered) - len(parts) + 1 if len(parts) > 1 else 0):
                if lowered[start : start + len(parts)] == parts:
                    rest = [quoted(word) for word in [*words[:start], *words[start + len(parts) :]]]
                    found += [" & ".join([*rest, quoted(other)]) for other in group if other != phrase]
    return found
