"""Data for machines and the form on sold-out variants in a real browser, which would tell of a broken policy."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from catalog.models import StockAlert
from catalog.richtext import sanitised
from catalog.tests.factories import ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db(transaction=True)
NASTY = "</script><script>document.title = 'taken'</script><!--"


def test_data_blocks_are_read_and_never_executed(page: Page) -> None:
    product = ProductFactory.create(name=NASTY, slug="mug", description=sanitised(NASTY))
    ProductImageFactory.create(product=product, alt=NASTY)
    for address in ("/", "/products/mug/", product.category.get_absolute_url()):
        page.goto(address)

        blocks = page.locator('script[type="application/ld+json"]').all_text_contents()
        assert blocks
        assert all(json.loads(block)["@context"] == "https://schema.org" for block in blocks)
        assert page.title() != "taken"


def test_an_address_is_left_without_a_new_page(page: Page) -> None:
    ProductFactory.create(name="Mug", slug="mug", stock=0)
    page.goto("/products/mug/")
    page.evaluate("document.body.dataset.same = 'yes'")
    form = page.locator("#back-in-stock")

    form.get_by_label("E-mail address").fill("nonsense")
    form.get_by_role("button").click()
    expect(form.locator(".errorlist")).to_be_visible()

    form.get_by_label("E-mail address").fill("alice@example.com")
    form.get_by_role("button").click()
    expect(page.locator("#messages")).to_contain_text("We will write to alice@example.com once")
    assert page.evaluate("document.body.dataset.same") == "yes"
    assert StockAlert.objects.get().email == "alice@example.com"


def test_without_javascript_an_address_is_left_too_and_forgotten_again(page_without_javascript: Page) -> None:
    page = page_without_javascript
    ProductFactory.create(name="Mug", slug="mug", stock=0)
    page.goto("/products/mug/")
    form = page.locator("#back-in-stock")
    expect(form.get_by_label("Leave this empty")).not_to_be_in_viewport()

    form.get_by_label("E-mail address").fill("alice@example.com")
    form.get_by_role("button").click()
    expect(page.locator("#messages")).to_contain_text("We will write to alice@example.com once")

    page.goto(f"/stock-alerts/{StockAlert.objects.get().token}/")
    page.get_by_role("button", name="Yes, forget it").click()
    expect(page.locator("#messages")).to_contain_text("Your address is forgotten.")
    assert not StockAlert.objects.exists()
