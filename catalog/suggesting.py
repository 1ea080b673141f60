"""What may be meant while somebody is still typing: words, products and categories, in bounded time."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from catalog.browsing import Place, place
from catalog.cards import Card, card_of, with_cards
from catalog.models import Category, Product, SearchWord
from catalog.search.expressions import LONGEST, OPERATORS, words_of
from catalog.search.finding import best_first, candidates
from catalog.search.reading import Query, Reading, read

SHORTEST = 2
WORDS, PRODUCTS, PLACES = 4, 5, 3


@dataclass(frozen=True)
class Completion:
    """The typed text with its last word completed."""

    text: str

    @property
    def url(self) -> str:
        return f"{reverse('catalog:search')}?{urlencode({'q': self.text})}"


@dataclass(frozen=True)
class Suggestions:
    text: str = ""
    words: tuple[Completion, ...] = ()
    cards: tuple[Card, ...] = ()
    places: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.cards or self.places)


def suggest(text: str) -> Suggestions:
    """Suggestions for what was typed so far; none for less than two letters.

    Four queries, and one more where nothing is found.
    """
    typed = " ".join(text.split())
    words = words_of(typed)
    if not words or len(typed) < SHORTEST or len(typed) > LONGEST or "\x00" in typed:
        return Suggestions()
    reading = read(typed)
    cards = _products(reading)
    return Suggestions(typed, (() if cards else _spelt(reading)) or _completed(words), cards, _places(words))


def _spelt(reading: Reading) -> tuple[Completion, ...]:
    """What may have been meant by what nothing is called by."""
    return (Completion(reading.spelling.lower()),) if reading.spelling else ()


def _completed(words: list[str]) -> tuple[Completion, ...]:
    *before, last = words
    if len(last) < SHORTEST:
        return ()
    known = SearchWord.objects.filter(word__startswith=last.lower(), uses__gt=0).exclude(word=last.lower())
    found = known.order_by("-uses", "word").values_list("word", flat=True)[:WORDS]
    return tuple(Completion(" ".join([*before, word]).lower()) for word in found)


def _products(reading: Reading) -> tuple[Card, ...]:
    cards = _best(reading.text, reading.query)
    return cards or (_best(reading.text, reading.wider_query) if reading.wider_query is not None else ())


def _best(typed: str, query: Query) -> tuple[Card, ...]:
    listed = Product.objects.listed()
    order = best_first(typed, query) if not OPERATORS.search(typed) else ("name", "pk")
    best = Product.objects.filter(pk__in=candidates(listed, query)).order_by(*order).values("pk")[:PRODUCTS]
    rows: QuerySet[Product, dict[str, object]] = with_cards(Product.objects.filter(pk__in=best).order_by(*order))
    return tuple(card_of(row) for row in rows)


def _places(words: list[str]) -> tuple[Place, ...]:
    """Categories of which every typed word begins a word of the name; there are never very many categories."""
    places = Category.objects.order_by("depth", "path")
    for word in words:
        places = places.filter(name__iregex=rf"(^|\W){word}")
    return tuple(place(category) for category in places[:PLACES])
