"""Filters of a list as its page shows them: facets with counts, chips, ways out of an empty list."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Brand, Option, OptionValue, Product
from catalog.search.indexing import reindex
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shirts(db: None) -> list[Product]:
    """Three shirts of two brands in sizes S, M, L; only the first comes in L, and only the last is reduced."""
    clothes = CategoryFactory.create(name="Clothes")
    shelf = CategoryFactory.create(name="Shirts", parent=clothes)
    acme, zest = Brand.objects.create(name="Acme", slug="acme"), Brand.objects.create(name="Zest", slug="zest")
    made = []
    for number, (brand, sizes) in enumerate([(acme, "SML"), (acme, "SM"), (zest, "M")]):
        shirt = ProductFactory.create(name=f"Shirt {number}", category=shelf, brand=brand, price=1000 + 1000 * number)
        option = Option.objects.create(product=shirt, name="Size", position=1)
        values = [OptionValue.objects.create(option=option, value=size, position=n) for n, size in enumerate(sizes)]
        variant = shirt.variants.get()
        for value in values:
            variant.pk, variant.sku, variant.value_1, variant.name = None, f"S{number}{value}", value, value.value
            variant.save()
        made.append(shirt)
    Product.objects.filter(pk=made[2].pk).update(compare_at_price=9000)
    reindex(shirt.pk for shirt in made)
    return made


def shown(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.context


def names(context: Any) -> list[str]:
    return sorted(card.name for card in context["page_obj"])


def counts(context: Any, facet: str) -> dict[str, int]:
    [found] = [each for each in context["filters"].facets if each.label == facet]
    return {option.label: option.count for option in found.options}


def chips(context: Any) -> dict[str, str]:
    return {chip.label: chip.url for chip in context["filters"].chips}


def test_a_list_shows_what_it_can_be_narrowed_down_by(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/products/")
    assert [facet.label for facet in context["filters"].facets] == ["Brand", "Size"]
    assert counts(context, "Brand") == {"Acme": 2, "Zest": 1}
    assert counts(context, "Size") == {"S": 2, "M": 3, "L": 1}
    assert [(each.label, each.count) for each in context["filters"].categories] == [("Clothes", 3)]
    assert (context["filters"].in_stock, context["filters"].reduced) == (3, 1)


def test_values_of_one_facet_are_ored_and_facets_are_anded(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/products/?size=l&size=m&brand=acme")
    assert names(context) == ["Shirt 0", "Shirt 1"]
    assert names(shown(client, "/products/?size=l&brand=zest")) == []


def test_counts_of_a_facet_leave_its_own_choice_out(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/products/?size=l&size=m&min_price=20")
    assert counts(context, "Size") == {"S": 1, "M": 2, "L": 0}
    assert counts(context, "Brand") == {"Acme": 1, "Zest": 1}


def test_chips_take_off_one_filter_each_and_keep_everything_else(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/products/?size=l&size=m&brand=acme&min_price=5&sort=price&page=1&utm_source=x")
    assert chips(context) == {
        "Brand: Acme": "/products/?size=l&size=m&min_price=5&sort=price&utm_source=x",
        "Size: M": "/products/?size=l&brand=acme&min_price=5&sort=price&utm_source=x",
        "Size: L": "/products/?size=m&brand=acme&min_price=5&sort=price&utm_source=x",
        "€5.00 and more": "/products/?size=l&size=m&brand=acme&sort=price&utm_source=x",
    }
    assert context["filters"].clear_url == "/products/?sort=price"


def test_a_chosen_value_stays_to_be_taken_off_when_nothing_has_it(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/products/?brand=acme&sale=on")
    assert names(context) == []
    assert counts(context, "Brand") == {"Zest": 1, "Acme": 0}
    page = client.get("/products/?brand=acme&sale=on").content.decode()
    assert "Without Brand: Acme: 1 product<" in page
    assert "Without Reduced only: 2 products" in page


def test_a_category_page_leads_to_those_below_it_with_the_filters(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/categories/clothes/?brand=acme&category=nonsense")
    [below] = context["filters"].categories
    assert (below.label, below.count, below.url) == ("Shirts", 2, "/categories/shirts/?brand=acme")


def test_a_search_is_narrowed_down_like_a_list(client: Client, shirts: list[Product]) -> None:
    context = shown(client, "/search/?q=shirt&brand=zest&category=shirts")
    assert names(context) == ["Shirt 2"]
    assert set(chips(context)) == {"Shirts", "Brand: Zest"}
    assert context["filters"].clear_url == "/search/?q=shirt"


def test_price_ranges_are_links(client: Client, shirts: list[Product]) -> None:
    ranges = shown(client, "/products/?brand=acme")["filters"].ranges
    assert sum(each.count for each in ranges) == 2
    assert all("brand=acme" in each.url for each in ranges)
    chosen = shown(client, ranges[0].url)
    assert [each.is_chosen for each in chosen["filters"].ranges] == [True] + [False] * (len(ranges) - 1)
    assert chosen["filters"].ranges[0].url == "/products/?brand=acme"


@pytest.mark.parametrize("query", ["size=%00", "size=nonsense", "a=b", "brand=", "size=" + "x" * 5000, "%00=1", "-=1"])
def test_what_no_product_is_found_by_is_no_filter(client: Client, shirts: list[Product], query: str) -> None:
    context = shown(client, f"/products/?{query}")
    assert len(names(context)) == 3
    assert chips(context) == {}


def test_long_facets_are_folded(client: Client) -> None:
    for number in range(12):
        brand = Brand.objects.create(name=f"Brand {number:02}", slug=f"brand-{number:02}")
        reindex([ProductFactory.create(brand=brand).pk])
    [facet] = shown(client, "/products/")["filters"].facets
    assert (len(facet.first), len(facet.more), facet.is_open) == (8, 4, False)
    [facet] = shown(client, "/products/?brand=brand-11")["filters"].facets
    assert facet.is_open


def test_a_misspelt_word_is_answered_with_the_nearest_and_what_others_like(client: Client) -> None:
    reindex([ProductFactory.create(name="Strawberry pot").pk])
    page = client.get("/search/?q=strawbery").content.decode()
    assert 'Did you mean <a href="/search/?q=strawberry">strawberry</a>?' in page
    assert "What others like" in page
