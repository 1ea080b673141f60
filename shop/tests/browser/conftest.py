from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory
from shop.testing.browser import OpenPage
from shop.tests.browser.walking import Visitor


@pytest.fixture
def kitchen(transactional_db: None) -> dict[str, Product]:
    """A small shop: one category with two products."""
    category = CategoryFactory.create(name="Kitchen")
    return {
        "mug": ProductFactory.create(category=category, name="Speckled mug", price=1250, stock=10),
        "bowl": ProductFactory.create(category=category, name="Oak bowl", price=4800, stock=3),
    }


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def visitor(request: pytest.FixtureRequest, open_page: OpenPage) -> Any:
    """Somebody in front of a browser; whatever the console complains about fails the test."""
    visitor = Visitor(open_page(java_script_enabled=request.param))
    yield visitor
    assert visitor.complaints == []


@pytest.fixture
def phone(open_page: OpenPage) -> Any:
    """The same on a phone."""
    visitor = Visitor(open_page(viewport={"width": 390, "height": 780}, is_mobile=True, has_touch=True))
    yield visitor
    assert visitor.complaints == []
