from __future__ import annotations

import pytest

from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/search/suggestions/"


def test_words_products_and_categories_are_suggested() -> None:
    ProductFactory.create(name="Stoneware mug", price=1250, category=CategoryFactory.create(name="Stones"))

    answer = client_of(None).get(URL, {"q": "sto"}).json()
    assert answer["words"] == ["stoneware"]
    assert [(each["name"], each["price"]) for each in answer["products"]] == [("Stoneware mug", "12.50")]
    assert answer["products"][0]["url"].endswith("/products/stoneware-mug/")
    assert [each["name"] for each in answer["categories"]] == ["Stones"]


@pytest.mark.parametrize("text", ["'", "\\", "(((", ":*", "%", "🙂", "a" * 100])
def test_any_text_is_answered(text: str) -> None:
    assert client_of(None).get(URL, {"q": text}).status_code == 200


@pytest.mark.parametrize("parameters", [{}, {"q": ""}, {"q": "x" * 101}, {"q": "\x00"}, {"q": "mug", "page": "2"}])
def test_what_is_no_text_is_refused(parameters: dict[str, str]) -> None:
    assert client_of(None).get(URL, parameters).status_code == 400
