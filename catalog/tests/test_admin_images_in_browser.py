"""Pictures dragged into their order, in a real browser."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from catalog.models import ProductImage
from catalog.tests.factories import ProductFactory, ProductImageFactory
from catalog.tests.test_admin import login

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_picture_is_dragged_to_another_place(page: Page, live_server: object) -> None:
    product = ProductFactory.create()
    first, second = (ProductImageFactory.create(product=product, position=number) for number in range(2))
    session = login("clara").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}])
    page.goto(reverse("admin:catalog_product_change", args=[product.pk]))

    rows = page.locator("#images-data tbody.form-group.original")
    rows.first.scroll_into_view_if_needed()
    handle, target = rows.nth(0).locator(".material-symbols-outlined").first, rows.nth(1)
    start, end = handle.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] + 30, steps=5)
    page.mouse.move(start["x"] + 5, end["y"] + end["height"] - 5, steps=15)
    page.mouse.up()
    page.wait_for_function(
        "pk => document.querySelector('#images-data tbody.form-group.original input[name$=\"-id\"]').value == pk",
        arg=second.pk,
    )
    page.locator("[name=_save]").click()
    page.wait_for_url("**/admin/catalog/product/")

    assert list(ProductImage.objects.values_list("pk", flat=True)) == [second.pk, first.pk]
