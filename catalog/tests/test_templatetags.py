from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template

from catalog.templatetags.pages import page_numbers


def rendered(template: str, **context: object) -> str:
    return Template("{% load money %}" + template).render(Context(context))


def test_an_amount_is_shown_in_the_currency_and_locale_of_the_shop() -> None:
    assert rendered("{{ amount|money }}", amount=123450) == "€1,234.50"


def test_no_amount_shows_nothing() -> None:
    assert rendered("{{ amount|money }}", amount=None) == ""


def test_an_amount_may_carry_its_currency() -> None:
    assert rendered("{% money 1250 'GBP' %} {% money 1250 'JPY' %}") == "£12.50 JP¥1,250"


@pytest.mark.parametrize(
    ("current", "shown"),
    [
        (1, [1, 2, None, 9]),
        (3, [1, 2, 3, 4, None, 9]),
        (4, [1, 2, 3, 4, 5, None, 9]),
        (5, [1, None, 4, 5, 6, None, 9]),
        (9, [1, None, 8, 9]),
    ],
)
def test_page_numbers_are_the_ends_and_the_neighbours(current: int, shown: list[int | None]) -> None:
    assert page_numbers(Paginator(range(90), 10).page(current)) == shown


def test_a_single_page_has_one_number() -> None:
    assert page_numbers(Paginator([], 10).page(1)) == [1]
