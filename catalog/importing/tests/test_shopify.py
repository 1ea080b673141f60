"""The parser, on files that are in order and on files that are not."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.importing.tests.files import as_csv, mug, read

PUBLISHED_FROM = "Published From (product.metafields.shop.published_from)"


def only(content: bytes) -> Any:
    [group] = read(content)
    assert group.product is not None, group.problems
    return group.product


def refusal(content: bytes) -> tuple[int, str, str]:
    [group] = read(content)
    assert group.product is None
    [problem] = [problem for problem in group.problems if problem.is_refusal]
    return problem.line, problem.column, problem.message


def test_a_picture_that_a_variant_shows_first_keeps_its_place_and_its_text() -> None:
    one, two, three = (f"https://example.com/{number}.jpg" for number in (1, 2, 3))
    rows = [
        mug(
            **{
                "Option1 Name": "Size",
                "Option1 Value": "S",
                "Image Src": one,
                "Variant Image": two,
                "Image Alt Text": "",
            }
        ),
        {"Handle": "mug", "Image Src": two, "Image Alt Text": "From above"},
        {"Handle": "mug", "Variant Price": "2", "Variant SKU": "L", "Option1 Value": "L", "Variant Image": three},
    ]

    (group,) = read(as_csv(*rows))

    assert group.product is not None
    assert [(each.url, each.alt) for each in group.product.pictures] == [(one, ""), (two, "From above"), (three, "")]


def test_lines_of_one_handle_are_one_product_with_variants_and_pictures() -> None:
    shirt = only(
        as_csv(
            {
                "Handle": "shirt",
                "Title": "Shirt",
                "Option1 Name": "Size",
                "Option1 Value": "S",
                "Option2 Name": "Colour",
                "Option2 Value": "Red",
                "Variant Price": "20",
                "Image Src": "https://example.com/2.jpg",
                "Image Position": "2",
                "Image Alt Text": "From behind",
            },
            {"Handle": "shirt", "Option1 Value": "M", "Option2 Value": "Red", "Variant Price": "21.5"},
            {"Handle": "shirt", "Image Src": "https://example.com/1.jpg", "Image Position": "1"},
        )
    )

    assert shirt.options == ("Size", "Colour")
    assert [(each.line, each.values, each.price) for each in shirt.variants] == [
        (2, ("S", "Red"), 2000),
        (3, ("M", "Red"), 2150),
    ]
    assert [(each.url, each.alt) for each in shirt.pictures] == [
        ("https://example.com/1.jpg", ""),
        ("https://example.com/2.jpg", "From behind"),
    ]


def test_a_default_title_is_no_option() -> None:
    product = only(as_csv(mug(**{"Option1 Name": "Title", "Option1 Value": "Default Title"})))
    assert product.options == ()
    assert product.variants[0].values == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_marks_at_the_beginning_line_ends_and_line_breaks_in_cells_are_understood(encoding: str, ending: str) -> None:
    text = as_csv(mug(**{"Body (HTML)": "One\nTwo “three”"})).decode().replace("\n", ending)
    product = only(text.encode(encoding))
    assert product.description == f"One{ending}Two “three”"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_stand_in_any_order_between_any_of_the_usual_signs(delimiter: str) -> None:
    row = {"Variant Price": "9.99", "Unheard of": "?", "Title": "Mug", "Handle": "mug"}
    assert only(as_csv(row, delimiter=delimiter)).variants[0].price == 999


def test_the_names_that_columns_have_had_over_the_years_mean_the_same() -> None:
    product = only(
        as_csv(
            {
                "Title": "Mug",
                "URL handle": "mug",
                "Description": "Blue",
                "SKU": "MUG",
                "Price": "9.99",
                "Compare-at price": "12",
                "Inventory quantity": "3",
                "Continue selling when out of stock": "CONTINUE",
                "Weight value (grams)": "350.4",
                "Product image URL": "https://example.com/1.jpg",
            }
        )
    )
    [variant] = product.variants
    assert (variant.sku, variant.price, variant.compare_at_price, variant.quantity) == ("MUG", 999, 1200, 3)
    assert (variant.allows_backorders, variant.weight) == (True, 350)


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"Variant Price": "9,99"}, "Variant Price", "Write decimals with a point, such as 9.99."),
        ({"Variant Price": "-1"}, "Variant Price", "An amount cannot be negative."),
        ({"Variant Price": "0.00"}, "Variant Price", "The price is 0; the shop sells nothing for free."),
        ({"Variant Price": "NaN"}, "Variant Price", "This is not a number."),
        ({"Variant Price": "1e9"}, "Variant Price", "This is not a number."),
        ({"Variant Price": "1.999"}, "Variant Price", "EUR has 2 decimal places."),
        ({"Variant Price": "9" * 30}, "Variant Price", "This amount is too large."),
        ({"Variant Price": "9" * 3000}, "Variant Price", "This is not a number."),
        ({"Variant Compare At Price": "much"}, "Variant Compare At Price", "This is not a number."),
        ({"Variant Grams": "-5"}, "Variant Grams", "The number must lie between 0 and 100000000."),
        ({"Variant Inventory Policy": "maybe"}, "Variant Inventory Policy", "Only deny or continue can stand here."),
        ({"Published": "perhaps"}, "Published", "Write true or false."),
        (
            {PUBLISHED_FROM: "9999-12-31T23:59:59+00:00"},
            PUBLISHED_FROM,
            "Choose a year from 1900 to 2999.",
        ),
        (
            {"Status": "sold"},
            "Status",
            "Only active or draft or archived or unlisted can stand here.",
        ),
        ({"Title": "x" * 201}, "Title", "This has 201 characters; at most 200 can be stored."),
        ({"Variant SKU": "MÜG"}, "Variant SKU", "Only Latin letters, digits and signs can stand here."),
        ({"Option2 Value": "M"}, "Option2 Value", "This is the value of an option that has no name."),
        ({"Gift Card": "true"}, "Gift Card", "This is a gift card; the shop would sell it like any other thing."),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line_and_column(
    cells: dict[str, str], column: str, message: str
) -> None:
    assert refusal(as_csv(mug(**cells))) == (2, column, message)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"Variant Compare At Price": "12.50"}, "This is not higher than the price and was left out."),
        ({"Variant Inventory Qty": "-3"}, "There cannot be fewer than none; 0 was taken."),
        ({"SEO Title": "x" * 121}, "This has 121 characters; the first 120 were taken."),
        ({"Tags": "y" * 61}, f"The tag “{'y' * 60}…” is longer than 60 characters and was left out."),
        ({"Image Src": "ftp://example.com/1.jpg"}, "This is not the web address of a picture; it was left out."),
        (
            {"Variant Taxable": "false"},
            "The shop taxes by class: give the product one without tax, if that is meant.",
        ),
        (
            {"Variant Inventory Qty": "0", "Variant Inventory Tracker": ""},
            "Shopify does not count these pieces; the shop does, and has none until some come in.",
        ),
    ],
)
def test_what_is_taken_otherwise_than_it_stands_there_is_a_hint(cells: dict[str, str], message: str) -> None:
    [group] = read(as_csv(mug(**cells)))
    assert group.product is not None
    assert [problem.message for problem in group.problems] == [message]
