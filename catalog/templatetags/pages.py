"""Page numbers and descriptions in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Page

from catalog.richtext import plain

register = template.Library()


@register.filter
def page_numbers(page: Page[Any]) -> list[int | None]:
    """The numbers worth showing around a page: the ends and its neighbours; None stands for a gap."""
    last = page.paginator.num_pages
    shown = sorted({1, last, *range(max(1, page.number - 1), min(last, page.number + 1) + 1)})
    numbers: list[int | None] = []
    for number in shown:
        before = numbers[-1] if numbers else 0
        if number - (before or 0) == 2:
            numbers.append(number - 1)  # a gap of one is no shorter than the number itself
        elif number - (before or 0) > 2:
            numbers.append(None)
        numbers.append(number)
    return numbers


@register.filter
def words(html: str, length: int) -> str:
    """The first words of a description, without its tags."""
    return plain(html, length)
