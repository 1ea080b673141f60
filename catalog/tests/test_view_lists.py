"""The list of all products and the lists of categories."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db


def listed(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [card.name for card in answer.context["page_obj"]]


def test_the_list_is_sorted_and_filtered_by_the_address(client: Client) -> None:
    bowls = CategoryFactory.create(name="Bowls", parent=CategoryFactory.create(name="Kitchen"))
    ProductFactory.create(name="Blue bowl", price=1250, category=bowls)
    ProductFactory.create(name="Red bowl", price=1000, category=bowls, stock=0)
    ProductFactory.create(name="Spade", price=3000, compare_at_price=4000)

    assert listed(client, "/products/?sort=price") == ["Red bowl", "Blue bowl", "Spade"]
    assert listed(client, "/products/?sort=-price") == ["Spade", "Blue bowl", "Red bowl"]
    assert listed(client, "/products/?sort=name&category=kitchen") == ["Blue bowl", "Red bowl"]
    assert listed(client, "/products/?min_price=12.50&max_price=12.50") == ["Blue bowl"]
    assert listed(client, "/products/?max_price=12,50&in_stock=on") == ["Blue bowl"]
    assert listed(client, "/products/?sale=on") == ["Spade"]


def test_an_older_link_to_the_newest_products_is_the_plain_list(client: Client) -> None:
    ProductFactory.create(name="Bowl")

    answer = client.get("/products/?sort=newest")

    assert [card.name for card in answer.context["page_obj"]] == ["Bowl"]
    assert not answer.context["form"].errors
    assert '<option value="newest"' not in answer.content.decode()
    assert '<option value="newest"' in client.get("/search/?q=bowl").content.decode()


def test_a_category_lists_what_is_below_it_and_leads_up_and_down(client: Client) -> None:
    kitchen = CategoryFactory.create(name="Kitchen", description="All for cooking.")
    bowls = CategoryFactory.create(name="Bowls", parent=kitchen)
    soup = CategoryFactory.create(name="Soup bowls", parent=bowls)
    ProductFactory.create(name="Deep bowl", category=soup)
    ProductFactory.create(name="Spade")

    answer = client.get("/categories/bowls/")

    assert [card.name for card in answer.context["page_obj"]] == ["Deep bowl"]
    page = answer.content.decode()
    assert 'href="/categories/kitchen/"' in page
    assert 'href="/categories/soup-bowls/"' in page
    assert "All for cooking." in client.get("/categories/kitchen/").content.decode()


@pytest.mark.parametrize("address", ["/categories/nowhere/", "/categories/%00/", "/categories/ü/", "/categories/a'b/"])
def test_a_category_that_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "min_price=abc",
        "max_price=-1",
        "min_price=1e309",
        "min_price=NaN",
        "min_price=12.505",
        "min_price=%00",
        "max_price=99999999999999999999",
        "min_price=2&max_price=1",
        "category=nowhere",
        "category=%00",
        "sort=evil",
        "sort=price__password",
    ],
)
def test_a_filter_that_makes_no_sense_is_told_and_left_out(client: Client, query: str) -> None:
    ProductFactory.create(name="Mug", price=1500)

    answer = client.get(f"/products/?{query}")

    assert answer.status_code == 200
    assert "A part of the filter was not understood" in answer.content.decode()
    assert [card.name for card in answer.context["page_obj"]] == ["Mug"]


@pytest.mark.parametrize("page", ["0", "-1", "abc", "1.5", "%00", "", "٣", "²"])
def test_what_is_no_page_number_is_the_first_page(client: Client, page: str) -> None:
    ProductFactory.create(name="Mug")

    assert listed(client, f"/products/?page={page}") == ["Mug"]


@pytest.mark.parametrize("page", ["2", "401", "1000000000000", "9" * 400])
def test_a_page_beyond_the_end_leads_to_the_first(client: Client, page: str) -> None:
    ProductFactory.create()

    answer = client.get(f"/products/?sort=price&page={page}")

    assert answer.status_code == 302
    assert answer["Location"] == "/products/?sort=price"


def test_pages_keep_the_filter(client: Client) -> None:
    ProductFactory.create_batch(25, category=CategoryFactory.create(), price=1000)

    first = client.get("/products/?sort=price&max_price=20").content.decode()

    assert "25 products, page 1 of 2" in first
    assert 'href="?sort=price&amp;max_price=20&amp;page=2"' in first
    assert len(listed(client, "/products/?sort=price&max_price=20&page=2")) == 1


def test_filtered_lists_are_kept_out_of_search_engines(client: Client) -> None:
    ProductFactory.create()

    assert "noindex" not in client.get("/products/").content.decode()
    assert "noindex" in client.get("/products/?in_stock=on").content.decode()


def test_nothing_that_fits_is_said_with_a_way_out(client: Client) -> None:
    ProductFactory.create(price=1000)

    page = client.get("/products/?min_price=500").content.decode()

    assert "Nothing fits this filter" in page
    assert "Clear the filter" in page


def test_what_is_sold_out_or_reduced_wears_a_badge(client: Client) -> None:
    ProductFactory.create(stock=0)
    assert "Sold out" in client.get("/products/").content.decode()

    ProductFactory.create(price=1000, compare_at_price=1200)
    assert ">Sale<" in client.get("/products/").content.decode()


def test_pictures_keep_their_place_while_they_load(client: Client) -> None:
    ProductImageFactory.create()

    assert 'width="900" height="900"' in client.get("/products/").content.decode()
