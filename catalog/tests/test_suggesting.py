"""What is suggested while somebody types."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.search.indexing import recount_words, reindex
from catalog.suggesting import suggest
from catalog.tests.factories import CategoryFactory, ProductFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def goods(transactional_db: None) -> None:
    bowls = CategoryFactory.create(name="Soup bowls")
    made = [ProductFactory.create(name=name, category=bowls) for name in ("Blue bowl", "Bowler hat", "Red bowl")]
    made.append(ProductFactory.create(name="Bowl nobody lists", is_listed=False))
    reindex(each.pk for each in made)
    recount_words()


def test_words_products_and_categories_complete_what_is_typed() -> None:
    found = suggest("bow")
    assert [word.text for word in found.words] == ["bowl", "bowler"]
    assert sorted(card.name for card in found.cards) == ["Blue bowl", "Bowler hat", "Red bowl"]
    assert [place.name for place in found.places] == ["Soup bowls"]


def test_the_last_word_is_completed() -> None:
    found = suggest("Red  bo")
    assert [word.text for word in found.words] == ["red bowl", "red bowler"]
    assert [card.name for card in found.cards] == ["Red bowl"]
    assert found.words[0].url == "/search/?q=red+bowl"


@pytest.mark.parametrize("text", ["", " ", "b", "!!", "\x00bow", "x" * 200, "'; --", "zzz", "(", "*", "bow\\"])
def test_what_cannot_be_completed_is_answered_with_nothing_or_something_but_never_fails(
    client: Client, text: str
) -> None:
    answer = client.get("/search/suggestions/", {"q": text})
    assert answer.status_code == 200
    if text != "bow\\":
        assert "option" not in answer.content.decode()


def test_the_answer_is_a_part_of_a_page_in_four_queries(client: Client) -> None:
    with captured_sql() as statements:
        page = client.get("/search/suggestions/?q=bow").content.decode()
    assert len(statements) == 4, "\n".join(statements)
    assert page.count('role="option"') == 6
    assert "<html" not in page
    assert client.post("/search/suggestions/").status_code == 405


def test_what_nothing_is_called_by_is_spelt_anew(client: Client) -> None:
    assert [word.text for word in suggest("Bowlr").words] == ["bowl"]
    assert [word.text for word in suggest("rde bowl").words] == ["red bowl"]
    assert not suggest("zeppelin")
    assert client.get("/api/v1/search/suggestions/?q=bwol").json() == {
        "words": ["bowl"],
        "products": [],
        "categories": [],
    }


def test_a_client_has_a_quota(client: Client, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "suggestions": "2/minute"}

    addresses = ["/search/suggestions/?q=bow", "/api/v1/search/suggestions/?q=bow"]
    answers = [client.get(address) for address in [*addresses, *addresses]]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_markup_is_shown_as_text(client: Client) -> None:
    product: Any = ProductFactory.create(name="<b>Bowl</b> & co")
    reindex([product.pk])
    page = client.get("/search/suggestions/?q=bowl").content.decode()
    assert "&lt;b&gt;Bowl&lt;/b&gt; &amp; co" in page
