"""Pictures as pages show them, with and without smaller copies."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

from catalog.models import ProductImage, Variant
from catalog.srcset import Picture, Rendition, picture
from catalog.tests.factories import ProductFactory, ProductImageFactory

COPIES: list[Rendition] = [
    {"format": "avif", "width": 320, "name": "products/a-320.avif"},
    {"format": "webp", "width": 320, "name": "products/a-320.webp"},
    {"format": "avif", "width": 900, "name": "products/a-900.avif"},
]


def shown(renditions: list[Rendition]) -> Picture:
    return picture(name="products/a b.webp", alt="A mug", width=900, height=600, renditions=renditions)


def test_the_picture_itself_is_the_largest_of_its_format() -> None:
    assert shown(COPIES) == Picture(
        "/media/products/a%20b.webp",
        "A mug",
        900,
        600,
        avif="/media/products/a-320.avif 320w, /media/products/a-900.avif 900w",
        webp="/media/products/a-320.webp 320w, /media/products/a%20b.webp 900w",
    )


def test_without_copies_it_stands_alone() -> None:
    assert shown([]) == Picture("/media/products/a%20b.webp", "A mug", 900, 600)
    page = render_to_string("_partials/picture.html", {"picture": shown([]), "sizes": "100vw"})
    assert "<source" not in page
    assert 'src="/media/products/a%20b.webp" alt="A mug" width="900" height="600" loading="lazy"' in page


def test_browsers_are_told_how_wide_it_is_shown() -> None:
    page = render_to_string("_partials/picture.html", {"picture": shown(COPIES), "sizes": "4.5rem", "eager": True})
    assert page.index("image/avif") < page.index("image/webp") < page.index("<img")
    assert page.count('sizes="4.5rem"') == 2
    assert 'fetchpriority="high"' in page
    assert "lazy" not in page


@pytest.mark.django_db
class TestOfAProduct:
    def test_without_a_text_it_is_called_as_the_product(self, client: Client) -> None:
        product = ProductFactory.create(slug="mug", name="Stone mug")
        ProductImageFactory.create(product=product, alt="", renditions=COPIES)
        for page in ("/products/", "/products/mug/"):
            text = client.get(page).content.decode()
            assert 'alt="Stone mug"' in text
            assert "/media/products/a-320.avif 320w" in text

    def test_pages_leave_out_what_has_not_been_fetched(self, client: Client) -> None:
        product = ProductFactory.create(slug="mug")
        ProductImage.objects.create(product=product, source_url="https://example.com/a.png", state="waiting")
        for page in ("/products/", "/products/mug/"):
            text = client.get(page).content.decode()
            assert "<img" not in text

    def test_only_the_first_picture_is_loaded_at_once(self, client: Client) -> None:
        product = ProductFactory.create(slug="mug")
        ProductImageFactory.create_batch(3, product=product)
        text = client.get("/products/mug/").content.decode()
        gallery = text[text.index("gallery__row") : text.index("gallery__small")]
        assert (gallery.count('fetchpriority="high"'), gallery.count('loading="lazy"')) == (1, 2)

    def test_a_variant_shows_its_own_picture_or_else_the_first(self) -> None:
        product = ProductFactory.create()
        ProductImage.objects.create(product=product, source_url="https://example.com/a.png", state="waiting")
        first, second = ProductImageFactory.create_batch(2, product=product)
        variant = product.variants.get()
        assert urls(variant) == first.image.url
        variant.image = second
        variant.save()
        assert urls(variant) == second.image.url
        product.images.all().delete()
        assert urls(variant) == ""


def urls(variant: Variant) -> str:
    found = Variant.objects.get(pk=variant.pk).picture
    return found.url if found else ""
