from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Product
from catalog.options import WantedOption, change_options, generate_missing
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.variants import NewVariant, add_variant, update_variant
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


def page_of(client: Client, slug: str, **asked: str) -> str:
    answer = client.get(f"/products/{slug}/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_a_shopper_needs_to_decide(client: Client) -> None:
    product = ProductFactory.create(
        name="Mug", slug="mug", description="Thrown by hand.", price=1600, compare_at_price=2000, sku="MUG-1"
    )
    ProductImageFactory.create(product=product, alt="A green mug")

    page = page_of(client, "mug")

    for words in ("Mug", "Thrown by hand.", "€16.00", "€20.00", "In stock", "MUG-1", 'alt="A green mug"'):
        assert words in page
    assert 'rel="canonical" href="http://127.0.0.1:8000/products/mug/"' in page
    assert 'property="og:image" content="http://127.0.0.1:8000/media/products/' in page
    assert 'name="description" content="Thrown by hand."' in page


def test_its_only_variant_goes_into_the_cart_by_a_plain_form(client: Client) -> None:
    product = ProductFactory.create(slug="mug", stock=7)

    page = page_of(client, "mug")

    assert 'action="/cart/add/" method="post"' in page
    assert "csrfmiddlewaretoken" in page
    assert f'type="hidden" name="variant" value="{product.variants.get().pk}"' in page
    assert 'max="7"' in page


def test_its_variants_are_chosen_and_those_sold_out_cannot_be(client: Client) -> None:
    product = ProductFactory.create(slug="mug", stock=0)
    large = VariantFactory.create(product=product, name="Large", position=1, stock=2)
    gone = VariantFactory.create(product=product, name="Old", archived_at=timezone.now())

    page = page_of(client, "mug")

    radios = re.findall(r'<input type="radio"[^>]*>', page)
    assert [("disabled" in radio, "checked" in radio) for radio in radios] == [(True, False), (False, True)]
    assert f'value="{large.pk}"' in radios[1]
    assert f'value="{gone.pk}"' not in page
    assert "Only 2 left" in page


def test_what_is_sold_out_cannot_be_added(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=0)

    page = page_of(client, "mug")

    assert "Sold out" in page
    assert 'name="quantity"' not in page


def test_no_more_than_a_cart_takes_can_be_asked_for(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=5000)

    assert 'max="999"' in page_of(client, "mug")


def test_it_leads_back_to_its_categories_and_on_to_others(client: Client) -> None:
    mugs = CategoryFactory.create(name="Mugs", parent=CategoryFactory.create(name="Kitchen"))
    ProductFactory.create(slug="mug", category=mugs)
    ProductFactory.create(name="Other mug", category=mugs)

    page = page_of(client, "mug")

    assert 'href="/categories/kitchen/"' in page
    assert 'href="/categories/mugs/"' in page
    assert "Other mug" in page


def test_a_gallery_needs_no_javascript(client: Client) -> None:
    product = ProductFactory.create(slug="mug")
    _, second = ProductImageFactory.create_batch(2, product=product)

    page = page_of(client, "mug")

    assert f'href="#picture-{second.pk}"' in page
    assert f'id="picture-{second.pk}"' in page


@pytest.mark.parametrize("hidden", [{"is_published": False}, {"archived_at": timezone.now()}])
def test_what_is_not_on_sale_is_not_found(client: Client, hidden: dict[str, Any]) -> None:
    ProductFactory.create(slug="mug", **hidden)

    assert client.get("/products/mug/").status_code == 404


@pytest.mark.parametrize(
    "address", ["/products/nothing/", "/products/%00/", "/products/ü/", f"/products/{'a' * 5000}/"]
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404


def test_a_product_without_any_variant_on_offer_cannot_be_ordered(client: Client) -> None:
    ProductFactory.create(slug="mug", bare=True)

    assert "cannot be ordered" in page_of(client, "mug")


def test_a_name_is_text_and_a_description_the_html_that_was_stored(client: Client) -> None:
    ProductFactory.create(slug="mug", name='"><img src=x>', description="<p>First &amp; <b>second</b></p>")

    page = page_of(client, "mug")

    assert "<img src=x>" not in page
    assert '<div class="prose"><p>First &amp; <b>second</b></p></div>' in page
    assert '<meta name="description" content="First &amp; second">' in page


def test_a_description_without_words_leaves_the_name_to_machines(client: Client) -> None:
    ProductFactory.create(slug="mug", name="Mug & Jug", description="<p><br></p>")

    page = page_of(client, "mug")

    assert '<meta name="description" content="Mug &amp; Jug">' in page
    assert '"description":' not in page


def test_whoever_shares_a_variant_shares_its_picture(client: Client) -> None:
    product = ProductFactory.create(slug="mug", bare=True)
    ProductImageFactory.create(product=product, alt="Green")
    red = ProductImageFactory.create(product=product, alt="Red", position=1)
    VariantFactory.create(product=product, name="Green", sku="G")
    VariantFactory.create(product=product, name="Red", sku="R", image=red)

    assert 'property="og:image:alt" content="Green"' in page_of(client, "mug")
    assert 'property="og:image:alt" content="Red"' in page_of(client, "mug", variant="R")


# --- chosen by options


def a_shirt(**stocks: int) -> Product:
    """A shirt in S and M, blue and red; `S_Red=0` says how many there are of one, `M_Red=-1` that it is not made."""
    product = ProductFactory.create(name="Shirt", slug="shirt", sku="SHIRT-S-BLUE", price=2000)
    options = [WantedOption(name="Size", values=["S", "M"]), WantedOption(name="Colour", values=["Blue", "Red"])]
    change_options(product_id=product.pk, options=options)
    for number, (size, colour) in enumerate([("S", "Red"), ("M", "Blue"), ("M", "Red")], start=1):
        pieces = stocks.get(f"{size}_{colour}", 10)
        named = {"Size": size, "Colour": colour}
        if pieces >= 0:
            new = NewVariant(price=2000 + 100 * number, options=named, stock_quantity=pieces)
            add_variant(product_id=product.pk, new=new)
    return product


def links_of(page: str) -> dict[str, tuple[str, bool, str]]:
    """What each answer leads to, whether it is the present one, and how it looks."""
    found = re.findall(
        r'<a class="pill pill--([a-z-]+)" [^>]*href="([^"]*)"([^>]*)>\s*<span class="pill__name">([^<]*)<', page
    )
    return {text: (href, "aria-current" in rest, state) for state, href, rest, text in found}


def test_options_are_links_to_the_variants(client: Client) -> None:
    a_shirt(S_Red=0, M_Red=-1)

    page = page_of(client, "shirt")

    assert links_of(page) == {
        "S": ("?variant=SHIRT-S-BLUE", True, "free"),
        "M": ("?variant=SHIRT-M-BLUE", False, "free"),
        "Blue": ("?variant=SHIRT-S-BLUE", True, "free"),
        "Red": ("?variant=SHIRT-S-RED", False, "sold-out"),
    }
    assert '<input type="radio"' not in page


def test_the_address_names_the_variant(client: Client) -> None:
    product = a_shirt()
    wanted = product.variants.get(name="M / Red")
    pictures = ProductImageFactory.create_batch(2, product=product)
    update_variant(variant_id=wanted.pk, image_id=pictures[1].pk, compare_at_price=2900)

    page = page_of(client, "shirt", variant="shirt-m-red")

    for words in ("€23.00", "€29.00", "SHIRT-M-RED", f'type="hidden" name="variant" value="{wanted.pk}"'):
        assert words in page
    assert f'data-picture="picture-{pictures[1].pk}"' in page
    assert page.index(f'id="picture-{pictures[1].pk}"') < page.index(f'id="picture-{pictures[0].pk}"')
    assert 'name="next" value="/products/shirt/?variant=SHIRT-M-RED"' in page
    assert 'rel="canonical" href="http://127.0.0.1:8000/products/shirt/"' in page
    assert [text for text, (_, is_chosen, _) in links_of(page).items() if is_chosen] == ["M", "Red"]


def test_a_sold_out_combination_is_shown_but_not_sold(client: Client) -> None:
    a_shirt(S_Red=0)

    page = page_of(client, "shirt", variant="SHIRT-S-RED")

    assert "availability--none" in page
    assert 'name="quantity"' not in page


@pytest.mark.parametrize("variant", ["", "NOTHING", "OF-ANOTHER", "\x00", "ü" * 500, "<script>"])
def test_an_address_that_names_no_variant_shows_the_first_that_can_be_bought(client: Client, variant: str) -> None:
    a_shirt()
    ProductFactory.create(sku="OF-ANOTHER")

    page = page_of(client, "shirt", variant=variant)

    assert '<dd id="sku">SHIRT-S-BLUE</dd>' in page
    assert "<script>" not in page


def test_a_variant_that_is_only_named_is_picked_by_the_address_too(client: Client) -> None:
    product = ProductFactory.create(slug="mug")
    large = VariantFactory.create(product=product, name="Large", position=1, sku="LARGE")

    page = page_of(client, "mug", variant="LARGE")

    assert re.search(rf'value="{large.pk}" required checked', page)


def test_a_hundred_variants_cost_no_more_queries(client: Client) -> None:
    product = a_shirt()
    with captured_sql() as before:
        page_of(client, "shirt")
    sizes = WantedOption(name="Size", values=["S", "M", *map(str, range(48))])
    change_options(product_id=product.pk, options=[sizes, WantedOption(name="Colour", values=["Blue", "Red"])])
    assert len(generate_missing(product_id=product.pk, price=100)) == 96

    with captured_sql() as after:
        page_of(client, "shirt")

    assert len(after) == len(before) <= 6
