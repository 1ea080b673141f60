"""Words that were typed with one slip."""

from __future__ import annotations

import pytest

from catalog.search.indexing import reindex
from catalog.search.reading import read
from catalog.search.slips import likeliest, slips
from catalog.tests.factories import ProductFactory
from shop.testing.sql import captured_sql


@pytest.mark.parametrize("typed", ["mgu", "mu", "mugg", "muq", "ug"])
def test_a_word_is_one_slip_away_from_what_was_meant(typed: str) -> None:
    assert ("mug" in slips(typed)) == (len(typed) > 2)


@pytest.mark.parametrize("typed", ["", "a", "мука", "kt-120", "123", "x" * 9, "\x00ab", "🙂🙂🙂"])
def test_what_is_no_short_latin_word_has_no_slips(typed: str) -> None:
    assert slips(typed) == set()


def test_swapped_letters_and_a_right_beginning_are_likelier_than_frequent_words() -> None:
    assert likeliest("mgu", {"mug": 1, "mgs": 9, "egu": 99}) == "mug"
    assert likeliest("demin", {"denim": 1, "demi": 9}) == "denim"
    assert likeliest("bowel", {"towel": 99, "bowl": 1}) == "bowl"
    assert likeliest("Béd", {"bed": 1, "red": 9, "bad": 3}) == "bad"
    assert likeliest("bxd", {"bad": 2, "bed": 3, "beds": 9}) == "bed"
    assert likeliest("mgu", {"table": 1}) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "meant"),
    [("mgu", "mug"), ("blue mgu", "blue mug"), ("strawbery", "strawberry"), ("MGU", "mug"), ("zzz", ""), ("mug", "")],
)
def test_short_words_are_corrected_like_long_ones(typed: str, meant: str) -> None:
    reindex([ProductFactory.create(name=name).pk for name in ("Blue mug", "Strawberry pot")])
    with captured_sql() as statements:
        assert read(typed).spelling == meant
    assert len(statements) == 1, "\n".join(statements)


@pytest.mark.django_db
def test_no_text_is_too_odd_or_too_costly_to_be_corrected() -> None:
    for text in ("'", "%", "a" * 100, " ".join(["qwxz"] * 12), "or", "-mgu", "\\ mgu"):
        assert isinstance(read(text).spelling, str)
