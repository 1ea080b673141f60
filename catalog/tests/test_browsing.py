from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from catalog import browsing, product_page
from catalog.listing import MAX_PAGES, PER_PAGE, Wanted, count_wanted, list_products
from catalog.models import Category, Product
from catalog.search.indexing import reindex
from catalog.srcset import Picture
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


def names(wanted: Wanted, number: int = 1) -> list[str]:
    return [card.name for card in list_products(wanted, number)]


def test_the_menu_has_two_levels_and_costs_one_query(django_assert_num_queries: Any) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    bowls = CategoryFactory.create(name="Bowls", parent=kitchen)
    CategoryFactory.create(name="Soup bowls", parent=bowls)
    CategoryFactory.create(name="Bath")

    with django_assert_num_queries(1):
        menu = browsing.menu()

    assert [(place.name, [child.name for child in place.children]) for place in menu] == [
        ("Bath", []),
        ("Kitchen", ["Bowls"]),
    ]
    assert menu[1].children[0].url == "/categories/bowls/"


def test_a_category_knows_what_is_above_and_right_below_it(django_assert_num_queries: Any) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    bowls = CategoryFactory.create(name="Bowls", parent=kitchen)
    soup = CategoryFactory.create(name="Soup bowls", parent=bowls)
    CategoryFactory.create(name="Tiny soup bowls", parent=soup)
    CategoryFactory.create(name="Pans", parent=kitchen)
    CategoryFactory.create(name="Garden")

    with django_assert_num_queries(1):
        detail = browsing.category_detail("bowls")

    assert detail.category == bowls
    assert [place.name for place in detail.trail] == ["Kitchen"]
    assert [place.name for place in detail.children] == ["Soup bowls"]


def test_an_unknown_category_does_not_exist() -> None:
    CategoryFactory.create()

    with pytest.raises(Category.DoesNotExist):
        browsing.category_detail("nowhere")


def test_a_card_tells_price_stock_and_picture() -> None:
    product = ProductFactory.create(name="Mug", price=1600, compare_at_price=2000, stock=0)
    VariantFactory.create(product=product, price=1900, stock=3)
    ProductImageFactory.create(product=product, position=2, image="products/back.webp")
    ProductImageFactory.create(product=product, position=1, image="products/front.webp", alt="A mug")

    [card] = list_products(Wanted())

    assert (card.name, card.url, card.price, card.compare_at_price) == ("Mug", "/products/mug/", 1600, 2000)
    assert card.starts_at
    assert card.is_available
    assert card.picture == Picture("/media/products/front.webp", "A mug", 900, 900)


def test_a_card_of_what_is_reserved_to_the_last_piece_is_sold_out() -> None:
    product = ProductFactory.create(stock=2)
    product.variants.get().stock.__class__.objects.update(reserved=2)

    [card] = list_products(Wanted())

    assert not card.is_available
    assert not card.starts_at
    assert card.picture is None


def test_archived_variants_neither_count_as_stock_nor_as_price() -> None:
    product = ProductFactory.create(price=1000, stock=0)
    VariantFactory.create(product=product, price=3000, stock=5, archived_at=timezone.now())

    [card] = list_products(Wanted())

    assert not card.is_available
    assert not card.starts_at


def test_a_product_is_read_with_all_its_page_shows_in_one_query(django_assert_num_queries: Any) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    product = ProductFactory.create(
        category=CategoryFactory.create(name="Mugs", parent=kitchen), sku="MUG-S", price=900, stock=0
    )
    VariantFactory.create(product=product, name="Large", sku="MUG-L", price=1100, stock=3, position=1)
    VariantFactory.create(product=product, archived_at=timezone.now())
    ProductImageFactory.create_batch(2, product=product)

    with django_assert_num_queries(1):
        detail = product_page.product_detail(product.slug)
        assert detail.product.category.name == "Mugs"

    assert [place.name for place in detail.trail] == ["Kitchen", "Mugs"]
    assert [(c.sku, c.price, c.available, c.availability) for c in detail.choices] == [
        ("MUG-S", 900, 0, "Sold out"),
        ("MUG-L", 1100, 3, "Only 3 left"),
    ]
    assert detail.first_choice == detail.choices[1]
    assert detail.is_available
    assert len(detail.pictures) == 2


@pytest.mark.parametrize("hidden", [{"is_published": False}, {"archived_at": timezone.now()}])
def test_what_is_not_on_sale_is_neither_read_nor_listed(hidden: dict[str, Any]) -> None:
    product = ProductFactory.create(**hidden)

    with pytest.raises(Product.DoesNotExist):
        product_page.product_detail(product.slug)
    assert names(Wanted()) == []
    assert names(Wanted(text=product.name)) == []


def test_related_products_come_from_the_same_category_first() -> None:
    kitchen = CategoryFactory.create()
    mugs, pans = CategoryFactory.create(parent=kitchen), CategoryFactory.create(parent=kitchen)
    mug = ProductFactory.create(category=mugs)
    ProductFactory.create(name="Other mug", category=mugs)
    ProductFactory.create(name="Pan", category=pans)
    ProductFactory.create(name="Spade")

    related, more = product_page.beside(mug)
    assert (related, [card.name for card in more]) == ([], ["Other mug", "Pan"])


