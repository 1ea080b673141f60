"""What a word may have been meant as when a key slipped: a letter too many, missing or wrong, or two exchanged. Pure.

Trigrams find long words that are spelt nearly so; of a word with three letters, one slip leaves none of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from string import ascii_lowercase

SHORTEST, LONGEST = 3, 8


def slips(word: str) -> set[str]:
    """All that is one slip away from the word; nothing for one that is short, long or not of Latin letters."""
    plain = _plain(word)
    if not (plain.isascii() and plain.isalpha() and SHORTEST <= len(plain) <= LONGEST):
        return set()
    parts = [(plain[:place], plain[place:]) for place in range(len(plain) + 1)]
    swapped = {
        before + after[other] + after[1:other] + after[0] + after[other + 1 :]
        for before, after in parts
        for other in range(1, len(after))
    }
    missing = {before + after[1:] for before, after in parts if after}
    other = {before + letter + after[1:] for before, after in parts if after for letter in ascii_lowercase}
    more = {before + letter + after for before, after in parts for letter in ascii_lowercase}
    return (swapped | missing | other | more) - {plain}


def likeliest(word: str, known: Mapping[str, int]) -> str:
    """Of known words, with how often each is used, the one that was likeliest meant; "" when none is near.

    The first letter is rarely wrong, and all letters in the wrong order are likelier than a wrong one.
    """
    plain, near = _plain(word), slips(word) & known.keys()
    return min(
        near,
        key=lambda each: (each[0] != plain[0], sorted(each) != sorted(plain), -known[each], each),
        default="",
    )


def _plain(word: str) -> str:
    """As words stand in the vocabulary: in lower case and without accents."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
