"""Searching over the API finds what the storefront finds, and is missed as it is there."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import SearchMiss
from catalog.search.indexing import reindex
from catalog.tests.api.people import client_of
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


@pytest.fixture(autouse=True)
def goods() -> None:
    reindex([ProductFactory.create(name=f"Cushion {number}", price=1000 + number).pk for number in range(3)])


def answer(**parameters: Any) -> Any:
    response = client_of(None).get(URL, parameters)
    assert response.status_code == 200, response.content
    return response.json()


def test_words_that_find_nothing_are_looked_for_inside_words() -> None:
    found = answer(search="ushion", ordering="price", limit=2, cursor="")
    assert (found["count"], [each["name"] for each in found["results"]]) == (3, ["Cushion 0", "Cushion 1"])
    further = client_of(None).get(found["next"]).json()
    assert [each["name"] for each in further["results"]] == ["Cushion 2"]
    assert client_of(None).get("/api/v1/search/facets/", {"search": "ushion"}).json()["count"] == 3


def test_what_was_looked_for_in_vain_is_counted() -> None:
    for parameters in ({"search": "Hammock"}, {"search": "hammock", "ordering": "price", "limit": 1}):
        assert answer(**parameters)["count"] == 0
    assert list(SearchMiss.objects.values_list("text", "count")) == [("hammock", 2)]


@pytest.mark.parametrize(
    "parameters", [{"search": "cushion", "min_price": "99"}, {"search": "cushion", "skip": 9}, {"min_price": "99"}, {}]
)
def test_an_empty_page_of_what_there_is_is_no_vain_search(parameters: dict[str, Any]) -> None:
    answer(**parameters)
    assert not SearchMiss.objects.exists()
