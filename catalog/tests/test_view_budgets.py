"""What a page of the catalogue costs at most, for a guest and a customer, with something in the cart.

Three queries are the session, the customer and the cart, one is the menu. A list reads its cards, the counts of all its
facets, and the filters in its address; a search reads the words, looks once more when nothing is called so, and notes
what found nothing.
"""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.models import Product, RelatedProduct
from catalog.tests.factories import (
    CategoryFactory,
    CollectionFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
PAGE, LIST = 6, 8
PAGES = [
    "/",
    "/products/",
    "/products/?page=2&sort=price&in_stock=on&sale=on&category=bowls",
    "/categories/kitchen/",
    "/categories/bowls/?min_price=1",
    "/products/bowl-0/",
    "/collections/",
    "/collections/reduced/?sort=price",
    "/search/",
    "/search/?q=bowl",
    "/search/?q=owl",
    "/search/?q=nothing",
]


def budget(page: str) -> int:
    return LIST if "categories/" in page or "?" in page or page == "/products/" else PAGE


def fill_the_shop(count: int) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    bowls = CategoryFactory.create(name="Bowls", parent=kitchen)
    for number in range(count):
        bowl = ProductFactory.create(name=f"Bowl {number}", category=bowls, price=1000, compare_at_price=1200)
        VariantFactory.create(product=bowl, price=1400)
        ProductImageFactory.create_batch(2, product=bowl)
    if count > 1:
        RelatedProduct.objects.create(
            product=Product.objects.get(slug="bowl-0"), other=Product.objects.get(slug="bowl-1")
        )
    CollectionFactory.create(name="Reduced", rules=[{"field": "reduced"}, {"field": "category", "category": kitchen}])


def put_into_cart(client: Client) -> None:
    variant = Product.objects.get(slug="bowl-0").variants.first()
    assert variant is not None
    answer = client.post(reverse("orders:cart-add"), {"variant": variant.pk, "quantity": 2})
    assert answer.status_code == 302
    client.get("/")  # the message about it is read


def queries_of(client: Client, page: str) -> list[str]:
    client.get(page)  # what is popular is looked up every few minutes only
    with captured_sql() as statements:
        assert client.get(page).status_code == 200
    return statements


@pytest.fixture
def customer(client: Client) -> Client:
    user = get_user_model()(username="alice", email="alice@example.com")
    user.set_password("violet-teapot-41")
    user.save()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stays_within_its_budget_for_a_guest(client: Client, page: str) -> None:
    fill_the_shop(30)
    put_into_cart(client)

    statements = queries_of(client, page)

    assert len(statements) <= budget(page), "\n".join(statements)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stays_within_its_budget_for_a_customer(customer: Client, page: str) -> None:
    fill_the_shop(30)
    put_into_cart(customer)

    statements = queries_of(customer, page)

    assert len(statements) <= budget(page), "\n".join(statements)


@pytest.mark.parametrize("page", [page for page in PAGES if "page=2" not in page])
def test_more_products_cost_no_more_queries(client: Client, page: str) -> None:
    fill_the_shop(1)
    with_one = len(queries_of(client, page))
    kitchen = Product.objects.get().category
    for _ in range(25):
        ProductFactory.create(category=kitchen, description="A bowl")

    assert len(queries_of(client, page)) <= with_one
