from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import islice
from math import prod

import pytest

from catalog.demo.assortment import CATEGORIES, PRODUCTS, DemoProduct, drawings, generated
from catalog.demo.drawing import VIEWS
from catalog.demo.drawing_colours import PALETTES
from catalog.demo.drawing_kinds import KINDS
from catalog.demo.supplies import barcode_of
from catalog.feeds.gtin import gtin_of

GENERATED = tuple(generated(3000))


def stock(product: DemoProduct) -> int:
    return sum(variant.stock for variant in product.variants)


def test_the_shop_has_at_least_sixty_products_and_sixteen_kinds_of_pictures() -> None:
    assert len(PRODUCTS) >= 72
    assert len({drawing.kind for drawing in drawings()}) >= 16


def test_slugs_and_skus_are_unique_also_among_generated_products() -> None:
    everything = PRODUCTS + GENERATED
    slugs = Counter(product.slug for product in everything)
    skus = Counter(variant.sku.lower() for product in everything for variant in product.variants)
    assert [slug for slug, n in slugs.items() if n > 1] == []
    assert [sku for sku, n in skus.items() if n > 1] == []
    assert all(slugs)
    assert all(skus)


def test_names_are_unique_and_fit_their_columns() -> None:
    assert len({product.name for product in PRODUCTS}) == len(PRODUCTS)
    assert max(len(product.name) for product in PRODUCTS + GENERATED) <= 100
    assert max(len(product.slug) for product in PRODUCTS + GENERATED) <= 100


def test_the_tree_has_two_levels_with_parents_first() -> None:
    tops: set[str] = set()
    for category in CATEGORIES:
        if category.parent:
            assert category.parent in tops
        else:
            tops.add(category.slug)
        assert category.description.endswith(".")
    assert 4 <= len(tops) <= 5
    assert len({category.slug for category in CATEGORIES}) == len(CATEGORIES)


def test_every_sub_category_is_used_and_only_those() -> None:
    leaves = {category.slug for category in CATEGORIES if category.parent}
    assert {product.category for product in PRODUCTS} == leaves
    assert {product.category for product in GENERATED} == leaves


@pytest.mark.parametrize("products", [PRODUCTS, GENERATED], ids=["listed", "generated"])
def test_prices_are_positive_cents_and_former_prices_higher(products: tuple[DemoProduct, ...]) -> None:
    for variant in (variant for product in products for variant in product.variants):
        price = Decimal(variant.price)
        assert price > 0
        assert price.as_tuple().exponent == -2
        assert variant.stock >= 0
        if variant.compare_at_price is not None:
            assert Decimal(variant.compare_at_price) > price


def test_some_products_are_on_sale_some_sold_out_and_some_nearly() -> None:
    on_sale = [p for p in PRODUCTS if any(v.compare_at_price for v in p.variants)]
    assert len(on_sale) >= 12
    assert sum(stock(product) == 0 for product in PRODUCTS) >= 6
    assert sum(0 < stock(product) <= 5 for product in PRODUCTS) >= 6


def test_about_a_third_comes_in_variants_and_some_of_those_are_sold_out() -> None:
    choices = [product for product in PRODUCTS if len(product.variants) > 1]
    assert len(PRODUCTS) / 4 <= len(choices) <= len(PRODUCTS) / 2
    for product in choices:
        names = [variant.name for variant in product.variants]
        assert 2 <= len(names) <= 4 or len(product.options) > 1
        assert all(names)
        assert len(set(names)) == len(names)
    assert any(0 in {v.stock for v in product.variants} and stock(product) for product in choices)


def test_products_are_chosen_by_one_two_or_three_options_and_some_by_name_only() -> None:
    choices = [product for product in PRODUCTS if len(product.variants) > 1]
    assert {len(product.options) for product in choices} == {0, 1, 2, 3}
    for product in choices:
        values = [variant.values for variant in product.variants]
        assert all(len(each) == len(product.options) for each in values)
        assert not product.options or len(set(values)) == len(values)
        assert all(variant.picture is None or variant.picture < len(product.pictures) for variant in product.variants)


def test_of_combinations_some_are_sold_out_some_reduced_and_some_not_made() -> None:
    combined = [product for product in PRODUCTS if len(product.options) > 1]
    assert any(0 in {variant.stock for variant in product.variants} for product in combined)
    assert any(variant.compare_at_price for product in combined for variant in product.variants)
    assert any(
        len(product.variants) < prod(len({variant.values[place] for variant in product.variants}) for place in (0, 1))
        for product in combined
    )
    assert any(len({variant.picture for variant in product.variants}) > 2 for product in combined)


def test_a_product_without_a_choice_has_one_unnamed_variant() -> None:
    assert all(len(p.variants) > 1 or p.variants[0].name == "" for p in PRODUCTS)


def test_descriptions_have_two_or_three_paragraphs() -> None:
    for product in PRODUCTS:
        paragraphs = product.description.split("\n\n")
        assert 2 <= len(paragraphs) <= 3
        assert all(text.endswith(".") for text in paragraphs)
        assert len(product.description) > 100


def test_every_picture_can_be_drawn_and_says_what_it_shows() -> None:
    for product in PRODUCTS:
        assert 1 <= len(product.pictures) <= 6
        assert product.pictures[0].drawing.view == "front"
        for picture in product.pictures:
            assert picture.drawing.kind in KINDS
            assert picture.drawing.palette in PALETTES
            assert picture.drawing.view in VIEWS
            assert len(picture.alt) > 15
    fronts = [product.pictures[0].drawing for product in PRODUCTS]
    assert len(set(fronts)) == len(fronts)


def test_drawings_have_unique_file_names() -> None:
    assert len({drawing.filename for drawing in drawings()}) == len(drawings())


def test_generated_products_need_no_further_pictures() -> None:
    known = set(drawings())
    assert all(picture.drawing in known for product in GENERATED for picture in product.pictures)


def test_generated_products_are_the_same_every_time() -> None:
    assert tuple(islice(generated(10_000), 3000)) == GENERATED


def test_generated_products_are_spread_evenly_over_the_shelves() -> None:
    counts = Counter(product.category for product in GENERATED)
    listed = Counter(product.category for product in PRODUCTS)
    for category, n in listed.items():
        assert abs(counts[category] / len(GENERATED) - n / len(PRODUCTS)) < 0.01


def test_nearly_everything_has_a_barcode_of_its_own_that_scanners_take() -> None:
    codes = [barcode_of(variant.sku) for product in PRODUCTS for variant in product.variants]
    printed = [code for code in codes if code]
    assert len(codes) > len(printed) > 0.8 * len(codes)
    assert len(set(printed)) == len(printed), "choose another salt in barcode_of"
    assert [code for code in printed if gtin_of(code) != code] == []