def test_the_list_is_ordered_as_wanted() -> None:
    ProductFactory.create(name="Bowl", price=300)
    ProductFactory.create(name="Apron", price=900)
    ProductFactory.create(name="Candle", price=600)

    assert names(Wanted()) == ["Candle", "Apron", "Bowl"]
    assert names(Wanted(order="price")) == ["Bowl", "Candle", "Apron"]
    assert names(Wanted(order="-price")) == ["Apron", "Candle", "Bowl"]
    assert names(Wanted(order="name")) == ["Apron", "Bowl", "Candle"]


def test_the_list_is_filtered_as_wanted() -> None:
    kitchen = CategoryFactory.create()
    ProductFactory.create(name="Cheap", price=100, category=CategoryFactory.create(parent=kitchen))
    ProductFactory.create(name="Reduced", price=500, compare_at_price=700)
    ProductFactory.create(name="Gone", price=900, stock=0)

    assert names(Wanted(min_price=100, max_price=500, order="name")) == ["Cheap", "Reduced"]
    assert names(Wanted(min_price=501)) == ["Gone"]
    assert names(Wanted(in_stock=True, order="name")) == ["Cheap", "Reduced"]
    assert names(Wanted(reduced=True)) == ["Reduced"]
    kitchen.refresh_from_db()  # categories are in the order of their names, and may have moved on
    assert names(Wanted(category_path=kitchen.path)) == ["Cheap"]


def test_a_page_has_24_cards_and_knows_the_total_in_two_queries(django_assert_num_queries: Any) -> None:
    ProductFactory.create_batch(PER_PAGE + 2, category=CategoryFactory.create())

    with django_assert_num_queries(2):
        first = list_products(Wanted(), 1)
    second = list_products(Wanted(), 2)

    assert len(first) == PER_PAGE
    assert len(second) == 2
    assert first.paginator.count == second.paginator.count == PER_PAGE + 2
    assert first.paginator.num_pages == 2
    assert not {card.name for card in first} & {card.name for card in second}


def test_a_page_beyond_the_end_is_told_apart_from_an_empty_shop() -> None:
    assert not list_products(Wanted()).is_beyond_the_end

    ProductFactory.create()

    assert list_products(Wanted(), 2).is_beyond_the_end


def test_the_list_ends_before_it_gets_expensive(django_assert_num_queries: Any) -> None:
    ProductFactory.create()

    with django_assert_num_queries(0):
        assert list_products(Wanted(), MAX_PAGES + 1).is_beyond_the_end


def test_search_finds_the_exact_sku_first() -> None:
    ProductFactory.create(name="Sauce for pan-7", description="pan-7 pan-7")
    ProductFactory.create(name="Skillet", sku="PAN-7")

    assert names(Wanted(text="pan-7")) == ["Skillet", "Sauce for pan-7"]


def test_search_knows_other_forms_of_a_word_and_ranks_names_first() -> None:
    ProductFactory.create(name="Towel", description="Goes well with all bowls.")
    ProductFactory.create(name="Nesting Bowls")

    assert names(Wanted(text="bowl")) == ["Nesting Bowls", "Towel"]


@pytest.mark.parametrize("typed", ["strawb", "Strawberry po", "po strawberr", "awberry"])
def test_search_finds_half_a_word(typed: str) -> None:
    ProductFactory.create(name="Strawberry pot")
    ProductFactory.create(name="Fence", description="")

    assert names(Wanted(text=typed)) == ["Strawberry pot"]


def test_search_understands_quotes_and_a_minus() -> None:
    ProductFactory.create(name="Green clay pot")
    ProductFactory.create(name="Clay green mug")

    assert names(Wanted(text='"green clay"')) == ["Green clay pot"]
    assert names(Wanted(text="clay -mug")) == ["Green clay pot"]


@pytest.mark.parametrize(
    "text", ["'", "\\", "a & | !", ":*", "(((", "the", "%", "_", "🙂", "ﷺ", "-", '"', "a" * 100, "<->"]
)
def test_search_takes_any_text(text: str) -> None:
    ProductFactory.create(name="Bowl", description="")

    assert "Bowl" not in names(Wanted(text=text))


def test_search_can_be_ordered_and_filtered() -> None:
    ProductFactory.create(name="Blue bowl", price=500)
    ProductFactory.create(name="Red bowl", price=300)
    ProductFactory.create(name="Old bowl", price=100, stock=0)

    assert names(Wanted(text="bowl", order="price", in_stock=True)) == ["Red bowl", "Blue bowl"]


def test_search_reads_only_a_page_of_cards() -> None:
    ProductFactory.create_batch(PER_PAGE + 1, category=CategoryFactory.create(), description="clay")

    with captured_sql() as statements:
        page = list_products(Wanted(text="clay"))

    assert len(statements) == 3  # what the words mean, the cards, the counts
    assert (len(page), page.paginator.count) == (PER_PAGE, PER_PAGE + 1)


def test_what_is_found_inside_words_has_all_its_pages() -> None:
    reindex([ProductFactory.create(name=f"Cushion {number:02}").pk for number in range(PER_PAGE + 2)])
    wanted = Wanted(text="ushion", order="name")

    assert names(wanted)[:2] == ["Cushion 00", "Cushion 01"]
    assert names(wanted, 2) == ["Cushion 24", "Cushion 25"]
    assert list_products(wanted, 3).is_beyond_the_end
    assert names(Wanted(text="cushion"), 3) == []
    assert count_wanted(wanted).total.count == PER_PAGE + 2
