"""Facets and suggestions in a real browser: with a keyboard alone, on a phone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Brand
from catalog.search.indexing import recount_words, reindex
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory
from shop.testing.browser import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(autouse=True)
def goods() -> None:
    bowls = CategoryFactory.create(name="Bowls", parent=CategoryFactory.create(name="Kitchen"))
    made = []
    for number in range(10):
        brand = Brand.objects.create(name=f"Maker {number}", slug=f"maker-{number}")
        made.append(ProductFactory.create(name=f"Bowl {number}", brand=brand, category=bowls, price=1000 + number))
    ProductImageFactory.create(product=made[0])
    made.append(ProductFactory.create(name="Spade", price=9000))
    reindex(each.pk for each in made)
    recount_words()


def test_facets_narrow_the_list_in_place_and_keep_the_focus(page: Page) -> None:
    page.goto("/products/")
    page.evaluate("document.body.dataset.same = 'yes'")

    page.get_by_label("Maker 3").focus()
    page.keyboard.press("Space")
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 3"])
    expect(page.get_by_label("Maker 3")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="1 product")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 4", "Bowl 3"])
    expect(page).to_have_url(re.compile(r"/products/\?brand=maker-3&brand=maker-4"))

    page.get_by_role("link", name="Remove Brand: Maker 3").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 4"])
    page.go_back()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 4", "Bowl 3"])
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator("#results")).to_contain_text("11 products")


def test_what_was_unfolded_stays_unfolded(page: Page) -> None:
    page.goto("/products/")
    more = page.get_by_label("Maker 9")
    expect(more).to_be_hidden()
    page.get_by_text("Show more").click()
    page.get_by_label("Maker 1").check()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 1"])
    expect(more).to_be_visible()


def test_on_a_phone_the_filter_lies_above_the_products(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    page.goto("/products/")
    before = page.locator("#results").bounding_box()
    expect(page.get_by_label("Maker 2")).to_be_hidden()

    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Maker 2").check()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 2"])
    expect(page.get_by_label("Maker 2")).to_be_visible()
    assert page.locator("#results").bounding_box()["y"] == before["y"]  # type: ignore[index]
    page.get_by_role("button", name="Show the products").click()
    expect(page.get_by_label("Maker 2")).to_be_hidden()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 2"])


def test_a_choice_far_down_leaves_the_products_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/products/")
    page.get_by_text("Show more").click()
    page.get_by_label("Maker 9").scroll_into_view_if_needed()
    page.mouse.move(800, 300)
    page.mouse.wheel(0, 900)
    expect(page.locator("#results .product-card__name").first).not_to_be_in_viewport()

    page.get_by_label("Maker 9").check()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 9"])
    expect(page.locator("#results .product-card__name")).to_be_in_viewport()


def test_what_was_not_found_has_the_whole_width(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/search/?q=zeppelin")
    assert page.locator("#results").bounding_box()["width"] > 900  # type: ignore[index]
    expect(page.get_by_label("Sort by")).to_be_hidden()


def test_the_usual_order_is_no_part_of_the_address(page: Page) -> None:
    page.goto("/products/")
    page.get_by_label("Maker 3").check()
    expect(page).to_have_url(re.compile(r"/products/\?brand=maker-3$"))
    page.get_by_label("Sort by").select_option("price")
    expect(page).to_have_url(re.compile(r"sort=price"))
    page.get_by_label("Sort by").select_option("Newest first")
    expect(page).to_have_url(re.compile(r"/products/\?brand=maker-3$"))


@pytest.mark.parametrize("width", [390, 1280])
def test_without_javascript_facets_are_a_form(open_page: OpenPage, width: int) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": width, "height": 844})
    page.goto("/search/?q=bowl")
    if width == 390:
        page.get_by_role("button", name="Filter").click()
    page.get_by_label("Maker 2").check()
    page.get_by_label("Maker 5").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results .product-card__name")).to_have_count(2)
    assert "q=bowl" in page.url
    page.get_by_role("link", name="Remove Brand: Maker 5").click()
    expect(page.locator("#results .product-card__name")).to_have_text(["Bowl 2"])


def test_suggestions_are_chosen_with_the_keyboard(page: Page) -> None:
    page.goto("/")
    field = page.get_by_role("combobox", name="Search the shop")
    field.focus()
    page.keyboard.type("bow")
    options = page.locator("#search-bar-suggestions [role=option]")
    expect(options.first).to_have_text("bowl")
    expect(field).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("bow")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bowls")


def test_a_suggestion_that_fails_leaves_the_shopper_typing(page: Page) -> None:
    page.route("**/search/suggestions/**", lambda route: route.fulfill(status=503, body="Busy"))
    page.goto("/")
    with page.expect_response("**/search/suggestions/**"):
        page.get_by_role("combobox", name="Search the shop").press_sequentially("spa")
    page.keyboard.type("de")
    expect(page.get_by_role("combobox", name="Search the shop")).to_have_value("spade")
    page.keyboard.press("Enter")
    expect(page.locator("#results .product-card__name")).to_have_text(["Spade"])


def test_enter_without_a_choice_searches(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Search the shop").fill("spade")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("“spade”")
    expect(page.locator("#results .product-card__name")).to_have_text(["Spade"])


def test_suggestions_go_away_when_the_field_is_left(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Search the shop").focus()
    page.keyboard.type("spa")
    option = page.get_by_role("option", name="Spade €90.00")
    expect(option).to_be_visible()
    page.keyboard.press("Tab")
    expect(option).to_be_hidden()


def test_without_javascript_the_field_searches(page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto("/")
    page.get_by_role("searchbox", name="Search the shop").fill("spade")
    page.keyboard.press("Enter")
    expect(page.locator("#results .product-card__name")).to_have_text(["Spade"])
