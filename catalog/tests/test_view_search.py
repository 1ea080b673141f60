from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_it_finds_words_and_shows_what_was_searched(client: Client) -> None:
    ProductFactory.create(name="Strawberry pot")
    ProductFactory.create(name="Fence")

    answer = client.get("/search/?q=strawb")

    assert [card.name for card in answer.context["page_obj"]] == ["Strawberry pot"]
    assert 'name="q" value="strawb"' in answer.content.decode()


def test_without_words_it_asks_for_some(client: Client) -> None:
    CategoryFactory.create(name="Kitchen")

    for address in ("/search/", "/search/?q=", "/search/?q=%20%20"):
        page = client.get(address).content.decode()
        assert "What are you looking for?" in page
        assert 'class="chip" href="/categories/kitchen/"' in page


def test_nothing_found_comes_with_suggestions(client: Client) -> None:
    CategoryFactory.create(name="Kitchen")

    page = client.get("/search/?q=zeppelin").content.decode()

    assert "We found nothing for “zeppelin”" in page
    assert 'class="chip" href="/categories/kitchen/"' in page


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "x" * 101, "x" * 100_000])
def test_what_cannot_be_searched_is_said(client: Client, text: str) -> None:
    ProductFactory.create()

    answer = client.get(f"/search/?q={quote(text)}")

    assert answer.status_code == 200
    assert 'class="notice notice--warning"' in answer.content.decode()


@pytest.mark.parametrize(
    "raw", ["%ff%fe", "%ed%a0%80", "'; DROP TABLE x; --", "<script>alert(1)</script>", "%E2%80%AE", "🙂"]
)
def test_any_bytes_are_taken_as_words(client: Client, raw: str) -> None:
    answer = client.get(f"/search/?q={raw}")

    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_pages_and_filters_keep_the_words(client: Client) -> None:
    ProductFactory.create_batch(25, category=CategoryFactory.create(), description="clay", price=500)

    page = client.get("/search/?q=clay&max_price=10").content.decode()

    assert 'href="?q=clay&amp;max_price=10&amp;page=2"' in page
    assert 'type="hidden" name="q" value="clay"' in page
    assert client.get("/search/?q=clay&page=9")["Location"] == "/search/?q=clay"


def test_it_is_not_for_search_engines(client: Client) -> None:
    assert "noindex" in client.get("/search/?q=a").content.decode()
