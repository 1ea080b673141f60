"""The catalogue in a real browser: with JavaScript nothing reloads, without it everything works."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product
from catalog.options import WantedOption, change_options, generate_missing
from catalog.search.indexing import reindex
from catalog.tests.factories import BrandFactory, CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.variants import update_variant
from shop.testing.browser import OpenPage

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(autouse=True)
def goods() -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    mug = ProductFactory.create(name="Mug", slug="mug", category=mugs, price=1600, stock=0)
    VariantFactory.create(product=mug, name="Large", price=1900, position=1, sku="MUG-L")
    VariantFactory.create(product=mug, name="Huge", price=2500, position=2, stock=3, sku="MUG-H")
    ProductImageFactory.create_batch(2, product=mug)
    ProductFactory.create(name="Spade", slug="spade", price=3000, compare_at_price=4000)


def test_the_price_follows_the_variant_and_the_cart_counts_without_a_new_page(page: Page) -> None:
    page.goto("/products/mug/")
    expect(page.locator("#price")).to_contain_text("€19.00")

    page.get_by_label("Huge").check()
    expect(page.locator("#price")).to_contain_text("€25.00")
    expect(page.locator("#availability")).to_have_text("Only 3 left")
    expect(page.locator("#sku")).to_have_text("MUG-H")

    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart-link")).to_contain_text("2 pieces")
    expect(page.locator("#messages")).to_contain_text("Mug")
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_without_javascript_the_cart_takes_the_chosen_variant(page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto("/products/mug/")

    page.get_by_label("Huge").check()
    page.get_by_role("button", name="Add to cart").click()

    expect(page.locator("#cart-link")).to_contain_text("1 piece")


def test_a_filter_changes_the_list_and_the_address_in_place(page: Page) -> None:
    page.goto("/products/")
    page.evaluate("document.body.dataset.same = 'yes'")

    page.get_by_label("Reduced only").check()

    expect(page.locator(".product-card__name")).to_have_text(["Spade"])
    assert "sale=on" in page.url
    assert "min_price" not in page.url
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_without_javascript_the_filter_is_a_form(page_without_javascript: Page) -> None:
    page = page_without_javascript
    page.goto("/products/")

    page.get_by_label("Price to").fill("20")
    page.get_by_role("button", name="Apply").click()

    expect(page.locator(".product-card__name")).to_have_text(["Mug"])


def test_the_menu_of_a_phone_opens_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, **PHONE)
    page.goto("/")

    page.locator("summary[aria-label=Menu]").click()
    page.locator(".site-menu").get_by_role("link", name="Mugs").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Mugs")


@pytest.mark.parametrize(
    "address", ["/", "/products/", "/categories/kitchen/", "/products/mug/", "/search/?q=mug", "/search/"]
)
def test_no_page_is_wider_than_a_phone(open_page: OpenPage, address: str) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    page.goto(address)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


# --- choosing by options


@pytest.fixture
def shirt() -> Product:
    """In two sizes and colours, S / Red sold out, M / Red with a picture of its own and not cheap."""
    product = ProductFactory.create(name="Shirt", slug="shirt", price=2000, sku="SHIRT-S-BLUE")
    options = [WantedOption(name="Size", values=["S", "M"]), WantedOption(name="Colour", values=["Blue", "Red"])]
    change_options(product_id=product.pk, options=options)
    generate_missing(product_id=product.pk, price=2000, stock_quantity=9)
    pictures = ProductImageFactory.create_batch(2, product=product)
    special = product.variants.get(name="M / Red")
    update_variant(variant_id=special.pk, price=2400, compare_at_price=3000, stock_quantity=3, image_id=pictures[1].pk)
    update_variant(variant_id=product.variants.get(name="S / Red").pk, stock_quantity=0)
    return product


def test_choosing_changes_all_that_belongs_to_a_variant_and_the_address_in_place(page: Page, shirt: Product) -> None:
    page.goto("/products/shirt/")
    page.evaluate("document.body.dataset.same = 'yes'")
    expect(page.locator("#price")).to_contain_text("€20.00")

    page.get_by_role("link", name="M", exact=True).click()
    expect(page.locator("#sku")).to_have_text("SHIRT-M-BLUE")
    page.get_by_role("link", name="Red").click()

    expect(page.locator("#price")).to_contain_text("€24.00")
    expect(page.locator("#price")).to_contain_text("€30.00")
    expect(page.locator("#sku")).to_have_text("SHIRT-M-RED")
    expect(page.locator("#availability")).to_have_text("Only 3 left")
    expect(page.get_by_label("Quantity")).to_have_attribute("max", "3")
    expect(page.locator("#chosen")).to_contain_text("M")
    expect(page).to_have_url(re.compile(r"/products/shirt/\?variant=SHIRT-M-RED$"))
    own = f"#picture-{shirt.variants.get(name='M / Red').image_id}"
    expect(page.locator(f'.gallery__small a[href="{own}"]')).to_have_attribute("aria-current", "true")
    assert page.evaluate("document.body.dataset.same") == "yes"

    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#messages")).to_contain_text("M / Red")
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_a_sold_out_combination_can_be_looked_at_with_the_keyboard_but_not_bought(page: Page, shirt: Product) -> None:
    page.goto("/products/shirt/")

    page.get_by_role("link", name="Red Sold out").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#availability")).to_have_text("Sold out")
    expect(page.get_by_role("button", name="Sold out")).to_be_disabled()
    expect(page.get_by_role("link", name="Red")).to_be_focused()
    expect(page.get_by_label("Quantity")).to_have_count(0)


def test_without_javascript_choosing_is_following_links(page_without_javascript: Page, shirt: Product) -> None:
    page = page_without_javascript
    page.goto("/products/shirt/")

    page.get_by_role("link", name="M", exact=True).click()
    page.get_by_role("link", name="Red").click()

    expect(page).to_have_url(re.compile(r"\?variant=SHIRT-M-RED$"))
    expect(page.locator("#price")).to_contain_text("€24.00")
    own = f"picture-{shirt.variants.get(name='M / Red').image_id}"
    expect(page.locator(".gallery__row > li").first).to_have_id(own)

    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart-link")).to_contain_text("1 piece")
    expect(page).to_have_url(re.compile(r"/products/shirt/\?variant=SHIRT-M-RED$"))
    page.goto("/cart/")
    expect(page.locator(".cart-line")).to_contain_text("M / Red")


def test_a_variant_that_is_only_named_gets_into_the_address_too(page: Page) -> None:
    page.goto("/products/mug/")

    page.get_by_label("Huge").check()

    expect(page).to_have_url(re.compile(r"\?variant=MUG-H$"))
    page.reload()
    expect(page.get_by_label("Huge")).to_be_checked()


def test_words_without_end_stay_on_a_phone_s_page(open_page: OpenPage) -> None:
    """Values of options and brands are the merchant's, in languages with words as long as they like."""
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    Product.objects.filter(slug="spade").update(brand=BrandFactory.create(name=word, slug="long"))
    spade = Product.objects.get(slug="spade")
    reindex([spade.pk])
    change_options(product_id=spade.pk, options=[WantedOption(name=word, values=[word, f"{word}n"])])
    page = open_page(**PHONE)
    for address in ("/products/spade/", "/products/?brand=long"):
        page.goto(address)
        expect(page.locator("main")).to_contain_text(word)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, address
