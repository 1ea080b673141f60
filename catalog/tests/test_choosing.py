from __future__ import annotations

from dataclasses import dataclass
from itertools import product as every_combination

from hypothesis import given
from hypothesis import strategies as st

from catalog.choosing import Asked, State, questions

SIZE = Asked("Size", ((1, "S"), (2, "M"), (3, "L")))
COLOUR = Asked("Colour", ((4, "Blue"), (5, "Red")))


@dataclass(frozen=True)
class Shirt:
    sku: str
    values: tuple[int, ...]
    is_available: bool = True


SMALL_BLUE, SMALL_RED = Shirt("S-BLUE", (1, 4)), Shirt("S-RED", (1, 5), is_available=False)
MEDIUM_RED = Shirt("M-RED", (2, 5))
SHIRTS = [SMALL_BLUE, SMALL_RED, MEDIUM_RED]


def asked(chosen: Shirt, shirts: list[Shirt] = SHIRTS) -> dict[str, list[tuple[str, str, State]]]:
    return {
        question.name: [(answer.text, answer.sku, answer.state) for answer in question.answers]
        for question in questions([SIZE, COLOUR], shirts, chosen)
    }


def test_each_answer_leads_to_a_variant_and_says_what_to_expect() -> None:
    assert asked(SMALL_BLUE) == {
        "Size": [("S", "S-BLUE", State.FREE), ("M", "M-RED", State.ELSEWHERE), ("L", "", State.NOWHERE)],
        "Colour": [("Blue", "S-BLUE", State.FREE), ("Red", "S-RED", State.SOLD_OUT)],
    }


def test_the_present_answers_are_marked() -> None:
    size, colour = questions([SIZE, COLOUR], SHIRTS, MEDIUM_RED)

    assert (size.chosen, colour.chosen) == ("M", "Red")
    assert [answer.text for answer in (*size.answers, *colour.answers) if answer.is_chosen] == ["M", "Red"]


def test_what_is_not_made_leads_to_what_changes_the_least_and_can_be_bought() -> None:
    fit = Asked("Fit", ((6, "Slim"), (7, "Wide")))
    chosen = Shirt("HERE", (1, 4, 6))
    far = Shirt("FAR", (2, 5, 7))
    near_but_gone = Shirt("NEAR-GONE", (2, 4, 7), is_available=False)
    near = Shirt("NEAR", (2, 5, 6))

    size, _, _ = questions([SIZE, COLOUR, fit], [chosen, far, near_but_gone, near], chosen)

    assert (size.answers[1].sku, size.answers[1].state) == ("NEAR", State.ELSEWHERE)


def test_there_is_nothing_to_ask_about_a_variant_without_values() -> None:
    assert questions([], SHIRTS, SMALL_BLUE) == []
    assert questions([SIZE, COLOUR], SHIRTS, Shirt("OLD", ())) == []


@given(st.data())
def test_every_variant_can_be_reached_from_every_other(
    data: st.DataObject,
) -> None:
    combinations = list(every_combination((1, 2, 3), (4, 5), (6, 7)))
    made = data.draw(st.lists(st.sampled_from(combinations), unique=True, min_size=1))
    shirts = [Shirt(f"{number}", values, data.draw(st.booleans())) for number, values in enumerate(made)]
    options = [SIZE, COLOUR, Asked("Fit", ((6, "Slim"), (7, "Wide")))]
    here, wanted = data.draw(st.sampled_from(shirts)), data.draw(st.sampled_from(shirts))

    reached = {here.sku}
    by_sku = {shirt.sku: shirt for shirt in shirts}
    for _ in shirts:
        leads = (questions(options, shirts, by_sku[sku]) for sku in set(reached))
        reached |= {answer.sku for asked in leads for question in asked for answer in question.answers if answer.sku}

    assert wanted.sku in reached
