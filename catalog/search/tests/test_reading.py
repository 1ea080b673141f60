"""Whatever people type is a question that PostgreSQL understands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from catalog.search.expressions import LONGEST, web_text
from catalog.search.finding import matching
from catalog.search.indexing import reindex
from catalog.search.reading import read
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def names(text: str) -> set[str]:
    reading = read(text)
    if reading.wider_query is not None:
        list(matching(Product.objects.all(), reading.wider_query))
    return set(matching(Product.objects.listed(), reading.query).values_list("name", flat=True))


@pytest.mark.parametrize(
    "text",
    ["-" * 60 + "a or b", "- " * 50 + "a", '-""' * 33, '-"-"' * 25, '-"- -"' * 16, "a or " * 20, "-" * 99],
)
def test_operators_without_end_are_no_error(text: str) -> None:
    names(text)


def test_operators_mean_what_they_mean_elsewhere() -> None:
    reindex([ProductFactory.create(name=name, description="").pk for name in ("Blue mug", "Red mug", "Blue-red bowl")])
    assert names("mug -red") == {"Blue mug"}
    assert names('mug -"red"') == {"Blue mug"}
    assert names('"red mug" or bowl') == {"Red mug", "Blue-red bowl"}
    assert names("blue-red -mug") == {"Blue-red bowl"}


@given(st.text(alphabet="-\" ao|r&!:*()<>\\'é漢_\t", max_size=LONGEST))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_understood(db: Any, text: str) -> None:
    names(text)
    assert web_text(web_text(text)) == web_text(text)
