"""Descriptions in the admin, in a real browser: on a field that looks like the page, or as HTML."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Collection
from catalog.tests.factories import CollectionFactory
from catalog.tests.test_admin import login

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TABLE = "<table><tbody><tr><th>Size</th><td>M</td></tr></tbody></table>"


@pytest.fixture
def collection() -> Collection:
    return CollectionFactory.create(name="Gifts", description=f"<h2>Care</h2><p>Wash cold.</p>{TABLE}")


@pytest.fixture
def form(page: Page, collection: Collection) -> Page:
    return opened(page, collection)


def opened(page: Page, collection: Collection) -> Page:
    """The page of the collection, before Clara, who keeps the catalogue."""
    session = login("clara").cookies[settings.SESSION_COOKIE_NAME]
    page.goto("/")
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": page.url}])
    page.goto(reverse("admin:catalog_collection_change", args=[collection.pk]))
    return page


def save(form: Page) -> str:
    form.get_by_role("button", name="Save", exact=True).click()
    form.wait_for_url("**/catalog/collection/")
    return Collection.objects.get().description


def test_what_is_typed_is_kept_and_tables_stay(form: Page) -> None:
    editor = form.get_by_role("textbox", name="Description", exact=True)
    expect(editor.locator("h2")).to_have_text("Care")
    editor.locator("p").click(click_count=3)
    form.get_by_role("button", name="Bold").click()
    expect(editor.locator("p b")).to_have_text("Wash cold.")
    assert save(form) == f"<h2>Care</h2><p><b>Wash cold.</b></p>{TABLE}"


def test_the_html_can_be_written_and_nothing_in_it_acts(form: Page) -> None:
    source = form.get_by_role("button", name="HTML")
    source.click()
    form.locator("textarea[name=description]").fill("<p onclick='x()'>New<img src=x onerror='window.hit = 1'></p>")
    source.click()
    editor = form.get_by_role("textbox", name="Description", exact=True)
    expect(editor.locator("p")).to_have_text("New")
    assert editor.locator("img").count() == 0
    assert form.evaluate("window.hit") is None
    assert save(form) == "<p>New</p>"


def test_without_javascript_the_html_is_edited(page_without_javascript: Page, collection: Collection) -> None:
    page = opened(page_without_javascript, collection)
    expect(page.locator("textarea[name=description]")).to_have_value(collection.description)
