"""How a product's page asks for one variant: a question per option, and where each answer leads.

Every answer leads to a variant that there is, so that each is one plain link: to the combination with the other
answers as they are, or, if that is not made, to the one that changes the fewest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar


class Combined(Protocol):
    """A variant as one answer to each question: `values` are ids, in the order of the options."""

    @property
    def sku(self) -> str: ...
    @property
    def values(self) -> tuple[int, ...]: ...
    @property
    def is_available(self) -> bool: ...


Variant = TypeVar("Variant", bound=Combined)


class State(StrEnum):
    FREE = "free"
    SOLD_OUT = "sold-out"
    ELSEWHERE = "elsewhere"  # only together with other answers than those chosen
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Answer:
    """A value to choose. `sku` is the variant that it leads to; empty when none has this value."""

    text: str
    sku: str
    state: State
    is_chosen: bool


@dataclass(frozen=True)
class Question:
    """An option to choose from; `chosen` is the present answer."""

    name: str
    chosen: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Asked:
    """An option as it is stored: its values as (id, text), in order."""

    name: str
    values: tuple[tuple[int, str], ...]


def questions(options: Sequence[Asked], variants: Sequence[Variant], chosen: Variant) -> list[Question]:
    """What the page asks while `chosen` is shown; none for a variant that has no values."""
    if not options or len(chosen.values) != len(options):
        return []
    complete = [variant for variant in variants if len(variant.values) == len(options)]
    return [_question(place, option, complete, chosen) for place, option in enumerate(options)]


def _question(place: int, option: Asked, variants: Sequence[Variant], chosen: Variant) -> Question:
    answers = tuple(_answer(place, pk, text, variants, chosen) for pk, text in option.values)
    return Question(option.name, next((answer.text for answer in answers if answer.is_chosen), ""), answers)


def _answer(place: int, value: int, text: str, variants: Sequence[Variant], chosen: Variant) -> Answer:
    having = [variant for variant in variants if variant.values[place] == value]
    if not having:
        return Answer(text, "", State.NOWHERE, is_chosen=False)
    leads_to = max(having, key=lambda variant: _nearness(variant, chosen))
    wanted = (*chosen.values[:place], value, *chosen.values[place + 1 :])
    if leads_to.values != wanted:
        state = State.ELSEWHERE
    else:
        state = State.FREE if leads_to.is_available else State.SOLD_OUT
    return Answer(text, leads_to.sku, state, is_chosen=chosen.values[place] == value)


def _nearness(variant: Combined, chosen: Combined) -> tuple[int, bool, list[bool]]:
    """More answers kept first; then what can be bought; then the earlier questions. The merchant's order decides."""
    kept = [mine == theirs for mine, theirs in zip(variant.values, chosen.values, strict=True)]
    return sum(kept), variant.is_available, kept
